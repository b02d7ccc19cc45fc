import CLinux
import EventLoop
import Glibc

/// Listening, accepting and dialling; addresses cross the C border only here.
extension Sockets {
    /// Connections that wait to be accepted.
    static let backlog: Int32 = 1_024

    /// What accept(2) gave.
    enum Accepted {
        case accepted(Int32)
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
            let descriptor = clinux_accept(listener)
            if descriptor >= 0 { return .accepted(descriptor) }
            switch -descriptor {
            case EINTR, ECONNABORTED, EPROTO: continue
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted
            default: return .empty
            }
        }
    }

    /// Whether somebody listens at an address of this machine: `nil` when so, else the errno.
    static func tryConnect(to address: SocketAddress) -> Int32? {
        guard let native = Native(address) else { return EINVAL }
        let descriptor = clinux_socket(native.family)
        guard descriptor >= 0 else { return -descriptor }
        defer { close(descriptor) }
        var storage = native.storage
        let status = unsafe clinux_connect(descriptor, &storage, native.length)
        return status < 0 && status != -EINPROGRESS && status != -EAGAIN ? -status : nil
    }

    /// A socket whose connect(2) has begun; `nil` when it failed at once.
    static func beginConnect(to address: SocketAddress) -> Int32? {
        guard let native = Native(address) else { return nil }
        let descriptor = clinux_socket(native.family)
        guard descriptor >= 0 else { return nil }
        disableDelay(descriptor)
        var storage = native.storage
        let status = unsafe clinux_connect(descriptor, &storage, native.length)
        guard status == 0 || status == -EINPROGRESS else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    /// A socket whose connect(2) has begun, to the first address at which it did not fail at once.
    ///
    /// `addresses`: those that were tried are gone from it. `nil`: none is left.
    static func beginConnect(toFirstOf addresses: inout ArraySlice<SocketAddress>) -> Int32? {
        while let address = addresses.popFirst() {
            if let descriptor = beginConnect(to: address) { return descriptor }
        }
        return nil
    }

    /// Binds and listens.
    static func listen(at address: SocketAddress) -> Result<ListenSocket, Problem> {
        guard let native = Native(address) else {
            return .failure(Problem(call: "bind", code: EINVAL))
        }
        let descriptor = clinux_socket(native.family)
        guard descriptor >= 0 else {
            return .failure(Problem(call: "socket", code: -descriptor))
        }
        _ = clinux_reuse_address(descriptor)
        // What is accepted inherits it.
        disableDelay(descriptor)
        var storage = native.storage
        let bound = unsafe clinux_bind(descriptor, &storage, native.length)
        guard bound == 0 else {
            close(descriptor)
            return .failure(Problem(call: "bind", code: -bound))
        }
        let listening = clinux_listen(descriptor, backlog)
        guard listening == 0 else {
            close(descriptor)
            return .failure(Problem(call: "listen", code: -listening))
        }
        let name = name(descriptor, isPeer: false) ?? "\(address)"
        return .success(ListenSocket(descriptor: descriptor, address: name))
    }

    /// Listens at a path for connections that keep messages apart.
    static func listenForMessages(at path: String) throws(SystemError) -> MessageSocket {
        try message(path, call: "listening at") { descriptor, native in
            var storage = native.storage
            let bound = unsafe clinux_bind(descriptor, &storage, native.length)
            return bound < 0 ? bound : clinux_listen(descriptor, 16)
        }
    }

    /// Connects to a path at which somebody listens for messages.
    static func connectForMessages(to path: String) throws(SystemError) -> MessageSocket {
        try message(path, call: "connecting to") { descriptor, native in
            var storage = native.storage
            return unsafe clinux_connect(descriptor, &storage, native.length)
        }
    }

    private static func message(
        _ path: String,
        call: String,
        _ body: (Int32, Native) -> Int32
    ) throws(SystemError) -> MessageSocket {
        guard let native = Native(.unix(path)) else {
            throw SystemError(call: call, object: path, code: ENAMETOOLONG)
        }
        let descriptor = try SystemError.check(
            clinux_message_socket(),
            call: "socket",
            object: path
        )
        let status = body(descriptor, native)
        guard status < 0 else { return MessageSocket(descriptor: descriptor) }
        close(descriptor)
        throw SystemError(call: call, object: path, code: -status)
    }

    /// The local or the peer's address of a socket: `127.0.0.1:80`, `[::1]:80`, `unix:/path`.
    static func name(_ descriptor: Int32, isPeer: Bool) -> String? {
        var port: UInt16 = 0
        var characters = [CChar](repeating: 0, count: 128)
        let capacity = characters.count
        let family = unsafe clinux_name(descriptor, isPeer ? 1 : 0, &characters, capacity, &port)
        let text = string(characters)
        switch family {
        case AF_INET: return "\(text):\(port)"
        case AF_INET6: return "[\(text)]:\(port)"
        case AF_UNIX: return "unix:\(text)"
        default: return nil
        }
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
            unsafe entry = current.pointee.ai_next
            var characters = [CChar](repeating: 0, count: 64)
            let failed = unsafe getnameinfo(
                current.pointee.ai_addr,
                current.pointee.ai_addrlen,
                &characters,
                64,
                nil,
                0,
                NI_NUMERICHOST
            )
            guard failed == 0 else { continue }
            let isIPv4 = unsafe current.pointee.ai_family == AF_INET
            let text = string(characters)
            addresses.append(isIPv4 ? .ipv4(text, port) : .ipv6(text, port))
        }
        return addresses
    }

    private static func string(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// An address in the kernel's form.
    private struct Native {
        let family: Int32
        var storage = sockaddr_storage()
        var length: socklen_t = 0

        /// `nil` when the text is no address of its family, or a path is too long.
        init?(_ address: SocketAddress) {
            let text: String
            let port: UInt16
            switch address {
            case .ipv4(let host, let number): (family, text, port) = (AF_INET, host, number)
            case .ipv6(let host, let number): (family, text, port) = (AF_INET6, host, number)
            case .unix(let path): (family, text, port) = (AF_UNIX, path, 0)
            }
            guard unsafe clinux_address(family, text, port, &storage, &length) == 0 else {
                return nil
            }
        }
    }
}
