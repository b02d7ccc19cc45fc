import EventLoop
import Glibc

/// Listening, accepting and dialling; addresses cross the C border only here.
extension Sockets {
    /// What accept(2) gave.
    enum Accepted {
        case accepted(Int32, address: String)
        /// Nobody waits.
        case empty
        /// There is no descriptor or memory for one more.
        case exhausted
    }

    /// A call that failed and Go's words for the errno.
    struct Problem: Error {
        let call: String
        let code: Int32

        var reason: String {
            switch code {
            case EADDRINUSE: "address already in use"
            case EADDRNOTAVAIL: "cannot assign requested address"
            case EACCES: "permission denied"
            default: unsafe String(cString: strerror(code))
            }
        }
    }

    static func accept(_ listener: Int32) -> Accepted {
        while true {
            var storage = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let descriptor = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe Glibc.accept(listener, $0, &length)
                }
            }
            if descriptor >= 0 {
                setFlags(descriptor)
                return .accepted(descriptor, address: text(storage))
            }
            switch errno {
            case EINTR, ECONNABORTED, EPROTO: continue
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted
            default: return .empty
            }
        }
    }

    /// A socket whose connect(2) has begun; `nil` when it failed at once.
    static func beginConnect(to address: SocketAddress) -> Int32? {
        guard let descriptor = open(address) else { return nil }
        disableDelay(descriptor)
        let code = unsafe with(address) { pointer, length in
            unsafe connect(descriptor, pointer, length) == 0 ? 0 : errno
        }
        guard code == 0 || code == EINPROGRESS else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    /// Binds and listens.
    static func listen(at address: SocketAddress) -> Result<ListenSocket, Problem> {
        guard let descriptor = open(address) else {
            return .failure(Problem(call: "socket", code: errno))
        }
        setOption(descriptor, SO_REUSEADDR)
        let bound = unsafe with(address) { pointer, length in
            unsafe bind(descriptor, pointer, length) == 0 ? 0 : errno
        }
        guard bound == 0 else {
            close(descriptor)
            return .failure(Problem(call: "bind", code: bound ?? EINVAL))
        }
        guard Glibc.listen(descriptor, 1_024) == 0 else {
            let code = errno
            close(descriptor)
            return .failure(Problem(call: "listen", code: code))
        }
        if case .unix(let path) = address {
            return .success(ListenSocket(descriptor: descriptor, address: "unix:\(path)"))
        }
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        _ = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &length)
            }
        }
        return .success(ListenSocket(descriptor: descriptor, address: text(storage)))
    }

    /// The addresses of a name; blocks, so only on a thread that may.
    static func lookUp(host: String, port: UInt16) -> [SocketAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, "\(port)", &hints, &list) == 0 else { return [] }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var entry = unsafe list
        while let current = unsafe entry {
            var storage = sockaddr_storage()
            let limit = MemoryLayout<sockaddr_storage>.size
            let size = unsafe min(Int(current.pointee.ai_addrlen), limit)
            unsafe memcpy(&storage, current.pointee.ai_addr, size)
            if let address = try? SocketAddress(parsing: text(storage)) {
                addresses.append(address)
            }
            unsafe entry = current.pointee.ai_next
        }
        return addresses
    }

    private static func open(_ address: SocketAddress) -> Int32? {
        let family =
            switch address {
            case .ipv4: AF_INET
            case .ipv6: AF_INET6
            case .unix: AF_UNIX
            }
        let flags = SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue | flags), 0)
        return descriptor < 0 ? nil : descriptor
    }

    private static func setFlags(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    private static func setOption(_ descriptor: Int32, _ option: Int32) {
        var one: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, option, &one, size)
    }

    /// `127.0.0.1:80`, `[::1]:80`; `@` for a Unix socket without a name.
    private static func text(_ storage: sockaddr_storage) -> String {
        var storage = storage
        let size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        guard storage.ss_family != AF_UNIX else { return "@" }
        return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                var host = [CChar](repeating: 0, count: 64)
                var port = [CChar](repeating: 0, count: 8)
                let flags = NI_NUMERICHOST | NI_NUMERICSERV
                let failed = unsafe getnameinfo(address, size, &host, 64, &port, 8, flags)
                guard failed == 0 else { return "?" }
                let name = string(host)
                let number = string(port)
                return name.contains(":") ? "[\(name)]:\(number)" : "\(name):\(number)"
            }
        }
    }

    private static func string(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Calls `body` with the C form of an address; `nil` when it has none (a path too long).
    private static func with<Result>(
        _ address: SocketAddress,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result? {
        var storage = sockaddr_storage()
        let length: Int
        switch address {
        case .ipv4(let host, let port):
            var value = sockaddr_in()
            value.sin_family = sa_family_t(AF_INET)
            value.sin_port = port.bigEndian
            guard unsafe inet_pton(AF_INET, host, &value.sin_addr) == 1 else { return nil }
            length = MemoryLayout<sockaddr_in>.size
            unsafe memcpy(&storage, &value, length)
        case .ipv6(let host, let port):
            var value = sockaddr_in6()
            value.sin6_family = sa_family_t(AF_INET6)
            value.sin6_port = port.bigEndian
            guard unsafe inet_pton(AF_INET6, host, &value.sin6_addr) == 1 else { return nil }
            length = MemoryLayout<sockaddr_in6>.size
            unsafe memcpy(&storage, &value, length)
        case .unix(let path):
            var value = sockaddr_un()
            value.sun_family = sa_family_t(AF_UNIX)
            let bytes = Array(path.utf8)
            guard bytes.count < MemoryLayout.size(ofValue: value.sun_path) else { return nil }
            unsafe withUnsafeMutableBytes(of: &value.sun_path) { unsafe $0.copyBytes(from: bytes) }
            length = MemoryLayout<sockaddr_un>.size
            unsafe memcpy(&storage, &value, length)
        }
        return unsafe withUnsafePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(length))
            }
        }
    }
}
