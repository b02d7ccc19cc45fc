internal import ChaosJournal
internal import ChaosModel
internal import ChaosVerdict
internal import JSON

/// The story of one offending thing: who, what is known of it, and what happened to it when.
struct WitnessStory {
    struct Moment {
        enum Kind: String { case client, system, charge, fault }
        var elapsed: Double
        var kind: Kind
        var text: String
        /// Whether the client asks, and does not learn.
        var isRequest = false
    }

    /// `Order 9f31…` or `Article sku-7`.
    var subject: String
    /// `charged 2 times`.
    var reason: String
    /// What is known, as name and value.
    var details: [(name: String, value: String)] = []
    /// In order of time.
    var moments: [Moment] = []

    /// At most so many occurrences of faults are told in one story.
    static let firingsMax = 4

    init(_ witness: JSONObject, _ facts: ReportFacts) {
        if let order = witness["order"]?.stringValue {
            subject = "Order \(order)"
        } else if let sku = witness["sku"]?.stringValue {
            subject = "Article \(sku)"
        } else {
            subject = "Witness"
        }
        reason = witness["reason"]?.stringValue ?? ""
        let told: Set<String> = [
            "order", "reason", "charges", "times", "amounts_cents", "history", "placed",
        ]
        for member in witness.members where !told.contains(member.name) {
            details.append((Self.label(member.name), Self.text(member)))
        }
        moments = Self.charges(witness, facts) + Self.states(witness, facts)
        moments += Self.clientMoments(witness, facts)
        moments.sort { $0.elapsed < $1.elapsed }
        addFirings(facts)
        if moments.isEmpty, let charges = witness["charges"]?.arrayValue, !charges.isEmpty {
            details.append(("charges", charges.map(Self.plain).joined(separator: ", ")))
        }
    }

    private static func charges(_ witness: JSONObject, _ facts: ReportFacts) -> [Moment] {
        let charges = witness["charges"]?.arrayValue ?? []
        let times = witness["times"]?.arrayValue ?? []
        let amounts = witness["amounts_cents"]?.arrayValue ?? []
        let keys = witness["keys"]?.arrayValue ?? []
        return charges.indices.compactMap { index in
            guard times.indices.contains(index), let elapsed = elapsed(times[index], facts) else {
                return nil
            }
            var text = "charge \(plain(charges[index]))"
            if amounts.indices.contains(index) { text += " of \(money(amounts[index]))" }
            // The client's key stands first; the charges' own follow when each has another.
            if keys.count == charges.count + 1 { text += " with key \(plain(keys[index + 1]))" }
            return Moment(elapsed: elapsed, kind: .charge, text: text)
        }
    }

    private static func states(_ witness: JSONObject, _ facts: ReportFacts) -> [Moment] {
        var moments: [Moment] = []
        if let placed = witness["placed"], let elapsed = elapsed(placed, facts) {
            moments.append(Moment(elapsed: elapsed, kind: .system, text: "order stored"))
        }
        for entry in witness["history"]?.arrayValue ?? [] {
            guard let state = entry["state"]?.stringValue, let at = entry["at"],
                let elapsed = elapsed(at, facts)
            else { continue }
            moments.append(Moment(elapsed: elapsed, kind: .system, text: "order is \(state)"))
        }
        return moments
    }

    private static func clientMoments(_ witness: JSONObject, _ facts: ReportFacts) -> [Moment] {
        let keys = witness["keys"]?.arrayValue?.compactMap(\.stringValue) ?? []
        return keys.flatMap { facts.history[$0] ?? [] }.map { entry in
            let operation = entry.operation
            var text = "client: \(operation.operation) "
            switch operation.kind {
            case .invoke: text += "sent with key \(operation.key)"
            case .ok: text += "succeeded"
            case .fail: text += "failed"
            case .info: text += "ended unknown"
            }
            if let status = operation.status { text += ", status \(status)" }
            if let latency = operation.latencyMilliseconds {
                text += " after \(NumberText.milliseconds(latency))"
            }
            return Moment(
                elapsed: entry.elapsed,
                kind: .client,
                text: text,
                isRequest: operation.kind == .invoke
            )
        }
    }

    /// The fault's occurrences between the first and the last charge (or state).
    private mutating func addFirings(_ facts: ReportFacts) {
        let charges = moments.filter { $0.kind == .charge }
        let bounds = charges.count > 1 ? charges : moments
        guard let first = bounds.first?.elapsed, let last = bounds.last?.elapsed else { return }
        let found = facts.verdict.faults.flatMap { fault in
            (facts.firings[fault.faultID] ?? []).compactMap { firing -> Moment? in
                guard let elapsed = facts.elapsed(firing.firedAt),
                    elapsed >= first - 0.05, elapsed <= last + 0.05
                else { return nil }
                let number = "(no. \(NumberText.integer(firing.ordinal)))"
                let text = "\(fault.function) fired on \(firing.target) \(number)"
                return Moment(elapsed: elapsed, kind: .fault, text: text)
            }
        }.sorted { $0.elapsed < $1.elapsed }
        moments = (moments + Self.thinned(found, upTo: last)).sorted { $0.elapsed < $1.elapsed }
    }

    /// All of a few; of many the first one and how many more there were.
    private static func thinned(_ firings: [Moment], upTo last: Double) -> [Moment] {
        guard firings.count > firingsMax, var first = firings.first else { return firings }
        let rest = NumberText.integer(firings.count - 1)
        first.text += ", and \(rest) times more until \(RunTime.point(last, places: 3))"
        return [first]
    }

    private static func elapsed(_ value: JSONValue, _ facts: ReportFacts) -> Double? {
        value.stringValue.flatMap(Timestamp.init(rfc3339:)).flatMap(facts.elapsed)
    }

    private static func label(_ name: String) -> String {
        name.hasSuffix("_cents")
            ? String(name.dropLast(6)) : String(name.map { $0 == "_" ? " " : $0 })
    }

    private static func text(_ member: JSONObject.Member) -> String {
        if member.name.hasSuffix("_cents") { return money(member.value) }
        let value = Redaction.value(member.value)
        guard let elements = value.arrayValue else { return plain(value) }
        return elements.map(plain).joined(separator: "; ")
    }

    /// Objects as `name value, name value`.
    private static func plain(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): return text
        case .object(let object):
            return object.members.map { member in
                member.name.hasSuffix("_cents")
                    ? "\(label(member.name)) \(money(member.value))"
                    : "\(label(member.name)) \(plain(member.value))"
            }.joined(separator: ", ")
        case .null: return "none"
        default: return value.serialized()
        }
    }

    private static func money(_ value: JSONValue) -> String {
        guard let cents = value.integerValue else { return plain(value) }
        return NumberText.decimal(Double(cents) / 100, places: 2)
    }
}
