/// What the queues of the article "Prove your own consumer" hold.
struct Job {
    var number: Int
    var pages: Int
}
