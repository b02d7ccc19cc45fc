/// Why a proxy server did not start: what went wrong, where, and what to do.
package struct ProxyServerError: Error, Sendable, CustomStringConvertible {
    /// One or more lines.
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
