import ChaosModel
import ChaosPluginAPI
import JSON

extension Invariant {
    /// Predicate: a client that was told confirmed has a confirmed order, and one that was told
    /// cancelled has a cancelled one.
    static let toldOutcomeStands = Invariant(
        name: "told-outcome-stands",
        statement: "What a client was told of its order's end is what became of it.",
        anomaly: "false answer",
        isAlways: true
    ) { index in
        guard let replies = index.observation.replies else { return nil }
        let told = replies.compactMap { reply in outcome(reply).map { (reply, $0) } }
        let witnesses = told.compactMap { reply, state -> JSONObject? in
            guard let id = reply.order, index.order(id)?.state != state else { return nil }
            var story = index.story(of: id, because: "the client was told \(state)")
            story["told-at"] = .string(reply.at.rfc3339)
            return story
        }
        return Finding(checked: told.count, witnesses: witnesses)
    }

    private static func outcome(_ reply: ClientReply) -> String? {
        guard reply.operation == "checkout", reply.order != nil else { return nil }
        if reply.kind == .ok { return "confirmed" }
        return reply.detail?.hasPrefix("cancelled") == true ? "cancelled" : nil
    }
}
