import LinuxSystem
import NFTables

/// The one rule that libnftables cannot write: the NFQUEUE target of iptables, by nft_compat.
///
/// Kernels without nf_tables' own `queue` statement still have it. C counterpart:
/// `nftnl_expr_alloc("target")` of libnftnl.
enum QueueRule {
    /// Attributes of linux/netfilter/nf_tables.h and nf_tables_compat.h.
    private enum Word {
        static let table: UInt16 = 1
        static let chain: UInt16 = 2
        static let expressions: UInt16 = 4
        static let userData: UInt16 = 7
        static let element: UInt16 = 1
        static let expressionName: UInt16 = 1
        static let expressionData: UInt16 = 2
        static let targetName: UInt16 = 1
        static let targetRevision: UInt16 = 2
        static let targetInfo: UInt16 = 3
        /// The subsystem nf_tables, for the batch.
        static let subsystem: UInt16 = 10
    }

    /// The family `inet` of nf_tables.
    private static let inet: UInt8 = 1
    /// What the target's `struct xt_NFQ_info_v3` asks: packets pass when nobody reads the queue.
    private static let bypass: UInt8 = 1

    /// Appends the rule to a chain.
    ///
    /// - Throws: `SystemError`; ENOENT when the kernel does not have the target.
    static func append(
        to chain: String,
        of table: TableName,
        queue: UInt16,
        in namespace: NetworkNamespace
    ) throws {
        let socket = try NetfilterSocket(in: namespace)
        var rule = NetfilterMessage(
            .newRule,
            family: inet,
            flags: NetfilterMessage.createAppending | NetfilterMessage.acknowledge,
            sequence: 2
        )
        rule.put(Word.table, text: table.name)
        rule.put(Word.chain, text: chain)
        rule.nest(Word.expressions) { list in
            list.nest(Word.element) { expression in
                expression.put(Word.expressionName, text: "target")
                expression.nest(Word.expressionData) { target in
                    target.put(Word.targetName, text: "NFQUEUE")
                    target.put(Word.targetRevision, number: 3)
                    let number = [UInt8(queue & 0xff), UInt8(queue >> 8)]
                    target.put(Word.targetInfo, number + [1, 0, bypass, 0, 0, 0])
                }
            }
        }
        // A comment, as nft(8) writes it: type, length, text.
        let comment = Array(OwnershipTag.comment.utf8) + [0]
        rule.put(Word.userData, [0, UInt8(comment.count)] + comment)
        try socket.request(
            [
                NetfilterMessage(.batchBegin, resource: Word.subsystem, sequence: 1), rule,
                NetfilterMessage(.batchEnd, resource: Word.subsystem, sequence: 3),
            ],
            acknowledgements: 1,
            "steering packets to queue \(queue) by the target NFQUEUE of"
        )
    }
}
