import JSON
import Testing

@testable import Telemetry

struct TracerTests {
    private let dropped = Counter()

    private func queue(limit: Int = 100) -> SpanQueue {
        SpanQueue(limit: limit, batch: 10, dropped: dropped)
    }

    @Test func `a tracer that is off records nothing`() {
        #expect(Tracer.off.begin("a", .server, parent: nil) == nil)
        #expect(Tracer.off.child("a", .client) == nil)
    }

    @Test func `children name their parent and share its trace`() throws {
        let queue = queue()
        let tracer = Tracer(sampler: Sampler(), queue: queue)
        #expect(tracer.child("lonely", .client) == nil)
        let root = try #require(tracer.begin("root", .server, parent: nil))
        #expect(root.parentID == 0)
        let child = TraceContext.task.withValue(root.context) { tracer.child("child", .client) }
        let found = try #require(child)
        #expect(found.context.traceID == root.context.traceID)
        #expect(found.parentID == root.context.spanID)
        #expect(found.context.spanID != root.context.spanID)
        tracer.end(found)
        tracer.end(root)
        #expect(queue.take().map(\.name) == ["child", "root"])
        #expect(queue.take().isEmpty)
    }

    @Test func `what is not sampled is passed on and not recorded`() throws {
        let queue = queue()
        let tracer = Tracer(sampler: Sampler(ratio: 0), queue: queue)
        var root = try #require(tracer.begin("root", .server, parent: nil))
        #expect(!root.context.isSampled)
        root.set("name", "value")
        tracer.end(root)
        #expect(root.attributes.isEmpty)
        #expect(queue.count == 0)
    }

    @Test func `a full queue drops and counts; a closed one too`() throws {
        let queue = queue(limit: 3)
        let tracer = Tracer(sampler: Sampler(), queue: queue)
        for _ in 0..<5 { tracer.end(tracer.begin("a", .server, parent: nil)) }
        #expect(queue.count == 3)
        #expect(dropped.value == 2)
        #expect(queue.take().count == 3)
        queue.close()
        tracer.end(tracer.begin("a", .server, parent: nil))
        #expect(dropped.value == 3)
    }

    @Test func `spans are a collector's JSON`() throws {
        let queue = queue()
        let tracer = Tracer(sampler: Sampler(), queue: queue)
        let parent = TraceContext(traceHigh: 1, traceLow: 2, spanID: 3, flags: 1, state: "a=\"b\"")
        var span = try #require(tracer.begin("POST /orders", .server, parent: parent))
        span.set("http.response.status_code", 503)
        span.set("url.path", "/a\"b")
        span.set("flag", true)
        span.fail("the \"shop\" is full", type: "503")
        tracer.end(span)
        let text = TraceText.body(
            queue.take(),
            resource: [("service.name", "orders")],
            scope: "chaos.shop"
        )
        let resource = try #require(try JSONValue.parse(text)["resourceSpans"]?[0])
        #expect(resource["resource"]?["attributes"]?[0]?["key"] == "service.name")
        #expect(resource["scopeSpans"]?[0]?["scope"]?["name"] == "chaos.shop")
        let sent = try #require(resource["scopeSpans"]?[0]?["spans"]?[0])
        #expect(sent["traceId"] == "00000000000000010000000000000002")
        #expect(sent["parentSpanId"] == "0000000000000003")
        #expect(sent["spanId"]?.stringValue == span.context.spanIDText)
        #expect(sent["traceState"] == "a=\"b\"")
        #expect(sent["name"] == "POST /orders")
        #expect(sent["kind"] == 2)
        #expect(sent["status"] == ["code": 2, "message": "the \"shop\" is full"])
        #expect(
            sent["attributes"]
                == [
                    ["key": "http.response.status_code", "value": ["intValue": "503"]],
                    ["key": "url.path", "value": ["stringValue": "/a\"b"]],
                    ["key": "flag", "value": ["boolValue": true]],
                    ["key": "error.type", "value": ["stringValue": "503"]],
                ]
        )
        let begin = try #require(sent["startTimeUnixNano"]?.stringValue.flatMap { Int64($0) })
        let end = try #require(sent["endTimeUnixNano"]?.stringValue.flatMap { Int64($0) })
        #expect(begin > 1_700_000_000_000_000_000 && end >= begin)
    }
}
