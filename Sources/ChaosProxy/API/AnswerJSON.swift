import ChaosModel
import EventLoop
import JSON

extension ManagedProxy {
    /// Toxiproxy's object with its order of keys, ours behind.
    func answer(now: Int64 = Loop.monotonicNanoseconds()) -> AnswerText {
        var members: [(name: String, text: AnswerText)] = [
            ("name", .value(.string(name))),
            ("listen", .value(.string(listen))),
            ("upstream", .value(.string(upstream))),
            ("enabled", .value(.bool(isEnabled))),
            ("Logger", .object([])),
            ("toxics", toxicsAnswer(now: now)),
            ("protocol", .value(.string(wireProtocol.rawValue))),
            ("cuts", .value(.integer(Int64(cuts)))),
        ]
        if onDeath != .cut { members.append(("on_death", .value(.string(onDeath.rawValue)))) }
        if let lease { members.append(("ttl", .value(.integer(lease.remaining(now: now))))) }
        if let security {
            let (count, last) = share.securityFailures
            members.append(("tls", .value(security.json)))
            members.append(("tls_failures", .value(.integer(Int64(count)))))
            if let last { members.append(("tls_failure", .value(.string(last)))) }
        }
        return .object(members)
    }

    /// The toxics of the upstream direction, then those of the other, each in order of creation.
    func toxicsAnswer(now: Int64 = Loop.monotonicNanoseconds()) -> AnswerText {
        let sorted = Direction.allCases.flatMap { direction in
            toxics.filter { $0.toxic.direction == direction }
        }
        return .array(sorted.map { $0.answer(now: now) })
    }
}

extension ManagedToxic {
    /// Toxiproxy's object with its order of keys, ours behind.
    func answer(now: Int64 = Loop.monotonicNanoseconds()) -> AnswerText {
        var members: [(name: String, text: AnswerText)] = [
            ("attributes", .value(.object(toxic.attributesJSON))),
            ("name", .value(.string(toxic.name))),
            ("type", .value(.string(toxic.type.name))),
            ("stream", .value(.string(toxic.stream))),
            ("toxicity", .float(toxic.toxicity)),
            ("hits", .value(.integer(Int64(toxic.tally.hits)))),
        ]
        if toxic.type.hitsSession || toxic.match?.unit == .chunk {
            let occurrences = Int64(toxic.tally.occurrences)
            members.append(("occurrences", .value(.integer(occurrences))))
        }
        if let match = toxic.match { members.append(("match", .value(match.json))) }
        if let lease { members.append(("ttl", .value(.integer(lease.remaining(now: now))))) }
        return .object(members)
    }
}

extension Toxic {
    /// All attributes of the type, in its order.
    var attributesJSON: JSONObject {
        var object = JSONObject()
        for (index, field) in type.fields.enumerated() {
            object[field.name] =
                field.unit == .text
                ? .string(attributes.texts[index]) : field.json(attributes.values[index])
        }
        return object
    }
}

extension ToxicField {
    /// A share is shown in percent, everything else as the integer that it is.
    func json(_ value: Int64) -> JSONValue {
        guard unit == .percent else { return .integer(value) }
        let (whole, rest) = value.quotientAndRemainder(dividingBy: ToxicField.partsPerPercent)
        if rest == 0 { return .integer(whole) }
        return .number(Double(value) / Double(ToxicField.partsPerPercent))
    }
}

extension ToxicTally.Firing {
    /// `{"ordinal":1,"at_us":…,"connection":"c17","detail":{…}}`.
    var json: JSONValue {
        [
            "ordinal": .integer(Int64(ordinal)),
            "at_us": .integer(wallMicroseconds),
            "connection": .string(connection),
            "detail": .object(detail),
        ]
    }
}

extension ConnectionSummary {
    /// `{"latency_downstream":3}`, by name.
    static func json(_ hits: [String: Int]) -> JSONObject {
        JSONObject(
            hits.sorted { $0.key < $1.key }.map { name, count in
                JSONObject.Member(name: name, value: .integer(Int64(count)))
            }
        )
    }

    var json: JSONValue {
        var object: JSONObject = [
            "connection": .string(name),
            "client": .string(client),
            "state": .string(state),
            "age_ms": .integer(ageMilliseconds),
            "bytes_upstream": .integer(Int64(bytes.upstream)),
            "bytes_downstream": .integer(Int64(bytes.downstream)),
            "toxics": .array(toxics.map { .string($0) }),
            "hits": .object(ConnectionSummary.json(hits)),
        ]
        object["session"] = session.map { session in
            [
                "phase": .string(session.phase),
                "statements": .integer(Int64(session.statements)),
                "transactions": .integer(Int64(session.transactions)),
                "commits": .integer(Int64(session.commits)),
            ]
        }
        return .object(object)
    }
}
