/// Which statements a connection has prepared; the least recently used one gives way.
///
/// A statement is prepared on its second use: a text that is used once costs one round trip only.
struct StatementCache {
    /// What to do with a statement.
    enum Decision: Equatable {
        /// Send it unnamed.
        case unnamed
        /// Prepare it under this name (after releasing `evicting`), then execute.
        case prepare(name: String, evicting: String?)
        /// It is prepared under this name.
        case prepared(name: String)
    }

    private struct Entry {
        var name: String?
        var lastUse: Int
    }

    /// How many statements are remembered, prepared or seen once.
    let capacity: Int
    private var entries: [String: Entry] = [:]
    private var clock = 0
    private var names = 0
    /// Prepared statements whose entry gave way and that the server still holds.
    private var orphans: [String] = []

    init(capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
    }

    /// How many statements are remembered.
    var count: Int { entries.count }

    mutating func use(_ sql: String) -> Decision {
        clock += 1
        if let entry = entries[sql] {
            entries[sql]?.lastUse = clock
            if let name = entry.name { return .prepared(name: name) }
            names += 1
            return .prepare(name: "chaos_\(names)", evicting: orphans.popLast())
        }
        makeRoom()
        entries[sql] = Entry(name: nil, lastUse: clock)
        return .unnamed
    }

    /// The server holds the statement under this name now.
    mutating func didPrepare(_ sql: String, name: String) {
        entries[sql]?.name = name
    }

    /// The statement is to be prepared afresh; `released` when the server does not hold it any
    /// more.
    mutating func forget(_ sql: String, released: Bool) {
        let name = entries.removeValue(forKey: sql)?.name
        if let name, !released { orphans.append(name) }
    }

    private mutating func makeRoom() {
        guard entries.count >= capacity else { return }
        guard let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return }
        forget(oldest.key, released: false)
    }
}
