internal import JSON

/// What a table holds, as far as faults want to know.
package struct TableListing: Sendable, Hashable {
    /// A rule and what it has counted.
    package struct CountedRule: Sendable, Hashable {
        package var chain: String
        package var comment: String?
        /// `nil`: it has no counter.
        package var packets: Int?
    }

    package var table: TableName
    package var rules: [CountedRule] = []
    /// How many elements each set holds that have not expired.
    package var elements: [String: Int] = [:]

    /// Whether we made it: its name is one of our tags and each of its rules says so too.
    package var isOurs: Bool {
        OwnershipTag(tableName: table.name) != nil && !rules.isEmpty
            && rules.allSatisfy { $0.comment == OwnershipTag.comment }
    }

    /// The packets that the rules of a chain have hit.
    package func packets(inChain name: String) -> Int {
        rules.filter { $0.chain == name }.reduce(0) { $0 + ($1.packets ?? 0) }
    }

    init(_ table: TableName, json items: [JSONValue]) {
        self.table = table
        for item in items {
            if let set = item["set"], let name = set["name"]?.stringValue {
                elements[name] = set["elem"]?.arrayValue?.count ?? 0
            }
            guard let rule = item["rule"], let chain = rule["chain"]?.stringValue else { continue }
            let counter = rule["expr"]?.arrayValue?.compactMap { $0["counter"] }.first
            rules.append(
                CountedRule(
                    chain: chain,
                    comment: rule["comment"]?.stringValue,
                    packets: counter?["packets"]?.integerValue.map { Int($0) }
                )
            )
        }
    }
}
