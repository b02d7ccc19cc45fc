import JSON
import Testing

@testable import FaultProcess

@Suite struct CommandWordsTests {
    private struct Row: CustomTestStringConvertible, Sendable {
        var arguments: JSONValue?
        var executable = "/bin/p"
        var words: [String]
        var testDescription: String { arguments?.serialized() ?? "none" }
    }

    private static let table: [Row] = [
        Row(arguments: nil, words: []),
        Row(arguments: .null, words: []),
        Row(arguments: "", words: []),
        Row(arguments: ["a", "", nil, "b c"], words: ["a", "b c"]),
        Row(
            arguments: [true, false, 1, 1.5, [1, 2], ["k": "v"]],
            words: ["True", "False", "1", "1.5", "[1, 2]", "{'k': 'v'}"]
        ),
        Row(
            arguments: [["it's", "a \"b\"", nil, true]],
            words: ["[\"it's\", 'a \"b\"', None, True]"]
        ),
        Row(arguments: [["both ' and \"", "a\nb\\"]], words: [#"['both \' and "', 'a\nb\\']"#]),
        Row(arguments: ["-x": 1, "-y": nil, "-z": ""], words: ["-x", "1", "-y", "-z"]),
        Row(
            arguments: "a | b $HOME",
            executable: "/bin/sh",
            words: ["-c", "/bin/p a | b $HOME"]
        ),
    ]

    @Test(arguments: table)
    private func `arguments become words as the Chaos Toolkit makes them`(row: Row) throws {
        let words = try CommandWords(executable: "/bin/p", arguments: row.arguments)
        #expect(words.executable == row.executable)
        #expect(words.arguments == row.words)
    }

    @Test(arguments: [JSONValue.bool(true), 1, 1.5])
    func `a single value is refused`(value: JSONValue) {
        #expect(throws: ProcessError.self) {
            try CommandWords(executable: "/bin/p", arguments: value)
        }
    }

    @Test func `a timeout is seconds or a duration`() throws {
        #expect(try Timeout.duration(nil) == .seconds(600))
        #expect(try Timeout.duration(0) == .zero)
        #expect(try Timeout.duration(0.25) == .milliseconds(250))
        #expect(try Timeout.duration("5s") == .seconds(5))
        #expect(throws: (any Error).self) { try Timeout.duration(-1) }
        #expect(throws: (any Error).self) { try Timeout.duration("5") }
        #expect(throws: (any Error).self) { try Timeout.duration(true) }
    }
}
