import ChaosModel
import ChaosPluginAPI
import JSON

extension Invariant {
    /// Predicate: an order whose placement was acknowledged to a client exists, under the key that
    /// the client sent.
    static let acknowledgedOrderExists = Invariant(
        name: "acknowledged-order-exists",
        statement: "Every order that a client was told is placed exists under the client's key.",
        anomaly: "acknowledged write lost",
        isAlways: true
    ) { index in
        guard let acknowledgements = index.observation.acknowledgements else { return nil }
        let witnesses = acknowledgements.compactMap { acknowledgement -> JSONObject? in
            guard let id = acknowledgement.order else { return nil }
            let order = index.order(id)
            guard order?.key != acknowledgement.key else { return nil }
            let reason = order == nil ? "acknowledged, but gone" : "stands under another key"
            var story = index.story(of: id, because: reason)
            story["sent-key"] = .string(acknowledgement.key)
            story["acknowledged"] = .string(acknowledgement.at.rfc3339)
            return story
        }
        return Finding(checked: acknowledgements.count, witnesses: witnesses)
    }
}
