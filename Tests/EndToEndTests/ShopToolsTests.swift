import JSON
import Testing

/// What one does by hand with a shop that runs, against a real one.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct ShopToolsTests {
    @Test func `a load, a question to a database and an order's story across the services`()
        async throws
    {
        try await withProgram { program in
            #expect(try await program.run("shop", "up").status == 0)
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
            let tellers = Set(story.compactMap { $0["service"]?.stringValue })
            #expect(tellers.isSuperset(of: ["orders", "inventory", "payments", "processor"]))
            #expect(story.first?["text"] == "order is pending")
            #expect(story.contains { $0["text"] == "order is confirmed" })

            #expect(try await program.run("shop", "trace", "x").status == 64)
            let nobody = "00000000-0000-4000-8000-000000000000"
            #expect(try await program.run("shop", "trace", nobody).status == 64)
            let sagas = try await program.run("shop", "saga", "list", "--older", "0")
            #expect(sagas.answer.contains("No order is on its way"))
            #expect(try await program.run("shop", "logs", "orders").answer.contains("listening"))
        }
    }
}
