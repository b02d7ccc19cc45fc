import ChaosModel
import ChaosPluginAPI
import JSON

extension Invariant {
    /// Predicate: a placement that certainly failed (`fail`, not `info`) left no order behind.
    static let refusedLeftNoEffect = Invariant(
        name: "refused-left-no-effect",
        statement: "A placement that a client was told had failed left no order behind.",
        anomaly: "false failure",
        isAlways: true
    ) { index in
        guard let replies = index.observation.replies else { return nil }
        // Another request with the key may have placed it meanwhile.
        let repeated = Set(
            replies.filter { !["placement", "checkout"].contains($0.operation) }.map(\.key)
        )
        let refused = replies.filter {
            $0.operation == "placement" && $0.kind == .fail && !repeated.contains($0.key)
        }
        let witnesses = refused.compactMap { reply -> JSONObject? in
            guard let order = index.ordersByKey[reply.key]?.first else { return nil }
            let status = reply.status.map { "with \($0)" } ?? "(\(reply.detail ?? "no answer"))"
            var story = index.story(of: order.id, because: "refused \(status), but placed")
            story["told-at"] = .string(reply.at.rfc3339)
            return story
        }
        return Finding(checked: refused.count, witnesses: witnesses)
    }
}
