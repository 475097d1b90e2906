import NIOCore
import NIOPosix
import Penstock

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension Channel {
    /// Makes the next close a reset, on sockets that know one (TCP).
    func makeCloseReset() {
        // A socket of another family, or a channel that is no socket, closes as it can.
        guard localAddress?.isInternet == true, let provider = self as? any SocketOptionProvider else { return }
        // Takes effect at once, since it is called on the channel's loop; a socket that is gone needs no reset.
        provider.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in }
    }

    /// The bytes that the kernel has taken and the peer has not acknowledged (TCP) or read (UNIX); 0 where this is not known.
    var unsentBytes: Int {
        #if os(Linux)
            let unsent: CInt? = try? pipeline.syncOperations.withUnsafeTransportIfAvailable(
                of: NIOBSDSocket.Handle.self
            ) { handle in
                var count: CInt = 0
                return ioctl(handle, UInt(TIOCOUTQ), &count) == 0 ? count : 0
            }
            return Int(unsent ?? 0)
        #else
            return 0
        #endif
    }

    /// What the kernel can take at once, estimated from its own accounts; nil where they are not known.
    var roomInKernel: Int? {
        #if os(Linux)
            try? pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { handle in
                // The order is that of the kernel's SK_MEMINFO_…: 2 allocated for writing, 3 its limit, 5 queued for writing.
                var accounts = [9 of UInt32](repeating: 0)
                var size = socklen_t(MemoryLayout.size(ofValue: accounts))
                guard getsockopt(handle, SOL_SOCKET, SO_MEMINFO, &accounts, &size) == 0 else { return nil }
                return Int(accounts[3]) - Int(max(accounts[2], accounts[5]))
            } ?? nil
        #else
            nil
        #endif
    }
}

extension SocketAddress {
    var isInternet: Bool {
        switch self {
        case .v4, .v6: true
        case .unixDomainSocket: false
        }
    }
}
