package import EventLoop

/// A complete request as a server's handler receives it.
package struct HTTPRequest: Sendable {
    /// As written by the client; methods are case-sensitive.
    package var method: String
    /// As written on the request line: `/orders/7?wait=10s`.
    package var target: String
    package var headers: HTTPHeaders
    /// Without its transfer coding; empty when there was none.
    package var body: [UInt8]
    /// Who asks; `nil` for a request that did not arrive over a socket.
    package var remote: SocketAddress?

    package init(
        method: String,
        target: String,
        headers: HTTPHeaders = [:],
        body: [UInt8] = [],
        remote: SocketAddress? = nil
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.remote = remote
    }

    /// The target without its query, still percent-encoded: `/orders/7`.
    package var path: Substring {
        let origin = originForm
        guard let mark = origin.utf8.firstIndex(of: UInt8(ascii: "?")) else { return origin }
        return origin[..<mark]
    }

    /// The parts of the path, percent-decoded; empty parts are left out: `["orders", "7"]`.
    package var segments: [String] {
        path.utf8.split(separator: UInt8(ascii: "/")).map { Self.decoded($0, plusIsSpace: false) }
    }

    /// The first value of a query parameter, percent-decoded; `""` for a name without a value.
    package func query(_ name: String) -> String? {
        let origin = originForm.utf8
        guard let mark = origin.firstIndex(of: UInt8(ascii: "?")) else { return nil }
        for pair in origin[origin.index(after: mark)...].split(separator: UInt8(ascii: "&")) {
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            guard Self.decoded(pair[..<equals], plusIsSpace: true) == name else { continue }
            guard equals < pair.endIndex else { return "" }
            return Self.decoded(pair[pair.index(after: equals)...], plusIsSpace: true)
        }
        return nil
    }

    /// The target as from `/` on, also when the client wrote `http://host/…`.
    private var originForm: Substring {
        let slash = UInt8(ascii: "/")
        guard target.utf8.first != slash else { return target[...] }
        let scheme = "http://"
        guard target.count > scheme.count,
            HTTPHeaders.areEqual(target.prefix(scheme.count), scheme)
        else { return target[...] }
        let rest = target.dropFirst(scheme.count)
        guard let start = rest.utf8.firstIndex(of: slash) else { return "/" }
        return rest[start...]
    }

    /// Undoes percent-encoding; a `%` that two hexadecimal digits do not follow stays as it is.
    private static func decoded(_ text: Substring.UTF8View, plusIsSpace: Bool) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var index = text.startIndex
        while index < text.endIndex {
            let byte = text[index]
            index = text.index(after: index)
            guard byte == UInt8(ascii: "%") else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? 0x20 : byte)
                continue
            }
            let digits = text[index...].prefix(2)
            if digits.count == 2, let value = hexadecimal(digits) {
                bytes.append(value)
                index = digits.endIndex
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func hexadecimal(_ digits: Substring.UTF8View) -> UInt8? {
        var value: UInt8 = 0
        for digit in digits {
            guard let nibble = ASCII.hexadecimalValue(digit) else { return nil }
            value = value << 4 | UInt8(nibble)
        }
        return value
    }
}
