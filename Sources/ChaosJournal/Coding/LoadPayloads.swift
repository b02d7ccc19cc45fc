internal import ChaosModel
internal import JSON

extension ClientOperation {
    func write(to line: inout LineWriter) {
        line.integer("arrival", arrival)
        line.string("operation", operation)
        line.string("kind", kind.rawValue)
        line.string("key", key)
        line.string("order", order)
        line.integer("status", status)
        line.number("latency_ms", latencyMilliseconds)
        line.string("detail", detail)
    }

    init(_ members: LineMembers) throws(JournalError) {
        self.init(
            arrival: try members.integer("arrival"),
            operation: try members.string("operation"),
            kind: try members.choice("kind", Kind.self),
            key: try members.string("key"),
            order: try members.optionalString("order"),
            status: try members.optionalInteger("status"),
            latencyMilliseconds: try members.optionalNumber("latency_ms"),
            detail: try members.optionalString("detail")
        )
    }
}

extension LoadSecond {
    func write(to line: inout LineWriter) {
        line.integer("second", second)
        line.string("operation", operation)
        line.integer("planned", planned)
        line.integer("ok", ok)
        line.integer("fail", fail)
        line.integer("info", info)
        line.number("p50_ms", p50)
        line.number("p90_ms", p90)
        line.number("p99_ms", p99)
        line.number("max_ms", max)
        line.number("lag_ms", lag)
    }

    init(_ members: LineMembers) throws(JournalError) {
        self.init(
            second: try members.integer("second"),
            operation: try members.string("operation"),
            planned: try members.integer("planned"),
            ok: try members.integer("ok"),
            fail: try members.integer("fail"),
            info: try members.integer("info"),
            lag: try members.optionalNumber("lag_ms") ?? 0
        )
        p50 = try members.optionalNumber("p50_ms")
        p90 = try members.optionalNumber("p90_ms")
        p99 = try members.optionalNumber("p99_ms")
        max = try members.optionalNumber("max_ms")
    }
}

extension TrafficSample {
    func write(to line: inout LineWriter) {
        line.seconds("seconds", seconds)
        line.value("links", .array(links.map(\.json)))
    }

    init(_ members: LineMembers) throws(JournalError) {
        self.init(seconds: try members.number("seconds"), links: [])
        for object in try members.objects("links") {
            let link = LineMembers(object: object)
            links.append(
                Link(
                    name: try link.string("link"),
                    upstream: try link.integer("upstream_bytes"),
                    downstream: try link.integer("downstream_bytes")
                )
            )
        }
    }
}

extension TrafficSample.Link {
    fileprivate var json: JSONValue {
        [
            "link": .string(name), "upstream_bytes": .integer(Int64(upstream)),
            "downstream_bytes": .integer(Int64(downstream)),
        ]
    }
}
