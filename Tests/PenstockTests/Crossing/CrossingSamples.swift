import Penstock

// The samples of the article on crossing domains; that of the actor is `Archive`.

func feed(_ handle: ConsumerHandle<Int>, on scheduler: any Scheduler) throws {
    let numbers = SequenceSource(1...1_000, scheduler: scheduler)
    try numbers.attach(to: handle.consumer(on: scheduler))
}

func consume(_ handle: SourceHandle<Int>, into sink: any Consumer<Int>) throws {
    try handle.source(on: sink.scheduler).attach(to: sink)
}

func store(_ rows: [Int], in handle: ConsumerHandle<Int>) async throws -> Delivery {
    for row in rows { try await handle.write(row) }
    return try await handle.finish()
}
