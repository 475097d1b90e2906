import NIOCore
import NIOPosix
import Penstock
import PenstockNIO

/// A consumer that writes to a file, in order, on a thread pool: one job at a time, so the disk holds no event loop and a
/// slow one slows the producer.
///
/// Bytes count toward the level until the job that writes them has succeeded. The stream ends once the file is closed; an
/// error of the disk ends it at once.
final class FileSink: GatedConsumer {
    typealias Element = ByteBuffer

    let gate: Gate
    /// The bytes that are in the file.
    private(set) var bytesWritten = 0

    private let file: OutputFile
    private let scheduler: EventLoopScheduler
    private let pool: NIOThreadPool
    private var waiting = CircularBuffer<ByteBuffer>()
    private var onLoan = 0
    private var isWorking = false
    private var isCreated = false

    /// - Parameter marks: What may wait for the disk, in bytes.
    init(file: OutputFile, marks: Watermarks, scheduler: EventLoopScheduler, pool: NIOThreadPool = .singleton) {
        self.file = file
        self.scheduler = scheduler
        self.pool = pool
        gate = Gate(name: "file", flow: FlowControl(marks: marks), scheduler: scheduler)
        gate.owner = self
        work()
    }

    @discardableResult
    func write(_ element: consuming ByteBuffer) -> WriteOutcome {
        let bytes = element.readableBytes
        guard bytes > 0 else { return gate.acceptEmpty() }
        guard gate.admits(weight: bytes) else { return .closed }
        waiting.append(element)
        work()
        return gate.accept(weight: bytes)
    }

    @discardableResult
    func write(contentsOf elements: some Sequence<ByteBuffer>) -> WriteOutcome {
        guard gate.flow.isTaking else {
            for element in elements { _ = gate.admits(weight: element.readableBytes) }
            return .closed
        }
        guard gate.admits(weight: 0, elements: 0) else { return .closed }
        var count = 0
        var total = 0
        var hasEmpty = false
        for element in elements {
            guard element.readableBytes > 0 else {
                hasEmpty = true
                continue
            }
            waiting.append(element)
            count += 1
            total += element.readableBytes
        }
        // No element at all is no answer to a question.
        guard count > 0 else { return hasEmpty ? gate.acceptEmpty() : gate.settle() }
        work()
        return gate.accept(weight: total, elements: count)
    }

    /// Everything has been written: closes the file, and that may still fail.
    func gateDrained(_ reason: EndReason) {
        isWorking = true
        run({ file throws(OutputError) in try file.finish() }) { [self] in gate.end(reason) }
    }

    func discardHeld() -> Int {
        defer { waiting.removeAll() }
        return waiting.count + onLoan
    }

    /// Writes what waits, if nothing is being written; first of all the file is created.
    private func work() {
        guard !isWorking, gate.end == nil else { return }
        guard isCreated else {
            isWorking = true
            isCreated = true
            return run({ file throws(OutputError) in try file.create() }) { [self] in
                isWorking = false
                work()
            }
        }
        guard !waiting.isEmpty else { return }
        isWorking = true
        let batch = Array(waiting)
        waiting.removeAll(keepingCapacity: true)
        onLoan = batch.count
        let bytes = batch.reduce(0) { $0 + $1.readableBytes }
        run({ file throws(OutputError) in try file.write(batch) }) { [self] in
            isWorking = false
            onLoan = 0
            bytesWritten += bytes
            work()
            if gate.end == nil { gate.drain(weight: bytes) }
        }
    }

    private func run(
        _ job: @escaping @Sendable (OutputFile) throws(OutputError) -> Void,
        then next: @escaping () -> Void
    ) {
        let done = pool.runIfActive(eventLoop: scheduler.eventLoop) { [file] in try job(file) }
        done.assumeIsolated().whenComplete { [self] result in
            switch result {
            case .success: next()
            case .failure(let error): gate.end(.failed(error))
            }
        }
    }
}

@available(*, unavailable)
extension FileSink: Sendable {}
