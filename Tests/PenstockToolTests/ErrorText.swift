import Foundation
import Synchronization

/// What a process says on stderr, read by a thread of its own, so that the process never waits and a test can wait for a word.
final class ErrorText: Sendable {
    private struct State {
        var data = Data()
        var isWhole = false
        var waiting: [(words: String?, continuation: CheckedContinuation<Bool, Never>)] = []

        var text: String { String(decoding: data, as: UTF8.self) }

        /// The answer to whoever waits for these words, or for the end; nil if it is not known yet.
        func answer(to words: String?) -> Bool? {
            if let words, text.contains(words) { return true }
            return isWhole ? words == nil : nil
        }
    }

    private let state = Mutex(State())

    /// What has been said.
    var soFar: String { state.withLock { $0.text } }

    /// Reads from now on until the end.
    func read(_ handle: FileHandle) {
        Thread.detachNewThread { [self] in
            while true {
                let more = handle.availableData
                take(more)
                if more.isEmpty { return }
            }
        }
    }

    /// Waits for some words; false if the end comes without them.
    func contains(_ words: String) async -> Bool { await wait(for: words) }

    /// Waits for the end.
    func whole() async -> String {
        _ = await wait(for: nil)
        return soFar
    }

    private func wait(for words: String?) async -> Bool {
        await withCheckedContinuation { continuation in
            let answer = state.withLock { state in
                let answer = state.answer(to: words)
                if answer == nil { state.waiting.append((words, continuation)) }
                return answer
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    private func take(_ data: Data) {
        let answered = state.withLock { state in
            state.data += data
            if data.isEmpty { state.isWhole = true }
            var answered: [(answer: Bool, continuation: CheckedContinuation<Bool, Never>)] = []
            let waiting = state.waiting
            state.waiting = []
            for (words, continuation) in waiting {
                if let answer = state.answer(to: words) {
                    answered.append((answer, continuation))
                } else {
                    state.waiting.append((words, continuation))
                }
            }
            return answered
        }
        for (answer, continuation) in answered { continuation.resume(returning: answer) }
    }
}
