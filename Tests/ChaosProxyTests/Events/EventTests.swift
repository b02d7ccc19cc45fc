import EventLoop
import HTTP
import JSON
import Synchronization
import Testing

@testable import ChaosProxy

@Suite(.serialized)
struct EventTests {
    /// Reads events from the API until `count` of them came; each as its kind and its data.
    private static func read(
        _ rig: ProxyRig,
        _ path: String,
        count: Int,
        _ meanwhile: () async throws -> Void
    ) async throws -> [(kind: String, data: JSONValue)] {
        let client = try await rig.connect(rig.server.address)
        defer { client.close() }
        try await client.write(Array("GET \(path) HTTP/1.0\r\nHost: x\r\n\r\n".utf8))
        var text = ""
        var buffer = ByteBuffer()
        while !text.contains(": listening\n\n") {
            try #require(try await client.read(into: &buffer) > 0, "got \(text)")
            text += String(decoding: buffer.take(buffer.readableBytes), as: UTF8.self)
        }
        #expect(text.contains("Content-Type: text/event-stream"))
        try await meanwhile()
        var events: [(String, JSONValue)] = []
        while events.count < count {
            try #require(try await client.read(into: &buffer) > 0)
            text += String(decoding: buffer.take(buffer.readableBytes), as: UTF8.self)
            events = try text.matches(of: /id: [0-9]+\nevent: (.+)\ndata: (.+)\n\n/).map {
                (String($0.1), try JSONValue.parse(Array($0.2.utf8)))
            }
        }
        return events
    }

    @Test
    func `what happens is told in order: proxies, toxics, connections, firings`() async throws {
        try await ProxyRig.run { rig in
            let echo = try rig.echo()
            let events = try await EventTests.read(rig, "/events", count: 9) {
                let address = try await rig.proxy(to: echo)
                let client = try await rig.connect(address)
                #expect(try await client.exchange("a") == "a")
                try await rig.toxic(#"{"type":"latency","name":"l","attributes":{"latency":1}}"#)
                #expect(try await client.exchange("b") == "b")
                #expect(try await client.exchange("c") == "c")
                try await rig.ask("PATCH", "/proxies/p/toxics/l", #"{"toxicity":0.5}"#)
                try await rig.ask("DELETE", "/proxies/p/toxics/l")
                try await rig.toxic(#"{"type":"noop","name":"n","ttl":1}"#)
                #expect(
                    try await eventually {
                        try await rig.call("GET", "/proxies/p/toxics/n").status == 404
                    }
                )
                client.close()
            }
            #expect(
                events.map(\.kind) == [
                    "proxy_created", "connection_opened", "toxic_added", "toxic_fired",
                    "toxic_updated", "toxic_removed", "toxic_added", "toxic_expired",
                    "connection_closed",
                ]
            )
            #expect(events.allSatisfy { $0.data["proxy"] == "p" && $0.data["at_us"] != nil })
            #expect(events[3].data["toxic"] == "l")
            #expect(events[3].data["connection"] == "c1")
            let closed = events[8].data
            #expect(closed["end"] == "finished")
            #expect(closed["client"] == events[1].data["client"], "known, though it is gone")
            #expect(closed["bytes_upstream"] == 3)
            #expect(closed["bytes_downstream"] == 3)
            #expect(closed["hits"] == ["l": 2])
        }
    }

    @Test
    func `a listener hears only what it asked for`() async throws {
        try await ProxyRig.run { rig in
            let echo = try rig.echo()
            let path = "/events?proxy=p&kind=proxy_created,proxy_deleted"
            let events = try await EventTests.read(rig, path, count: 2) {
                let body = #"{"name":"other","upstream":"\#(echo)","listen":"127.0.0.1:0"}"#
                try await rig.ask("POST", "/proxies", body)
                _ = try await rig.proxy(to: echo)
                try await rig.toxic(#"{"type":"noop"}"#)
                try await rig.ask("DELETE", "/proxies/p")
            }
            #expect(events.map(\.kind) == ["proxy_created", "proxy_deleted"])
            let wrong = try await rig.call("GET", "/events?kind=nonsense")
            #expect(wrong.status == 400)
            #expect(wrong.text.contains("kind \\\"nonsense\\\" is not known. Use proxy_created"))
        }
    }

    @Test
    func `a listener that does not read is let go, and nobody waits for it`() async throws {
        let hub = EventHub()
        let (_, slow) = try #require(hub.listen(EventFilter()))
        let (number, _) = try #require(hub.listen(EventFilter(proxy: "other")))
        for _ in 0..<(EventHub.waitingMax + 10) { hub.tell(.proxyChanged, of: "p") { [:] } }
        var count = 0
        for await _ in slow { count += 1 }
        #expect(count == EventHub.waitingMax)
        #expect(hub.isHeard, "the other one is still there")
        hub.leave(number)
        #expect(!hub.isHeard)
    }

    @Test
    func `listeners are bounded, and closing lets all go`() async throws {
        let hub = EventHub()
        let listeners = (0..<EventHub.listenersMax).compactMap { _ in hub.listen(EventFilter()) }
        #expect(listeners.count == EventHub.listenersMax)
        #expect(hub.listen(EventFilter()) == nil)
        hub.close()
        for (_, messages) in listeners { for await _ in messages {} }
        #expect(hub.listen(EventFilter()) != nil)
    }
}
