/// Why a proxy server did not start: what went wrong, where, and what to do.
package struct ProxyServerError: Error, Sendable, CustomStringConvertible {
    /// One or more lines.
    package let description: String
    /// Whether the words or the file of the user are wrong, rather than the machine.
    package let isUsage: Bool

    init(_ description: String, isUsage: Bool = false) {
        self.description = description
        self.isUsage = isUsage
    }
}
