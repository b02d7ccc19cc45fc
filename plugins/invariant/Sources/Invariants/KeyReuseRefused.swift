import ChaosModel
import ChaosPluginAPI
import JSON

extension Invariant {
    /// Predicate: no client that sent another order under a used key was told that it is placed.
    static let keyReuseRefused = Invariant(
        name: "key-reuse-refused",
        statement: "Another order under a used key is refused.",
        anomaly: "key reuse with other parameters",
        isAlways: true
    ) { index in
        guard let replies = index.observation.replies else { return nil }
        let altered = replies.filter { $0.operation == "altered" }
        let known = Set(replies.filter { $0.operation == "placement" && $0.kind == .ok }.map(\.key))
        let witnesses = altered.filter { $0.kind == .ok && known.contains($0.key) }.map { reply in
            var story = index.story(of: reply.order ?? "", because: "another order was accepted")
            story["key"] = .string(reply.key)
            story["at"] = .string(reply.at.rfc3339)
            return story
        }
        return Finding(checked: altered.count, witnesses: witnesses)
    }
}
