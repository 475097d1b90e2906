import NIOCore
import NIOPosix

@testable import PenstockNIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension Channel {
    /// The bytes that the kernel of a TCP socket has taken and not sent yet; those of a UNIX socket are at the peer at once.
    var unreceivedBytes: Int {
        #if os(Linux)
            guard localAddress?.port != nil else { return 0 }
            let bytes: CInt? = try? pipeline.syncOperations.withUnsafeTransportIfAvailable(
                of: NIOBSDSocket.Handle.self
            ) { handle in
                let notSent: UInt = 0x894B
                var count: CInt = 0
                return ioctl(handle, notSent, &count) == 0 ? count : 0
            }
            return Int(bytes ?? 0)
        #else
            return unsentBytes
        #endif
    }
}
