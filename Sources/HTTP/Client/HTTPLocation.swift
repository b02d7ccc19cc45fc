import EventLoop

/// A URL taken apart into what a client needs.
struct HTTPLocation {
    /// The part that names the peer: connections are shared among equal ones.
    var authority: String
    /// The value of the Host field.
    var host: String
    var address: SocketAddress
    /// Path and query, at least `/`.
    var target: String

    /// Reads `http://host:port/path?query` or `unix:/run/x.sock:/path`.
    ///
    /// A Unix socket may also be written `http://unix:/run/x.sock:/path`. Fragments are dropped.
    /// Host names are not looked up; `localhost` and numeric addresses are.
    /// Errors: `.invalidURL`.
    init(_ url: String) throws(HTTPError) {
        var rest = url[...]
        let hasScheme = rest.hasPrefix("http://")
        if hasScheme { rest = rest.dropFirst(7) }
        if let fragment = rest.firstIndex(of: "#") { rest = rest[..<fragment] }
        if rest.hasPrefix("unix:") {
            try self.init(unix: rest.dropFirst(5), url)
        } else if hasScheme {
            try self.init(rest, url)
        } else {
            throw Self.invalid(url, "it does not begin with http:// or unix:/.")
        }
    }

    private init(_ rest: Substring, _ url: String) throws(HTTPError) {
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let authority = rest[..<end]
        guard !authority.isEmpty, !authority.contains("@") else {
            throw Self.invalid(url, "it has no plain host and port.")
        }
        let named = Self.hasPort(authority) ? String(authority) : "\(authority):80"
        do {
            address = try SocketAddress(parsing: named)
        } catch {
            throw Self.invalid(url, "\(error)")
        }
        self.authority = named
        host = String(authority)
        target = try Self.target(rest[end...], url)
    }

    private init(unix rest: Substring, _ url: String) throws(HTTPError) {
        let end = rest.firstIndex(of: ":") ?? rest.endIndex
        let path = rest[..<end]
        guard path.hasPrefix("/") else {
            throw Self.invalid(url, "the path of the Unix socket does not begin with /.")
        }
        do {
            address = try SocketAddress(parsing: "unix:\(path)")
        } catch {
            throw Self.invalid(url, "\(error)")
        }
        authority = "unix:\(path)"
        host = "localhost"
        target = try Self.target(end < rest.endIndex ? rest[rest.index(after: end)...] : "", url)
    }

    private static func target(_ text: Substring, _ url: String) throws(HTTPError) -> String {
        guard text.utf8.allSatisfy(ASCII.isTarget) else {
            throw invalid(
                url,
                "it has a blank or a character that is not ASCII; percent-encode it."
            )
        }
        return text.hasPrefix("/") ? String(text) : "/" + text
    }

    /// Whether a port is written out; the colons of an IPv6 address are inside brackets.
    private static func hasPort(_ authority: Substring) -> Bool {
        let tail = authority.lastIndex(of: "]").map { authority[$0...] } ?? authority
        return tail.contains(":")
    }

    private static func invalid(_ url: String, _ reason: String) -> HTTPError {
        HTTPError(
            code: .invalidURL,
            isDefinite: true,
            message: "\(url) cannot be requested: \(reason) "
                + "Write http://127.0.0.1:8080/path or unix:/run/x.sock:/path."
        )
    }
}
