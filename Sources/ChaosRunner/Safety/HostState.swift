import ChaosJournal
import ChaosPluginAPI

/// What the faults of a plan could change on this machine, as it is now; a value.
///
/// ```
/// before the method ─▶ HostState ─┐
///                                 ├▶ compared ─▶ journal: host-compared ─▶ verdict, exit status 4
/// after the last undo ▶ HostState ─┘
/// ```
struct HostState: Sendable, Equatable {
    /// How each thing stands that a fault of the plan could change.
    var facts: [HostFact] = []
    /// What bears the tag of this process, in words.
    var tagged: Set<String> = []

    /// What is not as it was; what has gone meanwhile (a process, an interface) took its fault
    /// along.
    func compared(with before: HostState) -> HostComparison {
        var comparison = HostComparison(facts: before.facts.count)
        let new = tagged.subtracting(before.tagged).sorted()
        comparison.left = new.map { "\($0) is still there" }
        let former = Dictionary(before.facts.map { ($0.subject, $0) }) { first, _ in first }
        for fact in facts {
            guard let then = former[fact.subject], then.value != fact.value else { continue }
            let text = "\(fact.subject): \(fact.value), was \(then.value)"
            if fact.isShared {
                comparison.others.append(text)
            } else {
                comparison.left.append(text)
            }
        }
        return comparison
    }
}
