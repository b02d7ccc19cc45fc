package import LinuxSystem
package import NFTables

extension PacketHold {
    /// Whether this kernel can lead packets to a process: tried in a namespace, which is left as it
    /// was.
    ///
    /// Throws `SystemError`, `NFTablesError` or `PacketQueueError` that says what is missing.
    package static func check(in namespace: NetworkNamespace, tag: OwnershipTag) throws {
        let table = self.table(tag)
        let queue = try QueueSocket(in: namespace, first: 1_000, copiesPackets: false)
        let steering = Steering(HoldSelection(namespace: namespace, interface: "lo"), table: table)
        try steering.install(queue: queue.number, lease: .seconds(1))
        try steering.remove()
    }

    /// The table that bears a tag.
    package static func table(_ tag: OwnershipTag) -> TableName {
        guard let table = TableName(.inet, tag.tableName) else {
            preconditionFailure("a tag's name is a plain name")
        }
        return table
    }

    /// The processes that lead packets through a table, with their start times.
    package static func processes(of table: TableName) -> [(pid: Int32, startTime: UInt64)] {
        LeasedChild.running(command: command, tag: table.name)
    }

    /// Ends whatever holds packets by that table, without the value that started it.
    ///
    /// Packets pass when it returns, and nothing of it is left; one that is gone is fine.
    ///
    /// Throws `SystemError` or `NFTablesError`; `PacketQueueError` when the table is not ours.
    package static func clear(_ table: TableName, in namespace: NetworkNamespace) throws {
        if namespace.exists {
            let connection = try NFTablesConnection(in: namespace)
            if let listing = try connection.listing(table) {
                guard listing.isOurs || listing.rules.isEmpty else {
                    throw PacketQueueError(
                        "a table with our name holds rules that are not ours — \(table) in"
                            + " \(namespace). Whoever added them must delete it: nft delete table"
                            + " \(table)."
                    )
                }
                var batch = Batch()
                batch.delete(table: table)
                try connection.apply(batch)
            }
        }
        LeasedChild.killAll(command: command, tag: table.name)
    }
}
