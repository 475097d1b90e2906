import Penstock

/// An isolation domain without an event loop: an actor that turns its scheduler whenever there is something to do.
actor Archive {
    private var scheduler: ManualScheduler?
    private(set) var rows: [Int] = []

    /// A way in for everybody else.
    func open(marks: Watermarks) throws -> ConsumerHandle<Int> {
        let scheduler = ManualScheduler(wake: { [weak self] in
            Task { await self?.turn() }
        })
        self.scheduler = scheduler
        let sink = NullConsumer<Int>(weight: { _ in 1 }, scheduler: scheduler)
        sink.onElement = { [unowned self] row in rows.append(row) }
        return try ConsumerHandle(sink, marks: marks, weight: { _ in 1 })
    }

    private func turn() { scheduler?.runTurn() }
}
