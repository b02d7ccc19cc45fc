import EventLoop
import JSON
import LinuxSystem
import Testing

/// What every command says without touching anything.
struct CommandTests {
    /// `CHAOS_RECORD=1 swift test` writes the screens anew; review them with `git diff`.
    private static let isRecording = Environment.get("CHAOS_RECORD") != nil

    @Test(arguments: [
        [], ["run"], ["validate"], ["plan"], ["report"], ["gate"], ["gameday"],
        ["gameday", "validate"], ["shop"], ["shop", "up"],
        ["shop", "down"], ["shop", "status"], ["shop", "mutants"], ["proxy"], ["proxy", "serve"],
        ["proxy", "run"], ["proxy", "list"], ["proxy", "inspect"], ["proxy", "create"],
        ["proxy", "delete"], ["proxy", "toggle"], ["proxy", "reset"], ["proxy", "toxic"],
        ["proxy", "toxic", "types"], ["proxy", "toxic", "add"], ["proxy", "toxic", "update"],
        ["proxy", "toxic", "remove"], ["proxy", "truth"],
        ["status"], ["recover"], ["plugin"], ["plugin", "list"],
        ["plugin", "describe"], ["doctor"], ["lever"],
        ["lever", "engage"], ["lever", "release"], ["lever", "status"], ["clock"],
        ["clock", "exec"], ["completion"], ["man"],
    ])
    func `every help screen is as recorded`(words: [String]) async throws {
        try await withProgram { program in
            let name = "command-help"
            let arguments = words + ["--help"]
            let status = try await onLoop {
                try await program.start(arguments, name: name).wait()
            }
            #expect(status == .exited(0))
            let screen = try program.text("\(name).out")
            let file = (["chaos"] + words).joined(separator: "-") + ".txt"
            let path = "\(Program.root)/Tests/EndToEndTests/Help/\(file)"
            if Self.isRecording {
                try SystemFiles.createDirectory(
                    SystemFiles.parent(of: path),
                    mode: 0o755,
                    parents: true
                )
                try SystemFiles.writeAtomically(path, Array(screen.utf8), mode: 0o644)
            }
            #expect(screen == (try program.text(path)))
        }
    }

    @Test(arguments: [
        ("plugins", "docs/reference/plugins.md"), ("commands", "docs/reference/commands.md"),
        ("exit-statuses", "docs/reference/exit-statuses.md"),
    ])
    func `every generated page is up to date`(page: String, file: String) async throws {
        try await withProgram { program in
            let outcome = try await program.run("reference", page)
            #expect(outcome.status == 0)
            let path = "\(Program.root)/\(file)"
            if Self.isRecording {
                try SystemFiles.createDirectory(
                    SystemFiles.parent(of: path),
                    mode: 0o755,
                    parents: true
                )
                try SystemFiles.writeAtomically(path, Array(outcome.answer.utf8), mode: 0o644)
            }
            #expect(outcome.answer == (try program.text(path)))
        }
    }

    @Test func `the README's table of plugins is up to date`() async throws {
        try await withProgram { program in
            let table = try await program.run("reference", "plugin-table").answer
            let path = "\(Program.root)/README.md"
            let readme = try program.text(path)
            let rows = readme.split(separator: "\n", omittingEmptySubsequences: false)
            let first = try #require(rows.firstIndex { $0.hasPrefix("| plugin |") })
            let last = try #require(rows[first...].firstIndex { !$0.hasPrefix("|") })
            if Self.isRecording {
                let whole =
                    rows[..<first].joined(separator: "\n") + "\n" + table
                    + rows[last...].joined(separator: "\n")
                try SystemFiles.writeAtomically(path, Array(whole.utf8), mode: 0o644)
            } else {
                #expect(rows[first..<last].joined(separator: "\n") + "\n" == table)
            }
        }
    }

    @Test func `a wrong word exits 64 and says what was meant`() async throws {
        try await withProgram { program in
            let outcome = try await program.run("rum", "x.json")
            #expect(outcome.status == 64)
            #expect(outcome.conversation.contains("Did you mean 'run'?"))
            #expect(outcome.answer.isEmpty)
        }
    }

    @Test func `a collector that hosts of their own cannot reach exits 64`() async throws {
        try await withProgram { program in
            for url in ["http://127.0.0.1:4318", "http://localhost:4318", "http://[::1]:4318"] {
                let outcome = try await program.run(
                    ["shop", "up", "--topology", "netns", "--otlp", url]
                )
                #expect(outcome.status == 64)
                #expect(outcome.conversation.contains("out of the services' reach"))
            }
        }
    }

