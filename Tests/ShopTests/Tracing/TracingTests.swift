import EventLoop
import HTTP
import JSON
import ShopCore
import Telemetry
import Testing

/// One order's way through all services, as a collector sees it.
@Suite(.timeLimit(.minutes(2)))
struct TracingTests {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let parentID = "00f067aa0ba902b7"
    private static let parent = "00-\(trace)-\(parentID)-01"

    private static func settings(_ url: String) -> TracingSettings {
        var settings = TracingSettings(collector: url)
        settings.delayMilliseconds = 20
        return settings
    }

    /// A confirmed order, siblings by name: 7 events are sent, 11 times one is handled.
    private static let confirmed = """
        gateway: POST /orders (server)
          gateway: POST (client)
            orders: POST /orders (server)
              orders-relay: send orders (producer)
                notifications: process orders (consumer)
                projector: process orders (consumer)
              orders-relay: send orders (producer)
                notifications: process orders (consumer)
                projector: process orders (consumer)
              orders-relay: send orders (producer)
                notifications: process orders (consumer)
                projector: process orders (consumer)
              orders-relay: send orders (producer)
                notifications: process orders (consumer)
                projector: process orders (consumer)
              orders: INSERT orders (client)
              orders: deliver charge (internal)
                orders: POST (client)
                  payments: POST /payments (server)
                    payments-relay: send payments (producer)
                      projector: process payments (consumer)
                    payments: INSERT payments (client)
                    payments: POST (client)
                      processor: POST /charges (server)
                        processor: INSERT charges (client)
                    payments: UPDATE payments (client)
                orders: UPDATE orders (client)
              orders: deliver confirm (internal)
                orders: POST (client)
                  inventory: POST /reservations/:order/confirm (server)
                    inventory-relay: send inventory (producer)
                      projector: process inventory (consumer)
                    inventory: UPDATE reservations (client)
                orders: UPDATE orders (client)
              orders: deliver reserve (internal)
                orders: POST (client)
                  inventory: POST /reservations (server)
                    inventory-relay: send inventory (producer)
                      projector: process inventory (consumer)
                    inventory: UPDATE reservations (client)
                orders: UPDATE orders (client)
        """

    /// The spans below one, a line each, indented by their depth.
    private static func tree(
        _ spans: [Collector.Span],
        below parent: String,
        _ indentation: String = ""
    ) -> String {
        spans.filter { $0.parent == parent }.map { span in
            let kinds = ["?", "internal", "server", "client", "producer", "consumer"]
            let kind = span.json["kind"]?.integerValue.flatMap { Int(exactly: $0) } ?? 0
            let line = "\(indentation)\(span.service): \(span.name) (\(kinds[kind]))"
            let rest = tree(spans, below: span.id, indentation + "  ")
            return rest.isEmpty ? line : "\(line)\n\(rest)"
        }.sorted().joined(separator: "\n")
    }

    @Test func `an order is one trace through services, saga and events, with its parents right`()
        async throws
    {
        try await onLoop {
            let collector = try await Collector.start()
            let settings = Self.settings(collector.url)
            try await TracedShop.run({ _ in settings }) { shop in
                let id = try await shop.order(
                    headers: ["traceparent": Self.parent, "tracestate": "vendor=1"]
                )
                try await collector.until { collector in
                    let names = collector.spans(of: Self.trace).map(\.name)
                    return names.count { $0.hasPrefix("send ") } == 7
                        && names.count { $0.hasPrefix("process ") } == 11
                        && names.contains("deliver confirm")
                }
                let spans = collector.spans(of: Self.trace)
                #expect(Self.tree(spans, below: Self.parentID) == Self.confirmed)
                #expect(spans.allSatisfy { $0.json["traceState"] == "vendor=1" })
                #expect(!spans.contains { $0.isFailed })
                let delivery = try #require(spans.first { $0.name == "deliver charge" })
                #expect(delivery.attribute("shop.order.id")?.stringValue == id)
                let stored = try await shop.text(.orders, "SELECT trace FROM orders")
                #expect(stored?.hasPrefix("00-\(Self.trace)-") == true)
                #expect(stored?.hasSuffix("-01 vendor=1") == true)
            }
            await collector.server.shutdown(grace: .seconds(1))
        }
    }

