import Testing

@testable import Telemetry

struct TraceContextTests {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let whole = "00-\(trace)-00f067aa0ba902b7-01"

    @Test func `a traceparent is read and written to the letter`() throws {
        let context = try #require(TraceContext(traceparent: Self.whole))
        #expect(context.traceID == Self.trace)
        #expect(context.spanIDText == "00f067aa0ba902b7")
        #expect(context.isSampled)
        #expect(context.traceparent == Self.whole)
        let unsampled = Self.whole.dropLast(2) + "00"
        #expect(TraceContext(traceparent: String(unsampled))?.isSampled == false)
    }

    private static let broken: [String] = [
        "", "00", String(whole.dropLast()), whole + "0", whole + "-", "ff" + whole.dropFirst(2),
        "0x" + whole.dropFirst(2), whole.uppercased(), whole.replacing("-", with: "_"),
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-\(trace)-0000000000000000-01", "00-\(trace)-00f067aa0ba902b7-0g",
        "cc-\(trace)-00f067aa0ba902b7-01x",
    ]

    @Test func `what is no traceparent is none`() {
        for text in Self.broken { #expect(TraceContext(traceparent: text) == nil, "\(text)") }
    }

    @Test func `a later version is read as far as this one knows it`() throws {
        let later = "cc-\(Self.trace)-00f067aa0ba902b7-ff-what-comes"
        let context = try #require(TraceContext(traceparent: later))
        #expect(context.traceparent == "00-\(Self.trace)-00f067aa0ba902b7-03")
    }

    @Test func `tracestate goes along, unless nobody could carry it`() throws {
        let state = "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7"
        let context = try #require(TraceContext(traceparent: Self.whole, tracestate: state))
        #expect(context.state == state)
        #expect(TraceContext(stored: context.stored) == context)
        let long = String(repeating: "a", count: 513)
        #expect(TraceContext(traceparent: Self.whole, tracestate: long)?.state == "")
        #expect(TraceContext(traceparent: Self.whole, tracestate: "a=\u{7}")?.state == "")
        let plain = try #require(TraceContext(traceparent: Self.whole))
        #expect(plain.stored == Self.whole)
        #expect(TraceContext(stored: plain.stored) == plain)
    }

    @Test func `nothing in a tracestate can end the comment of a statement`() throws {
        let state = "a='*/ DROP TABLE orders; --"
        let context = try #require(TraceContext(traceparent: Self.whole, tracestate: state))
        let comment = context.sqlComment
        #expect(comment.hasPrefix("/*traceparent='\(Self.whole)',tracestate='a%3D%27%2A%2F%20DROP"))
        #expect(comment.hasSuffix("'*/"))
        #expect(comment.split(separator: "*/", omittingEmptySubsequences: false).count == 2)
    }
}

struct SamplerTests {
    @Test func `a trace keeps the decision with which it came`() {
        var parent = TraceContext(traceHigh: 1, traceLow: 2, spanID: 3, flags: 1)
        let never = Sampler(ratio: 0)
        #expect(never.samples(traceLow: 2, parent: parent))
        #expect(!never.samples(traceLow: 2, parent: nil))
        #expect(!Sampler(ratio: 0, heedsParent: false).samples(traceLow: 2, parent: parent))
        parent.flags = 0
        #expect(!Sampler(ratio: 1).samples(traceLow: 2, parent: parent))
    }

    @Test func `a ratio takes its share of ids, and the larger share holds the smaller`() {
        var number: UInt64 = 7
        var taken = 0
        for _ in 0..<10_000 {
            number = number &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let isTaken = Sampler(ratio: 0.25).samples(traceLow: number, parent: nil)
            if isTaken {
                taken += 1
                #expect(Sampler(ratio: 0.5).samples(traceLow: number, parent: nil))
            }
        }
        #expect((2300...2700).contains(taken))
    }

    private static let named: [(name: String, argument: String?, sampler: Sampler?)] = [
        ("always_on", nil, Sampler(ratio: 1, heedsParent: false)),
        ("parentbased_always_off", nil, Sampler(ratio: 0)),
        ("parentbased_traceidratio", "0.01", Sampler(ratio: 0.01)),
        ("traceidratio", nil, Sampler(ratio: 1, heedsParent: false)),
        ("traceidratio", "2", nil), ("traceidratio", "much", nil), ("jaeger_remote", nil, nil),
    ]

    @Test func `samplers have OpenTelemetry's names`() {
        for (name, argument, sampler) in Self.named {
            #expect(Sampler(named: name, argument: argument) == sampler, "\(name)")
        }
    }
}

struct TracingSettingsTests {
    private func read(_ variables: [String: String]) -> (TracingSettings?, [String]) {
        TracingSettings.read { variables[$0] }
    }

    @Test func `without an endpoint nothing is traced`() {
        #expect(read([:]).0 == nil)
        let endpoint = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"]
        #expect(read(endpoint).0?.url == "http://127.0.0.1:4318/v1/traces")
        #expect(read(endpoint.merging(["OTEL_SDK_DISABLED": "true"]) { $1 }).0 == nil)
        #expect(read(endpoint.merging(["OTEL_TRACES_EXPORTER": "none"]) { $1 }).0 == nil)
        let exact = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:1/traces"]
        #expect(read(endpoint.merging(exact) { $1 }).0?.url == "http://127.0.0.1:1/traces")
    }

    @Test func `every mistake is told, and what can be used is used`() throws {
        let (settings, problems) = read([
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318/", "OTEL_BSP_SCHEDULE_DELAY": "x",
            "OTEL_TRACES_SAMPLER": "some", "OTEL_BSP_MAX_QUEUE_SIZE": "100",
            "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
            "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test,broken",
        ])
        let found = try #require(settings)
        #expect(found.url == "http://127.0.0.1:4318/v1/traces")
        #expect(found.queueMax == 100)
        #expect(found.delayMilliseconds == 1000)
        #expect(found.resource.map(\.value) == ["test"])
        #expect(
            problems.map { String($0.prefix { $0 != ":" }) }
                == [
                    "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_TRACES_SAMPLER", "OTEL_BSP_SCHEDULE_DELAY",
                ]
        )
        let encrypted = read(["OTEL_EXPORTER_OTLP_ENDPOINT": "https://collector:4318"])
        #expect(encrypted.0 == nil)
        #expect(encrypted.1.count == 1)
    }
}
