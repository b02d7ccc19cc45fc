import NFTables

/// One table as it shall be: its sets with what they hold, its chains with their rules; pure.
struct TableSketch: Sendable, Hashable {
    struct Filled: Sendable, Hashable {
        var set: ExpiringSet
        var elements: [[SetValue]]
    }

    struct Chain: Sendable, Hashable {
        var chain: HookedChain
        var rules: [Rule]
    }

    var table: TableName
    var sets: [Filled] = []
    var chains: [Chain] = []

    init(_ table: TableName) {
        self.table = table
    }

    /// Writes down the whole table; with no lease its sets stay empty.
    func build(into batch: inout Batch, lease: Duration?) {
        batch.add(table: table)
        for filled in sets { batch.add(set: filled.set) }
        if let lease { renew(into: &batch, lease: lease) }
        for chain in chains {
            batch.add(chain: chain.chain)
            for rule in chain.rules { batch.add(rule: rule, to: chain.chain) }
        }
    }

    /// Starts the time of every element anew.
    func renew(into batch: inout Batch, lease: Duration) {
        for filled in sets {
            batch.replace(elementsOf: filled.set, with: filled.elements, timeout: lease)
        }
    }

    /// Adds a set, if there is something to put into it.
    mutating func fill(
        _ name: String,
        _ key: [ExpiringSet.Field],
        _ elements: [[SetValue]]
    ) -> ExpiringSet? {
        guard !elements.isEmpty else { return nil }
        let set = ExpiringSet(name, in: table, key: key)
        sets.append(Filled(set: set, elements: elements))
        return set
    }
}
