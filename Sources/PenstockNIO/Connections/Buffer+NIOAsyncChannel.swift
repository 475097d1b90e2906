public import NIOCore
public import Penstock

extension Buffer where Element: Sendable {
    /// Writes what the buffer holds, and what will come, to an asynchronous channel, at its pace; returns at the orderly end.
    ///
    /// The writer is not finished by this. Takes the `onReadable` of the buffer, as a reader does. In the other direction the
    /// `inbound` of an asynchronous channel flows into any consumer, like any asynchronous sequence.
    ///
    /// - Throws: The error that the stream ended with; what the writer throws, in which case the buffer is aborted and its
    ///   producer stopped; `CancellationError`.
    public func drain(into writer: NIOAsyncChannelOutboundWriter<Element>) async throws {
        for try await element in elements {
            do {
                try await writer.write(element)
            } catch {
                abort(error is CancellationError ? .cancelled : .failed(error))
                throw error
            }
        }
    }
}
