internal import CLinux
internal import Glibc

/// Where a socket listens or connects: a numeric IPv4 or IPv6 address with a port, or a Unix path.
///
/// Names are not looked up, except `localhost`, which is 127.0.0.1.
package enum SocketAddress: Hashable, Sendable, CustomStringConvertible {
    case ipv4(String, UInt16)
    case ipv6(String, UInt16)
    case unix(String)

    /// Why a text is no address.
    package struct ParsingError: Error, Equatable, CustomStringConvertible {
        package var description: String
    }

    /// Reads `127.0.0.1:80`, `[::1]:80`, `localhost:80`, `:80` (loopback) and `unix:/path`.
    package init(parsing text: String) throws(ParsingError) {
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw ParsingError(
                description: "An address holds no control characters. Write HOST:PORT."
            )
        }
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst(5))
            guard !path.isEmpty, path.utf8.count < 108 else {
                throw ParsingError(
                    description: "'\(text)' is no Unix address: the path has 1 to 107 bytes."
                )
            }
            self = .unix(path)
            return
        }
        guard let colon = text.lastIndex(of: ":") else {
            throw ParsingError(
                description: "'\(text)' has no port. Write HOST:PORT, such as 127.0.0.1:5432."
            )
        }
        let digits = text[text.index(after: colon)...]
        guard let port = UInt16(digits), !digits.hasPrefix("+") else {
            throw ParsingError(
                description: "The port of '\(text)' is not a number from 0 to 65535."
            )
        }
        let host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            self = .ipv6(String(host.dropFirst().dropLast()), port)
        } else {
            self = .ipv4(host.isEmpty || host == "localhost" ? "127.0.0.1" : host, port)
        }
        guard isNumeric else {
            throw ParsingError(
                description: "'\(host)' is no numeric address. Use one such as 127.0.0.1 or [::1]."
            )
        }
    }

    /// The port; `nil` for a Unix path.
    package var port: UInt16? {
        switch self {
        case .ipv4(_, let port), .ipv6(_, let port): port
        case .unix: nil
        }
    }

    package var description: String {
        switch self {
        case .ipv4(let host, let port): "\(host):\(port)"
        case .ipv6(let host, let port): "[\(host)]:\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }

    private var isNumeric: Bool {
        do {
            try unsafe withNative { _, _ in }
            return true
        } catch { return false }
    }

    var family: Int32 {
        switch self {
        case .ipv4: AF_INET
        case .ipv6: AF_INET6
        case .unix: AF_UNIX
        }
    }

    /// Lends the kernel's form of the address.
    ///
    /// Throws `SystemError` (EINVAL) when it is none.
    func withNative<Value>(
        _ body: (UnsafePointer<sockaddr_storage>, socklen_t) throws -> Value
    ) throws -> Value {
        var storage = sockaddr_storage()
        var length: socklen_t = 0
        let (text, port): (String, UInt16) =
            switch self {
            case .ipv4(let host, let port), .ipv6(let host, let port): (host, port)
            case .unix(let path): (path, 0)
            }
        let status = unsafe clinux_address(family, text, port, &storage, &length)
        _ = try SystemError.check(status, call: "using the address", object: description)
        return try unsafe body(&storage, length)
    }

    /// The local or the peer's address of a socket; `nil` when it has none.
    init?(of descriptor: Int32, peer: Bool) {
        var port: UInt16 = 0
        var text = [CChar](repeating: 0, count: 128)
        let family = unsafe clinux_name(descriptor, peer ? 1 : 0, &text, text.count, &port)
        let host = String(
            decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) },
            as: UTF8.self
        )
        switch family {
        case AF_INET: self = .ipv4(host, port)
        case AF_INET6: self = .ipv6(host, port)
        case AF_UNIX: self = .unix(host)
        default: return nil
        }
    }
}
