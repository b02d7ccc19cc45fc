import ChaosModel

/// Who does not hear whom; pure.
struct Division: Sendable, Hashable {
    /// The divisions that distributed systems are tested with; the names are Jepsen's.
    enum Shape: String, Sendable, CaseIterable {
        /// Two groups, the first with one more when their number is odd.
        case halves
        /// One by itself, the others together.
        case oneNode = "one-node"
        /// Each one hears a majority, and no two the same majority.
        case majoritiesRing = "majorities-ring"
        /// Two groups, and one in the middle that both hear.
        case bridge

        var servicesMin: Int {
            switch self {
            case .halves, .oneNode: 2
            case .bridge: 3
            // With fewer, a majority around each one is everybody.
            case .majoritiesRing: 4
            }
        }
    }

    /// Pairs of (source, target): what the source sends, the target does not hear.
    private(set) var deaf: [(source: String, target: String)] = []
    let description: String

    /// Everybody hears only their own group.
    ///
    /// - Throws: `PartitionError` when there are fewer than two groups or somebody is in two.
    init(groups: [[String]]) throws {
        let all = groups.flatMap(\.self)
        guard groups.count > 1, Set(all).count == all.count else {
            throw PartitionError(
                "a partition takes two groups or more, and nobody is in two — groups. Write"
                    + " [[\"orders\"], [\"payments\"]]."
            )
        }
        description = Self.text(groups)
        separate(groups)
    }

    /// A shape over services; the seed decides who is where.
    ///
    /// - Throws: `PartitionError` when there are too few.
    init(_ shape: Shape, of services: [String], seed: UInt64) throws {
        guard services.count >= shape.servicesMin else {
            throw PartitionError(
                "\(shape.rawValue) takes \(shape.servicesMin) services or more — services. "
                    + "There are \(services.count)."
            )
        }
        var generator = SplitMix64(seed: seed)
        let order = services.shuffled(using: &generator)
        switch shape {
        case .halves:
            let groups = Self.halves(order[...])
            description = Self.text(groups)
            separate(groups)
        case .oneNode:
            let groups = [[order[0]], Array(order.dropFirst())]
            description = Self.text(groups)
            separate(groups)
        case .bridge:
            let groups = Self.halves(order.dropFirst())
            description = Self.text(groups) + ", bridge \(order[0])"
            separate(groups)
        case .majoritiesRing:
            description = "majorities ring \(order.joined(separator: ", "))"
            // A majority with the same number of neighbours on both sides.
            let reach = (order.count / 2 + 1) / 2
            for (index, source) in order.enumerated() {
                for (other, target) in order.enumerated() where other != index {
                    let distance = abs(index - other)
                    if min(distance, order.count - distance) > reach {
                        deaf.append((source, target))
                    }
                }
            }
        }
    }

    static func == (left: Division, right: Division) -> Bool {
        left.description == right.description
            && left.deaf.elementsEqual(right.deaf) { $0 == $1 }
    }

    func hash(into hasher: inout Hasher) { hasher.combine(description) }

    private mutating func separate(_ groups: [[String]]) {
        for (index, group) in groups.enumerated() {
            for (other, others) in groups.enumerated() where other != index {
                for source in group { deaf += others.map { (source, $0) } }
            }
        }
    }

    private static func halves(_ order: ArraySlice<String>) -> [[String]] {
        let first = (order.count + 1) / 2
        return [Array(order.prefix(first)), Array(order.dropFirst(first))]
    }

    private static func text(_ groups: [[String]]) -> String {
        groups.map { $0.joined(separator: ", ") }.joined(separator: " | ")
    }
}
