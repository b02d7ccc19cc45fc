/// Decides what may start now: the suite's order, as far as conflicts and the limit allow.
package struct GateSchedule: Sendable, Equatable {
    private var waiting: [Int]
    private var running: Set<Int> = []
    private let conflicts: [Set<String>]
    /// How many may run at the same time, 1 or more.
    private let limit: Int

    package init(_ entries: [GateEntry], limit: Int) {
        waiting = Array(entries.indices)
        conflicts = entries.map(\.conflicts)
        self.limit = max(1, limit)
    }

    /// The entries that start now, by their place in the suite; they count as running.
    package mutating func start() -> [Int] {
        var started: [Int] = []
        var taken = running.reduce(into: Set<String>()) { $0.formUnion(conflicts[$1]) }
        for index in waiting where running.count < limit {
            guard taken.isDisjoint(with: conflicts[index]) else { continue }
            running.insert(index)
            taken.formUnion(conflicts[index])
            started.append(index)
        }
        waiting.removeAll { running.contains($0) }
        return started
    }

    /// An entry has ended.
    package mutating func finish(_ index: Int) {
        running.remove(index)
    }

    /// Whether nothing runs and nothing waits.
    package var isDone: Bool { waiting.isEmpty && running.isEmpty }

    /// Gives up what has not started, and returns it.
    package mutating func giveUp() -> [Int] {
        defer { waiting = [] }
        return waiting
    }
}
