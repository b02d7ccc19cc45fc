import EventLoop
import JSON
import LinuxSystem
import Testing

/// The gate on small experiments of its own, and on the shop.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct GateTests {
    /// An experiment that needs no system: a program must exit with 0.
    private func experiment(_ program: String, tags: String = "[]") -> String {
        """
        {
          "chaos": 1,
          "title": "The program says yes",
          "description": "The program exits with 0 whenever it is asked.",
          "tags": \(tags),
          "steady-state-hypothesis": {
            "title": "yes", "strategy": "before-method-only", "probes": [{
              "type": "probe", "name": "it says yes",
              "tolerance": { "type": "jsonpath", "path": "$.status", "expect": 0 },
              "provider": {
                "type": "process", "func": "read", "arguments": { "path": "\(program)" }
              }
            }]
          },
          "method": []
        }
        """
    }

    private func write(_ program: Program, _ files: [String: String]) throws -> String {
        let directory = "\(program.directory)/suite"
        try SystemFiles.createDirectory(directory, mode: 0o755, parents: true)
        for (name, text) in files {
            try SystemFiles.writeAtomically("\(directory)/\(name)", Array(text.utf8), mode: 0o644)
        }
        return directory
    }

    @Test func `a suite that holds opens the gate and writes every file`() async throws {
        try await withProgram { program in
            let suite = try write(
                program,
                ["a.json": experiment("/bin/true"), "b.json": experiment("/bin/true")]
            )
            let outcome = try await program.run(
                "gate",
                suite,
                "--output",
                "\(program.directory)/runs",
                "--junit",
                "\(program.directory)/gate.xml",
                "--markdown",
                "\(program.directory)/gate.md",
                "--write-baseline",
                "\(program.directory)/base.json"
            )
            #expect(outcome.status == 0, "\(outcome.answer)\n\(outcome.conversation)")
            #expect(outcome.answer.contains("GATE PASSED: 2 held of 2, score 100"))
            #expect(try program.text("gate.xml").contains("tests=\"4\" failures=\"0\""))
            #expect(try program.text("gate.md").contains("| ✓ | `a` | held |"))
            let base = try JSONValue.parse(try program.text("base.json"))
            #expect(base["experiments"]?["a"]?["outcome"]?.stringValue == "held")
        }
    }

    @Test func `an inconclusive run is repeated and said to be, and closes the gate`() async throws
    {
        try await withProgram { program in
            let suite = try write(
                program,
                ["a.json": experiment("/bin/false"), "b.json": experiment("/bin/true")]
            )
            let outcome = try await program.run(
                "gate",
                suite,
                "--output",
                "\(program.directory)/runs",
                "--json",
                "--annotations",
                "none"
            )
            let answer = try JSONValue.parse(outcome.answer)
            #expect(outcome.status == 2, "\(outcome.answer)\n\(outcome.conversation)")
            #expect(answer["experiments"]?[0]?["attempts"]?.integerValue == 2)
            #expect(answer["experiments"]?[0]?["outcome"]?.stringValue == "inconclusive")
            #expect(answer["experiments"]?[1]?["outcome"]?.stringValue == "held")
            let waved = try await program.run(
                "gate",
                suite,
                "--output",
                "\(program.directory)/runs",
                "--fail-on",
                "deviated",
                "--retries",
                "0"
            )
            #expect(waved.status == 0, "\(waved.answer)")
        }
    }

    @Test func `one broken file keeps everything from running`() async throws {
        try await withProgram { program in
            let suite = try write(program, ["a.json": experiment("/bin/true"), "b.json": "{,}"])
            let outcome = try await program.run(
                "gate",
                suite,
                "--output",
                "\(program.directory)/runs"
            )
            #expect(outcome.status == 64)
            #expect(outcome.conversation.contains("b.json:1:2"))
            #expect(!SystemFiles.exists("\(program.directory)/runs"))
        }
    }

    @Test func `tags choose, and choosing nothing is an error`() async throws {
        try await withProgram { program in
            let suite = try write(
                program,
                [
                    "a.json": experiment("/bin/true", tags: #"["fast"]"#),
                    "b.json": experiment("/bin/false", tags: #"["slow"]"#),
                ]
            )
            let runs = "\(program.directory)/runs"
            let fast = try await program.run("gate", suite, "--output", runs, "--tag", "fast")
            #expect(fast.status == 0, "\(fast.conversation)")
            let none = try await program.run("gate", suite, "--output", runs, "--tag", "x")
            #expect(none.status == 64)
            #expect(none.conversation.contains("is left to run"))
        }
    }

    @Test func `the shell script of the documentation works as it is printed`() async throws {
        try await withProgram { program in
            let page = try program.text("\(Program.root)/docs/ci.md")
            let start = try #require(page.firstRange(of: "```sh\n# gate.sh"))
            let rest = page[start.lowerBound...].dropFirst("```sh\n".count)
            let end = try #require(rest.firstRange(of: "\n```"))
            let script = "\(program.directory)/gate.sh"
            let text = Array(rest[..<end.lowerBound].utf8)
            try SystemFiles.writeAtomically(script, text, mode: 0o644)
            let suite = try write(program, ["a.json": experiment("/bin/true")])
            let status = try await onLoop {
                var request = SpawnRequest(executable: "/bin/sh", arguments: [script])
                request.directory = program.directory
                request.environment = [
                    "CHAOS=\(Program.executable)", "SUITE=\(suite)", "PATH=/usr/bin:/bin",
                    "GITHUB_STEP_SUMMARY=\(program.directory)/summary.md",
                    "CHAOS_STATE_DIR=\(program.directory)/state",
                ]
                request.stdout = .file("\(program.directory)/sh.out", append: false)
                return try await ChildProcess.spawn(request).wait()
            }
            #expect(status == .exited(0))
            #expect(try program.text("sh.out").contains("GATE PASSED"))
            #expect(try program.text("summary.md").contains("GATE PASSED"))
        }
    }

    @Test func `a shop that charges twice does not pass the gate`() async throws {
        try await withProgram { program in
            let outcome = try await program.run(
                "gate",
                "experiments/first.json",
                "--mutant",
                "retry-without-key",
                "--output",
                "\(program.directory)/runs",
                "--junit",
                "\(program.directory)/gate.xml"
            )
            #expect(outcome.status == 1, "\(outcome.answer)\n\(outcome.conversation)")
            #expect(try program.text("gate.xml").contains("type=\"invariant-violated\""))
        }
    }
}
