import NIOCore
import NIOPosix

@testable import PenstockNIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the kernel holds on both sides of a socket; 0 for a channel that is none.
extension Channel {
    /// The bytes that the kernel of a TCP socket has taken and not sent yet; those of a UNIX socket are at the peer at once.
    var unreceivedBytes: Int {
        #if os(Linux)
            let notSent: UInt = 0x894B
            return localAddress?.port == nil ? 0 : count(notSent)
        #else
            return unsentBytes
        #endif
    }

    /// The bytes that have arrived and were not read.
    var unreadBytes: Int { count(UInt(FIONREAD)) }

    private func count(_ request: UInt) -> Int {
        let bytes: CInt? = try? pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { handle in
            var count: CInt = 0
            return ioctl(handle, request, &count) == 0 ? count : 0
        }
        return Int(bytes ?? 0)
    }
}
