import JSON
import Testing

@Suite struct JSONDocumentTests {
    let document = JSONDocument(
        file: "experiments/x.json",
        bytes: Array(
            """
            {
              "method": [
                {"arguments": {"delay_ms": -5, "é": "☃", "a b": [true]}}
              ],
              "steady-state-hypothesis": null
            }
            """.utf8
        )
    )

    @Test func `every node knows its line, column and path`() throws {
        let node = try #require(document.node(at: "method[0].arguments.delay_ms"))
        #expect(node.value == -5)
        #expect(document.location(of: node) == (3, 32))
        #expect(document.lineText(3).hasPrefix("    {\"arguments\""))
        let snow = try #require(document.node(at: "method[0].arguments[\"é\"]"))
        #expect(document.location(of: snow) == (3, 41))
        let odd = try #require(document.node(at: "method[0].arguments[\"a b\"][0]"))
        #expect(odd.value == true)
        #expect(document.location(of: odd) == (3, 54))
        #expect(document.node(at: "steady-state-hypothesis")?.value == .null)
        #expect(document.node(at: "$")?.path == "$")
        #expect(document.node(at: "method[1]") == nil)
        #expect(document.node(at: "meth") == nil)
        #expect(document.node(at: "") == nil)
    }

    @Test func `nodes are found by name and index too`() throws {
        let node = try #require(document.root?["method"]?[0]?["arguments"]?["delay_ms"])
        #expect(node.path == "method[0].arguments.delay_ms")
        #expect(document.root?["method"]?[0]?.members.first?.name == "arguments")
    }

    @Test func `repeated names are problems, the last wins, and reading goes on`() {
        let text = "{\"a\":1,\n \"a\":2,\n \"b\":{\"c\":1,\"c\":2,\"c\":3}}"
        let document = JSONDocument(file: "f", bytes: Array(text.utf8))
        #expect(document.root?.value == ["a": 2, "b": ["c": 3]])
        #expect(document.root?["a"]?.value == 2)
        #expect(document.problems.map { [$0.line, $0.column] } == [[2, 2], [3, 13], [3, 19]])
        #expect(document.problems.first?.message == "the name \"a\" stands twice in one object")
    }

    @Test func `lines end at line feeds, with or without carriage returns`() {
        let document = JSONDocument(file: "f", bytes: Array("[1,\r\n2\n]".utf8))
        #expect(document.lineText(1) == "[1,")
        #expect(document.lineText(2) == "2")
        #expect(document.lineText(3) == "]")
        #expect(document.lineText(4) == "")
        #expect(document.lineText(0) == "")
        #expect(document.location(of: 100) == (3, 2))
    }
}
