/// A right of root's that a thread may hold by itself; the numbers of capabilities(7).
package enum Capability: Int, Sendable {
    /// CAP_NET_ADMIN: interfaces, qdiscs, nf_tables.
    case networkAdministration = 12

    /// Whether the calling thread may use it now; false where /proc cannot be read.
    package var isHeld: Bool {
        guard let status = try? SystemFiles.read("/proc/thread-self/status") else { return false }
        return Self.effective(in: String(decoding: status, as: UTF8.self))
            .map { $0 & (1 << UInt64(rawValue)) != 0 } ?? false
    }

    /// The effective set of a `status` file of /proc, a bit for each capability.
    static func effective(in status: String) -> UInt64? {
        for line in status.split(separator: "\n") where line.hasPrefix("CapEff:") {
            let digits = line.dropFirst(7).drop { $0 == "\t" || $0 == " " }
            return UInt64(digits, radix: 16)
        }
        return nil
    }
}
