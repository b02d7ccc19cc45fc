// NFTables — nf_tables through libnftables, as far as faults need it: atomic batches, sets whose
// elements expire by themselves, and tables that can be told from everybody else's.
//
//     Batch ──text of nft(8)──▶ NFTablesConnection.apply ──one transaction──▶ kernel
//     NFTablesConnection.tables, .listing ◀──JSON of libnftables-json(5)────── kernel
//     OwnershipTag ◀──▶ a table's name: whose run, which process, which fault
//
// A connection is made in a network namespace and stays there. A batch takes effect as a whole or
// not at all, and no packet sees half of it. What is listed, changed and deleted are tables that
// carry our tag; everybody else's are never touched.

/// Why nf_tables could not be changed or read.
package struct NFTablesError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    package enum Code: Sendable, Equatable {
        /// libnftables or the kernel refuses the batch; nothing of it took effect.
        case refused
        /// There is no such table, set or chain.
        case missing
        /// We may not: CAP_NET_ADMIN in the namespace is needed.
        case permission
        /// libnftables gave an answer that we do not understand.
        case answer
    }

    package let code: Code
    package let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
