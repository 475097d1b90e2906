extension Source {
    /// What is produced, as an asynchronous sequence over a buffer of its own: reading is what makes room.
    ///
    /// ```swift
    /// for try await row in try rows.elements(marks: Watermarks(low: 8, high: 16), weight: { _ in 1 }, scheduler: loop) {
    ///     use(row)
    /// }
    /// ```
    ///
    /// Leaving the loop stops the source with the reason ``EndReason/Code/readerLeft``, and so does letting go of the reader.
    /// A source that fails throws its original error behind its last element.
    ///
    /// - Parameters:
    ///   - marks: How much is read ahead.
    ///   - weight: What an element costs, at least 1.
    ///   - scheduler: Serves the isolation domain of the source.
    ///   - name: Shown in snapshots and errors.
    /// - Throws: ``RegistrationError`` if the source is attached to another consumer or used up.
    public func elements(
        marks: Watermarks,
        weight: @escaping (Output) -> Int,
        scheduler: any Scheduler,
        name: String = "elements"
    ) throws(RegistrationError) -> AsyncReader<Output> {
        try read(from: Buffer(marks: marks, weight: weight, scheduler: scheduler, name: name))
    }

    private func read(from buffer: Buffer<Output>) throws(RegistrationError) -> AsyncReader<Output> {
        let reader = AsyncReader(buffer, isOwner: true)
        try attach(to: buffer, atEnd: .finish, done: { _ in })
        return reader
    }
}

extension Source where Output: Weighted {
    /// What is produced, as an asynchronous sequence over a buffer of its own; the elements know their weight.
    ///
    /// - Parameters:
    ///   - marks: How much is read ahead; 32 KiB and 64 KiB by default.
    ///   - scheduler: Serves the isolation domain of the source.
    ///   - name: Shown in snapshots and errors.
    /// - Throws: ``RegistrationError`` if the source is attached to another consumer or used up.
    public func elements(
        marks: Watermarks = .bytes,
        scheduler: any Scheduler,
        name: String = "elements"
    ) throws(RegistrationError) -> AsyncReader<Output> {
        try read(from: Buffer(marks: marks, scheduler: scheduler, name: name))
    }
}