    @Test func `spans say what OpenTelemetry's conventions ask for, and what failed`()
        async throws
    {
        try await onLoop {
            let collector = try await Collector.start()
            let settings = Self.settings(collector.url)
            try await TracedShop.run({ _ in settings }) { shop in
                _ = try await shop.order(
                    ChargeRequest.declinedAmountCents,
                    headers: ["traceparent": Self.parent]
                )
                try await collector.until { collector in
                    collector.spans(of: Self.trace).contains { $0.name == "deliver release" }
                }
                let spans = collector.spans(of: Self.trace)
                func first(_ service: String, _ name: String) throws -> Collector.Span {
                    try #require(spans.first { $0.service == service && $0.name == name })
                }
                let server = try first("processor", "POST /charges")
                #expect(server.attribute("http.request.method") == "POST")
                #expect(server.attribute("http.route") == "/charges")
                #expect(server.attribute("http.response.status_code") == "402")
                #expect(!server.isFailed)
                let client = try first("payments", "POST")
                #expect(client.attribute("peer.service") == "processor")
                #expect(client.attribute("server.address") == "127.0.0.1")
                #expect(client.attribute("server.port")?.stringValue.flatMap { Int($0) } ?? 0 > 0)
                #expect(client.attribute("error.type") == "402")
                #expect(client.isFailed)
                let statement = try first("payments", "UPDATE payments")
                #expect(statement.attribute("db.system.name") == "postgresql")
                #expect(statement.attribute("db.namespace") == "payments")
            }
            await collector.server.shutdown(grace: .seconds(1))
        }
    }

    @Test func `a shop that is not traced passes a trace on as it came`() async throws {
        try await TracedShop.run({ _ in nil }) { shop in
            let id = try await shop.order(headers: ["traceparent": Self.parent])
            let stored = "SELECT trace FROM orders WHERE id = '\(id)'"
            #expect(try await shop.text(.orders, stored) == Self.parent)
            let charged = "SELECT trace FROM payments WHERE order_id = '\(id)'"
            #expect(try await shop.text(.payments, charged) == Self.parent)
            _ = try await shop.order()
            let untraced = "SELECT count(*) FROM orders WHERE trace IS NULL"
            #expect(try await shop.text(.orders, untraced) == "1")
        }
    }

    @Test func `what the gateway does not sample nobody samples`() async throws {
        try await onLoop {
            let collector = try await Collector.start()
            var never = Self.settings(collector.url)
            never.sampler = Sampler(ratio: 0)
            let settings = Self.settings(collector.url)
            try await TracedShop.run({ [never] in $0 == .gateway ? never : settings }) { shop in
                let id = try await shop.order()
                _ = try await shop.order(headers: ["traceparent": Self.parent])
                try await collector.until { collector in
                    collector.spans(of: Self.trace).contains { $0.name == "deliver confirm" }
                }
                #expect(collector.all.allSatisfy { $0.trace == Self.trace })
                let stored = "SELECT trace FROM orders WHERE id = '\(id)'"
                #expect(try await shop.text(.orders, stored)?.hasSuffix("-02") == true)
            }
            await collector.server.shutdown(grace: .seconds(1))
        }
    }

    @Test func `a collector that is busy is asked again, one that is away holds nothing up`()
        async throws
    {
        try await onLoop {
            let collector = try await Collector.start(refusals: [503, 429])
            // Accepts connections and never answers.
            let silent = try Listener.bind(SocketAddress(parsing: "127.0.0.1:0"))
            var lost = Self.settings("http://\(silent.address)")
            (lost.queueMax, lost.timeoutMilliseconds) = (5, 100)
            let settings = Self.settings(collector.url)
            try await TracedShop.run({ [lost] in $0 == .gateway ? lost : settings }) { shop in
                for _ in 0..<5 { _ = try await shop.order() }
                try await collector.until { collector in
                    collector.all.count { $0.name == "deliver confirm" } == 5
                }
                let metrics = try await shop.client.request(
                    "GET",
                    url: shop.gateway + "/metrics",
                    timeout: .seconds(5)
                ).text
                #expect(metrics.contains(#"trace_spans_dropped_total{reason="queue"}"#))
                #expect(!metrics.contains(#"trace_spans_dropped_total{reason="queue"} 0"#))
                #expect(metrics.contains("trace_spans_exported_total 0\n"))
            }
            silent.close()
            await collector.server.shutdown(grace: .seconds(1))
        }
    }

    @Test func `a sampled trace is named by the statements that run alone`() async throws {
        try await TracedShop.run({ _ in nil }) { shop in
            let id = try await shop.order()
            let seen = """
                SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid()
                    AND query LIKE '%FROM orders%traceparent=''\(Self.parent)''%'
                """
            for _ in 0..<50 {
                _ = try await shop.client.request(
                    "GET",
                    url: "\(shop.gateway)/orders/\(id)",
                    headers: ["traceparent": Self.parent],
                    timeout: .seconds(5)
                )
                if try await shop.text(.orders, seen) != "0" { return }
            }
            Issue.record("no statement named the trace")
        }
    }
}
