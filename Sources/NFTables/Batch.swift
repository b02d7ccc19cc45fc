/// Changes that take effect together, written in the language of nft(8).
///
/// Names and addresses come as checked types, so that no text of a user becomes a command.
package struct Batch: Sendable {
    /// One command a line.
    private(set) var text = ""

    package init() {}

    /// Makes a table; one that exists stays as it is.
    package mutating func add(table: TableName) { line("add table \(table.text)") }

    /// Deletes a table with all that is in it; it must exist.
    package mutating func delete(table: TableName) { line("delete table \(table.text)") }

    /// Makes a set whose elements go away by themselves.
    package mutating func add(set: ExpiringSet) {
        let types = set.key.map(\.rawValue).joined(separator: " . ")
        let flags = set.holdsRanges ? "interval, timeout" : "timeout"
        line("add set \(set.table.text) \(set.name) { type \(types); flags \(flags); }")
    }

    /// Empties a set and fills it again: every element's time starts anew.
    ///
    /// The timeout is at least 1 ms; the kernel counts in ticks of 4 ms or so.
    package mutating func replace(
        elementsOf set: ExpiringSet,
        with elements: [[SetValue]],
        timeout: Duration
    ) {
        line("flush set \(set.table.text) \(set.name)")
        guard !elements.isEmpty else { return }
        let milliseconds = max(1, Int64(timeout / .milliseconds(1)))
        let list = elements.map { values in
            precondition(values.count == set.key.count, "an element has the set's key")
            let text = values.map(\.text).joined(separator: " . ")
            return "\(text) timeout \(milliseconds)ms"
        }
        let joined = list.joined(separator: ", ")
        line("add element \(set.table.text) \(set.name) { \(joined) }")
    }

    /// Makes a chain at a hook.
    package mutating func add(chain: HookedChain) {
        let device = chain.device.map { " device \"\($0)\"" } ?? ""
        line(
            "add chain \(chain.table.text) \(chain.name) { type filter hook \(chain.hook.rawValue)"
                + "\(device) priority \(chain.priority); policy accept; }"
        )
    }

    /// Makes a chain that other rules jump to.
    package mutating func add(chain name: String, in table: TableName) {
        precondition(TableName.isPlain(name), "a chain has a plain name")
        line("add chain \(table.text) \(name)")
    }

    /// Adds a rule at the end of a chain.
    package mutating func add(rule: Rule, to chain: HookedChain) {
        line(
            "add rule \(chain.table.text) \(chain.name) \(rule.text) comment"
                + " \"\(OwnershipTag.comment)\""
        )
    }

    private mutating func line(_ command: String) {
        text += command + "\n"
    }
}

/// A set with a timeout on each element.
package struct ExpiringSet: Sendable, Hashable {
    /// What a part of its key is.
    package enum Field: String, Sendable, Hashable {
        case address4 = "ipv4_addr"
        case address6 = "ipv6_addr"
        case service = "inet_service"
        case interface = "ifname"
    }

    package var table: TableName
    /// A word of ours, such as `cut`.
    package var name: String
    package var key: [Field]
    /// Whether its elements are networks; they must not overlap then.
    package var holdsRanges = false

    package init(_ name: String, in table: TableName, key: [Field]) {
        precondition(TableName.isPlain(name) && !key.isEmpty, "a set has a plain name and a key")
        self.name = name
        self.table = table
        self.key = key
    }
}

/// One part of an element.
package enum SetValue: Sendable, Hashable {
    case address(NetworkAddress)
    /// Only in a set that holds ranges, unless it is a single address.
    case range(NetworkRange)
    case port(UInt16)
    /// Must be a name that `HookedChain.isInterfaceName` accepts.
    case interface(String)

    var text: String {
        switch self {
        case .address(let address): address.text
        case .range(let range): range.description
        case .port(let port): "\(port)"
        case .interface(let name): "\"\(name)\""
        }
    }
}

/// A chain that packets pass.
package struct HookedChain: Sendable, Hashable {
    /// Where it hangs; see nft(8).
    package enum Hook: String, Sendable, Hashable {
        case prerouting, input, output, forward, postrouting, ingress, egress
    }

    package var table: TableName
    package var name: String
    package var hook: Hook
    /// The interface, for the hooks of `netdev`.
    package var device: String?
    /// Lower comes first; −300 is before connection tracking.
    package var priority = -300

    /// Traps when a name is not plain, or the device's none of an interface.
    package init(_ name: String, in table: TableName, hook: Hook, device: String? = nil) {
        precondition(TableName.isPlain(name), "a chain has a plain name")
        precondition(device.map(Self.isInterfaceName) ?? true, "the name of an interface")
        self.name = name
        self.table = table
        self.hook = hook
        self.device = device
    }

    /// Whether the kernel could have an interface of that name that is safe to write down.
    package static func isInterfaceName(_ name: String) -> Bool {
        (1...15).contains(name.utf8.count)
            && name.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "\"") }
    }
}
