import ChaosModel
import ChaosPluginAPI
import JSON

extension Invariant {
    /// Predicate: all clients' requests with one key and one meaning were told the same order.
    static let sameKeySameAnswer = Invariant(
        name: "same-key-same-answer",
        statement: "Repeated requests with one key are told the same order.",
        anomaly: "answer not replayed",
        isAlways: true
    ) { index in
        guard let replies = index.observation.replies else { return nil }
        let told = Dictionary(
            grouping: replies.filter {
                ["placement", "duplicate", "repeat"].contains($0.operation) && $0.order != nil
            },
            by: \.key
        )
        let witnesses = told.filter { Set($0.value.map(\.order)).count > 1 }
            .sorted { $0.key < $1.key }
            .map { key, replies in
                let first = replies.first?.order ?? ""
                var story = index.story(of: first, because: "one key, several orders")
                story["key"] = .string(key)
                story["told"] = .array(
                    replies.map {
                        ["order": .string($0.order ?? ""), "at": .string($0.at.rfc3339)]
                    }
                )
                return story
            }
        return Finding(checked: told.count, witnesses: witnesses)
    }
}