    @Test(arguments: ["--broker rabbitmq", "--broker postgres", "--replicas projector=2"])
    func `a shop without events that is to have a part of them exits 64`(
        option: String
    ) async throws {
        try await withProgram { program in
            let words = option.split(separator: " ").map(String.init)
            let outcome = try await program.run(
                ["shop", "up"] + words + ["--without", "events"]
            )
            #expect(outcome.status == 64)
            #expect(outcome.conversation.contains("'\(option)'"))
            #expect(outcome.conversation.contains("Use one of the two."))
            #expect(!SystemFiles.exists("\(program.directory)/state"))
        }
    }

    @Test func `a broken file exits 64 with every mistake as JSON`() async throws {
        try await withProgram { program in
            let file = "\(program.directory)/broken.json"
            let text = """
                {
                  "chaos": 1,
                  "titel": "x",
                  "description": "y",
                  "method": [{"type": "action", "name": "n",
                    "provider": {"type": "toxik", "func": "latency"}, "duration": "5 parsecs"}]
                }
                """
            try SystemFiles.writeAtomically(file, Array(text.utf8), mode: 0o644)
            let outcome = try await program.run("validate", file, "--json")
            #expect(outcome.status == 64)
            let answer = try JSONValue.parse(outcome.answer)
            #expect(answer["valid"]?.boolValue == false)
            let problems = try #require(answer["problems"]?.arrayValue)
            #expect(problems.count >= 3)
            for problem in problems {
                for key in ["file", "line", "column", "path", "message", "remedy"] {
                    #expect(problem[key] != nil)
                }
            }
        }
    }

    @Test func `a plan names steps, targets and bounds and leaves no trace`() async throws {
        try await withProgram { program in
            let outcome = try await program.run("plan", "experiments/lost-commit-ack.json")
            #expect(outcome.status == 0)
            #expect(outcome.answer.contains("payments->payments-db"))
            #expect(outcome.answer.contains("lose-commit-ack"))
            #expect(!SystemFiles.exists("\(program.directory)/state"))
        }
    }

    @Test func `the doctor finds what this machine has`() async throws {
        try await withProgram { program in
            let outcome = try await program.run("doctor", "--json")
            #expect(outcome.status == 0, "\(outcome.answer)")
            let answer = try JSONValue.parse(outcome.answer)
            #expect(answer["ok"]?.boolValue == true)
            let faults = try #require(answer["faults"]?.arrayValue)
            let pause = try #require(
                faults.first { $0["plugin"] == "process" && $0["function"] == "pause" }
            )
            #expect(pause["state"] == "works", "\(pause)")
            #expect(faults.allSatisfy { $0["state"] != "missing" || $0["remedy"] != nil })
        }
    }

    @Test func `with nothing running, status and recover are calm`() async throws {
        try await withProgram { program in
            let status = try await program.run("status")
            #expect(status.status == 0)
            #expect(status.answer.contains("No run, and no fault in effect."))
            let recovered = try await program.run("recover")
            #expect(recovered.status == 0)
            #expect(recovered.answer.contains("Nothing was left behind."))
        }
    }

    @Test(arguments: [
        ("chaos ru", "run"), ("chaos shop do", "down"), ("chaos run --mu", "--mutant"),
        ("chaos report --format ht", "html"),
    ])
    func `bash completes words`(typed: String, expected: String) async throws {
        try await withProgram { program in
            let script = """
                chaos() { "\(Program.executable)" "$@"; }
                source <(chaos completion bash)
                COMP_WORDS=(\(typed)); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                _chaos; printf '%s\\n' "${COMPREPLY[@]}"
                """
            let status = try await onLoop {
                var request = SpawnRequest(executable: "/bin/bash", arguments: ["-c", script])
                request.stdout = .file("\(program.directory)/bash.out", append: false)
                return try await ChildProcess.spawn(request).wait()
            }
            #expect(status == .exited(0))
            #expect(
                try program.text("bash.out").split(separator: "\n").map(String.init) == [expected]
            )
        }
    }

    @Test func `the manual page is one that man can read`() async throws {
        try await withProgram { program in
            let page = try await program.run("man").answer
            #expect(page.hasPrefix(".TH CHAOS 1"))
            for word in ["run", "gate", "proxy", "recover"] { #expect(page.contains(word)) }
            let isClean = page.split(separator: "\n").allSatisfy { line in
                !line.hasPrefix("'")
                    && (!line.hasPrefix(".") || line.dropFirst().first?.isUppercase == true)
            }
            #expect(isClean, "no sentence is taken for a macro")
        }
    }
}
