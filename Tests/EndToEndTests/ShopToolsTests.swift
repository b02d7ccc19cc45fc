import HTTP
import JSON
import Testing

/// What one does by hand with a shop that runs, against a real one.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct ShopToolsTests {
    @Test func `a load, a question to a database and an order's story across the services`()
        async throws
    {
        try await withProgram { program in
            let receiver = try await SpanReceiver.start()
            let up = try await program.run("shop", "up", "--otlp", receiver.url)
            #expect(up.status == 0, "\(up.conversation)")
            let load = try await program.run(
                ["shop", "load", "--rate", "30/s", "--duration", "1s", "--reads", "100%", "--json"]
            )
            #expect(load.status == 0, "\(load.conversation)")
            let operations = try JSONValue.parse(load.answer)["operations"]?.arrayValue ?? []
            #expect(
                operations.map { $0["name"]?.stringValue } == ["placement", "checkout", "read"]
            )
            let order = try await program.run(
                "shop",
                "psql",
                "orders",
                "-c",
                "COPY (SELECT id FROM orders LIMIT 1) TO STDOUT"
            ).answer.filter { !$0.isWhitespace }
            let trace = try await program.run("shop", "trace", order, "--json")
            #expect(trace.status == 0, "\(trace.conversation)")
            let story = try JSONValue.parse(trace.answer).arrayValue ?? []
            let times = story.compactMap { $0["at"]?.stringValue }
            #expect(times == times.sorted())
            let services = Set(story.compactMap { $0["service"]?.stringValue })
            #expect(services.isSuperset(of: ["orders", "inventory", "payments", "processor"]))
            #expect(services.isSuperset(of: ["broker", "notifications", "projector"]))
            let texts = story.compactMap { $0["text"]?.stringValue }
            #expect(texts.contains { $0.hasPrefix("order belongs to trace ") })
            #expect(texts.contains("order is confirmed"))
            #expect(texts.contains("event order-confirmed handled"))
            #expect(texts.contains { $0.hasPrefix("event payment-captured taken from payments-") })
            let roles: Set = [
                "gateway", "orders", "inventory", "payments", "processor", "orders-relay",
                "inventory-relay", "payments-relay", "notifications", "projector",
            ]
            #expect(
                try await eventually(within: .seconds(10)) {
                    receiver.services.isSuperset(of: roles)
                }
            )

            try await expectDocuments(program)
            #expect(try await program.run("shop", "trace", "x").status == 64)
            let nobody = "00000000-0000-4000-8000-000000000000"
            #expect(try await program.run("shop", "trace", nobody).status == 64)
            let sagas = try await program.run("shop", "saga", "list", "--older", "0")
            #expect(sagas.answer.contains("No order is on its way"))
            #expect(try await program.run("shop", "logs", "orders").answer.contains("listening"))
        }
    }

    /// Each process serves the OpenAPI document that is published of its role.
    private func expectDocuments(_ program: Program) async throws {
        let status = try await program.run("shop", "status", "--json")
        let services = try JSONValue.parse(status.answer)["services"]?.arrayValue ?? []
        #expect(services.count == 11)
        for service in services {
            let role = try #require(service["role"]?.stringValue)
            let url = try #require(service["url"]?.stringValue)
            let served = try await onLoop {
                try await HTTPClient().request(
                    "GET",
                    url: url + "/openapi.json",
                    timeout: .seconds(5)
                )
            }
            let path = "\(Program.root)/docs/reference/openapi/\(role).json"
            #expect(
                try JSONValue.parse(served.body) == JSONValue.parse(try program.text(path)),
                "\(role)"
            )
        }
    }
}
