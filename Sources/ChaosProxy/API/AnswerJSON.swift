import ChaosModel
import EventLoop
import JSON

extension ManagedProxy {
    /// Toxiproxy's object with its order of keys, ours behind.
    func json(now: Int64 = Loop.monotonicNanoseconds()) -> JSONValue {
        let sorted = Direction.allCases.flatMap { direction in
            toxics.filter { $0.toxic.direction == direction }
        }
        var object: JSONObject = [
            "name": .string(name),
            "listen": .string(listen),
            "upstream": .string(upstream),
            "enabled": .bool(isEnabled),
            "Logger": .object([:]),
            "toxics": .array(sorted.map { $0.json(now: now) }),
            "protocol": .string(wireProtocol.rawValue),
            "cuts": .integer(Int64(cuts)),
        ]
        object["ttl"] = lease.map { .integer($0.remaining(now: now)) }
        return .object(object)
    }
}

extension ManagedToxic {
    /// Toxiproxy's object with its order of keys, ours behind.
    func json(now: Int64 = Loop.monotonicNanoseconds()) -> JSONValue {
        var attributes = JSONObject()
        for (field, value) in zip(toxic.type.fields, toxic.attributes.values) {
            attributes[field.name] = .integer(value)
        }
        var object: JSONObject = [
            "attributes": .object(attributes),
            "name": .string(toxic.name),
            "type": .string(toxic.type.name),
            "stream": .string(toxic.stream),
            "toxicity": ManagedToxic.shortest(toxic.toxicity),
            "hits": .integer(Int64(toxic.tally.hits)),
        ]
        if toxic.type.event != nil {
            object["occurrences"] = .integer(Int64(toxic.tally.occurrences))
        }
        object["match"] = toxic.match?.json
        object["ttl"] = lease.map { .integer($0.remaining(now: now)) }
        return .object(object)
    }

    /// As Go prints a float32: the fewest digits that read back, and no point for whole numbers.
    private static func shortest(_ value: Float) -> JSONValue {
        if let whole = Int64(exactly: value) { return .integer(whole) }
        return Double("\(value)").map { .number($0) } ?? .null
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
    var json: JSONValue {
        var object: JSONObject = [
            "connection": .string(name),
            "client": .string(client),
            "state": .string(state),
            "age_ms": .integer(ageMilliseconds),
            "bytes_upstream": .integer(Int64(bytes.upstream)),
            "bytes_downstream": .integer(Int64(bytes.downstream)),
            "toxics": .array(toxics.map { .string($0) }),
        ]
        object["session"] = session.map { session in
            [
                "phase": .string(session.phase),
                "statements": .integer(Int64(session.statements)),
                "commits": .integer(Int64(session.commits)),
            ]
        }
        return .object(object)
    }
}
