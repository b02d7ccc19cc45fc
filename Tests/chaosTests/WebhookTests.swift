import ChaosJournal
import ChaosModel
import ChaosRunner
import ChaosVerdict
import EventLoop
import HTTP
import JSON
import Synchronization
import Testing

@testable import chaos

/// A run told to a real HTTP server.
struct WebhookTests {
    /// What a receiver got, and what it answers first.
    private final class Receiver: Sendable {
        let events = Mutex<[JSONValue]>([])
        let refusals: Mutex<Int>

        init(refusals: Int) {
            self.refusals = Mutex(refusals)
        }

        func answer(_ request: HTTPRequest) -> HTTPResponse {
            let isRefused = refusals.withLock { left in
                left -= 1
                return left >= 0
            }
            if isRefused { return HTTPResponse(status: 503) }
            if let event = try? JSONValue.parse(request.body) {
                events.withLock { $0.append(event) }
            }
            return HTTPResponse(status: 204)
        }
    }

    private func onLoop(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let loop = try Loop.start(label: "webhook-test")
        defer { loop.stop() }
        try await loop.spawn(body).value
    }

    private static func tell(_ webhooks: Webhooks) async {
        webhooks.take(.directory("runs/x/1"))
        webhooks.take(.phase(.method))
        webhooks.take(.stopping(.aborted, "error rate above 5%"))
        await webhooks.end(Judge.judge([]), report: "runs/x/1/report.html")
    }

    @Test func `start, abort and end arrive in order, also when the first answer is a refusal`()
        async throws
    {
        try await onLoop {
            let receiver = Receiver(refusals: 1)
            let server = try await HTTPServer.start(
                on: try SocketAddress(parsing: "127.0.0.1:0"),
                handler: { receiver.answer($0) }
            )
            let address = "http://\(server.address)/hook"
            let webhooks = try Webhooks([address], file: "x.json", title: "X")
            await Self.tell(webhooks)
            let events = receiver.events.withLock { $0 }
            let names = events.map { $0["event"]?.stringValue }
            #expect(names == ["run-started", "run-stopping", "run-ended"])
            #expect(events.allSatisfy { $0["directory"]?.stringValue == "runs/x/1" })
            #expect(events[1]["text"]?.stringValue == "error rate above 5%")
            #expect(events[2]["outcome"]?.stringValue == "inconclusive")
            await server.shutdown(grace: .zero)
        }
    }

    @Test func `nobody at the address does not hold a run up`() async throws {
        try await onLoop {
            // A server that is gone: its port refuses.
            let server = try await HTTPServer.start(
                on: try SocketAddress(parsing: "127.0.0.1:0"),
                handler: { _ in HTTPResponse(status: 204) }
            )
            let address = "http://\(server.address)/"
            await server.shutdown(grace: .zero)
            let webhooks = try Webhooks([address], file: "x.json", title: "X")
            let begin = Loop.monotonicNanoseconds()
            webhooks.take(.directory("runs/x/1"))
            let told = Loop.monotonicNanoseconds() - begin
            #expect(told < 1_000_000_000, "telling took \(told) ns")
            await webhooks.end(Judge.judge([]), report: "")
        }
    }
}
