import ChaosModel
import Glibc
import JSON
import Testing

/// Whether stored expectations are to be written anew: `REGENERATE=1 swift test`.
let isRegenerating = unsafe getenv("REGENERATE") != nil

@Suite struct ExperimentSchemaTests {
    static let path = TestFiles.root + "/docs/experiment.schema.json"

    @Test func `the published schema is what the tables say`() throws {
        let generated = ExperimentSchema.jsonSchema.serialized(pretty: true) + "\n"
        if isRegenerating { try TestFiles.write(generated, to: Self.path) }
        let published = String(decoding: try TestFiles.read(Self.path), as: UTF8.self)
        #expect(published == generated, "stale: run REGENERATE=1 swift test")
    }

    @Test func `every reference in the schema leads somewhere`() throws {
        let schema = ExperimentSchema.jsonSchema
        let definitions = try #require(schema["$defs"]?.objectValue)
        let references = try JSONPath("$..[\"$ref\"]").values(in: schema)
        #expect(references.count > 30)
        for reference in references {
            let name = try #require(reference.stringValue).dropFirst("#/$defs/".count)
            #expect(definitions[String(name)] != nil, "\(name)")
        }
    }

    @Test func `every field of the format says what it is`() {
        for field in ExperimentSchema.experiment.fields {
            #expect(field.summary.hasSuffix(".") || field.summary.hasSuffix("}"))
        }
    }
}

@Suite struct BrokenFilesTests {
    static let names = TestFiles.names(in: TestFiles.folder + "/Broken")
        .filter { $0.hasSuffix(".json") }

    @Test func `there are five broken files`() {
        #expect(Self.names.count >= 5)
    }

    @Test(arguments: names)
    func `every mistake of a broken file is shown with line, caret and remedy`(_ name: String)
        throws
    {
        let bytes = try TestFiles.bytes("Broken/\(name)")
        let (experiment, problems) = ExperimentDecoder.decode(file: name, bytes: bytes)
        #expect(experiment == nil)
        let rendered = ProblemRenderer.render(problems, sources: [name: bytes])
        let stored = "Broken/" + name.dropLast(5) + ".txt"
        if isRegenerating { try TestFiles.write(rendered, to: TestFiles.folder + "/" + stored) }
        #expect(rendered == (try TestFiles.text(stored)))
        for problem in problems {
            #expect(
                problem.json.objectValue?.names.prefix(6) == [
                    "file", "line", "column", "path", "message", "remedy",
                ]
            )
            #expect(problem.line > 0 && problem.column > 0)
            #expect(!problem.message.isEmpty)
        }
        #expect(problems.json["valid"] == false)
    }
}

@Suite struct ProblemRendererTests {
    private func problem(_ line: Int, _ column: Int) -> Problem {
        Problem(
            file: "f",
            line: line,
            column: column,
            path: "a",
            message: "it is wrong",
            remedy: "Mend it."
        )
    }

    private func render(_ problem: Problem, _ text: String) -> String {
        ProblemRenderer.render([problem], sources: ["f": Array(text.utf8)])
    }

    @Test func `the caret stands under the place, whatever stands before it`() {
        #expect(
            render(problem(1, 5), "\té界x") == "f:1:5 (a): it is wrong. Mend it.\n"
                + "  1 | \té界x\n    | \t   ^\n".replacing("   ^", with: "    ^")
        )
    }

    @Test func `a long line is cut around the place`() {
        let text = String(repeating: "a", count: 500) + "X" + String(repeating: "b", count: 500)
        let lines = render(problem(1, 501), text).split(separator: "\n")
        #expect(lines[1].count < 180)
        #expect(lines[1].contains("…"))
        let column = lines[2].count
        #expect(Array(lines[1])[column - 1] == "X")
    }

    @Test func `control characters do not reach the terminal`() {
        #expect(!render(problem(1, 2), "a\u{1B}[31mb").contains("\u{1B}"))
    }

    @Test func `a problem without a place or a source is one line`() {
        var nowhere = problem(0, 0)
        #expect(render(nowhere, "x") == "f (a): it is wrong. Mend it.\n")
        nowhere.line = 3
        #expect(
            ProblemRenderer.render([nowhere], sources: [:]) == "f:3:0 (a): it is wrong. Mend it.\n"
        )
    }
}
