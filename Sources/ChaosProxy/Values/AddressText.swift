import EventLoop

/// `host:port` as Toxiproxy takes it; the texts of its errors are those of Go's `net` package.
struct HostPort: Sendable, Equatable {
    let host: String
    let port: UInt16

    /// Reads `host:port`, `:port` or `[ipv6]:port`; an empty text is every address, any port.
    init(parsing text: String) throws(AddressTextError) {
        guard !text.isEmpty else {
            host = ""
            port = 0
            return
        }
        let split = try HostPort.split(text)
        guard let number = split.port.isEmpty ? 0 : UInt16(split.port) else {
            throw AddressTextError(message: "address \(split.port): invalid port")
        }
        host = split.host
        port = number
    }

    private static func split(
        _ text: String
    ) throws(AddressTextError) -> (host: String, port: String) {
        if text.hasPrefix("["), let close = text.lastIndex(of: "]") {
            let rest = text[text.index(after: close)...]
            guard rest.hasPrefix(":") else {
                throw AddressTextError(message: "address \(text): missing port in address")
            }
            return (
                String(text[text.index(after: text.startIndex)..<close]), String(rest.dropFirst())
            )
        }
        guard let colon = text.lastIndex(of: ":") else {
            throw AddressTextError(message: "address \(text): missing port in address")
        }
        let host = text[..<colon]
        guard !host.contains(":") else {
            throw AddressTextError(message: "address \(text): too many colons in address")
        }
        return (String(host), String(text[text.index(after: colon)...]))
    }
}

/// A text that is no address.
struct AddressTextError: Error, Equatable {
    var message: String
}

/// Where a proxy's server is.
enum Upstream: Sendable, Equatable {
    case address(SocketAddress)
    /// Looked up for each connection, as the address may change.
    case name(host: String, port: UInt16)
    /// Not an address: every connection is refused. Toxiproxy does not look either before it dials.
    case invalid

    /// Reads `host:port`, `[ipv6]:port` or `unix:/path`.
    init(parsing text: String) {
        if let address = try? SocketAddress(parsing: text) {
            self = .address(address)
        } else if let parts = try? HostPort(parsing: text), !parts.host.isEmpty, parts.port > 0 {
            self = .name(host: parts.host, port: parts.port)
        } else {
            self = .invalid
        }
    }
}
