import ChaosModel
import EventLoop
import Glibc
import HTTP
import JSON
import LinuxSystem
import Testing

/// GameDays that need no shop: a process of ours is paused.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct GameDayTests {
    /// Writes a plan of one experiment and one manual step, whose fault pauses a process of ours.
    private func write(_ program: Program, pid: Int32) throws -> String {
        let folder = "\(program.directory)/gamedays"
        try SystemFiles.createDirectory(folder, mode: 0o755, parents: true)
        let experiment = """
            {
              "chaos": 1, "title": "It stands still", "description": "Nothing depends on it.",
              "steady-state-hypothesis": {
                "title": "yes", "strategy": "on-fault", "frequency": "1s",
                "recovers-within": "5s",
                "probes": [{ "type": "probe", "name": "it says yes",
                  "tolerance": { "type": "jsonpath", "path": "$.status", "expect": 0 },
                  "provider": { "type": "process", "func": "read",
                    "arguments": { "path": "/bin/true" } } }]
              },
              "method": [{ "type": "action", "name": "it stands still",
                "provider": { "type": "process", "func": "pause" },
                "target": { "process": "\(pid)" }, "duration": "60s" }]
            }
            """
        let plan = """
            {
              "chaos-gameday": 1, "title": "A small day", "description": "Does it work?",
              "checks": [
                { "name": "true is true", 
                  "tolerance": { "type": "jsonpath", "path": "$.status", "expect": 0 },
                  "provider": { "type": "process", "func": "read",
                    "arguments": { "path": "/bin/true" } } },
                { "name": "people", "ask": "Is everybody here?" }
              ],
              "rounds": [
                { "title": "It stands still", "experiment": "pause.json", "time-box": "3m",
                  "hypothesis": "Nobody notices." },
                { "title": "By hand", "manual": "Look out of the window.", "time-box": "1m" }
              ]
            }
            """
        for (name, text) in [("pause.json", experiment), ("plan.json", plan)] {
            try SystemFiles.writeAtomically("\(folder)/\(name)", Array(text.utf8), mode: 0o644)
        }
        return "\(folder)/plan.json"
    }

    /// Runs a body with a GameDay and the process that it may pause.
    private func withDay(
        _ more: [String],
        _ body: @escaping @Sendable (GameDayProcess) async throws -> Void
    ) async throws {
        try await withProgram { program in
            try await onLoop {
                let victim = try ChildProcess.spawn(
                    SpawnRequest(executable: "/bin/sleep", arguments: ["600"])
                )
                let plan = try write(program, pid: victim.pid)
                let words = [plan, "--output", "\(program.directory)/runs"] + more
                let day = try GameDayProcess(program, words)
                let outcome: Result<Void, any Error>
                do {
                    try await body(day)
                    outcome = .success(())
                } catch {
                    outcome = .failure(error)
                }
                if day.child.status == nil { day.child.signal(SIGKILL) }
                _ = try await day.child.wait()
                victim.signal(SIGKILL)
                _ = try await victim.wait()
                try outcome.get()
            }
        }
    }

    @Test func `people lead a day through its rounds from the page, and Ctrl-C ends it cleanly`()
        async throws
    {
        try await withDay([]) { day in
            try await day.wait(kind: "checked")
            #expect(try await day.say("go") == 409)
            #expect(try await day.say("yes", "2") == 200)
            #expect(try await day.say("go") == 200)
            #expect(try await day.say("predict", "nobody notices", by: "Bo") == 200)
            #expect(try await day.say("go") == 200)
            try await day.wait(kind: "happened", text: "in effect")
            #expect(try await day.say("seen", "it stands still", by: "Cy") == 200)
            #expect(try await day.say("stop") == 200)
            let stop = try await day.wait(kind: "stop-asked")
            let undone = try await day.wait(kind: "happened", text: "reverted")
            let end = try await day.wait(kind: "round-ended")
            #expect(end["data"]?["outcome"]?.stringValue == "stopped")
            #expect(try JournalTime.seconds(from: stop, to: undone) < 2)
            #expect(try await day.say("action", "watch it better") == 200)
            #expect(try await day.say("go") == 200, "ends the pause")
            #expect(try await day.say("go") == 200, "to the next round")
            #expect(try await day.say("go") == 200, "begins it")
            #expect(try await day.say("done", "it rains") == 200)
            day.child.signal(SIGINT)
            #expect(try await day.child.wait() == .exited(3))
            let page = try day.program.text("\(try day.directory())/closing.md")
            for text in [
                "Bo: nobody notices", "Cy: it stands still", "watch it better", "it rains",
                "stopped",
            ] {
                #expect(page.contains(text), "\(text) is not in\n\(page)")
            }
            #expect(try await day.program.run("status").answer.contains("No run, and no fault"))
        }
    }

    @Test
    func `the page is for those with the token, on this machine, and takes no more than it should`()
        async throws
    {
        try await withDay([]) { day in
            let address = try await day.address()
            let site = String(address[..<(try #require(address.firstRange(of: "/?")).lowerBound)])
            let client = HTTPClient()
            func get(_ url: String, _ headers: HTTPHeaders = [:]) async throws -> HTTPResponse {
                try await client.request("GET", url: url, headers: headers, timeout: .seconds(10))
            }
            let page = try await get(address)
            #expect(page.status == 200)
            #expect(
                page.headers["Content-Security-Policy"]?.hasPrefix("default-src 'none'") == true
            )
            #expect(!page.text.contains("http://") || page.text.contains("www.w3.org/2000/svg"))
            #expect(try await get(site + "/").status == 403)
            #expect(
                try await get(site + "/?token=" + String(repeating: "0", count: 48)).status == 403
            )
            #expect(try await get(address, ["Origin": "http://evil.example"]).status == 403)
            #expect(try await get(address, ["Host": "evil.example"]).status == 403)
            #expect(try await get(address.replacing("/?", with: "/nothing?")).status == 404)
            #expect(try await get(address.replacing("/?", with: "/command?")).status == 405)
            #expect(try await get(address.replacing("/?", with: "/closing?")).status == 404)
            for place in ["/report/1/1?", "/report/9/9?", "/report/..%2f/1?"] {
                #expect(try await get(address.replacing("/?", with: place)).status == 404)
            }
            let json: HTTPHeaders = ["Content-Type": "application/json"]
            #expect(try await day.post("{\"word\":\"go\"}", headers: [:]) == 415)
            #expect(try await day.post("[]", headers: json) == 400)
            #expect(try await day.post("{\"word\":\"note\"}", headers: json) == 409)
            let long = String(repeating: "x", count: 20_000)
            #expect(try await day.post("{\"word\":\"\(long)\"}", headers: json) == 413)
            #expect(try await day.say("note", String(repeating: "x", count: 700)) == 409)
            let mode = try SystemFiles.read("\(try day.directory())/dashboard.json")
            #expect(!mode.isEmpty)
            day.child.signal(SIGINT)
            #expect(try await day.child.wait() == .exited(3))
        }
    }

    @Test func `a plan with mistakes is told whole and not held`() async throws {
        try await withProgram { program in
            let plan = try write(program, pid: 1)
            let broken = try program.text(plan).replacing("pause.json", with: "nowhere.json")
                .replacing("\"path\": \"/bin/true\"", with: "\"pth\": \"/bin/true\"")
            try SystemFiles.writeAtomically(plan, Array(broken.utf8), mode: 0o644)
            let outcome = try await program.run("gameday", "validate", plan, "--json")
            #expect(outcome.status == 64)
            let problems = try JSONValue.parse(outcome.answer)["problems"]?.arrayValue ?? []
            let paths = problems.compactMap { $0["path"]?.stringValue }
            #expect(paths.contains("rounds[0].experiment"))
            #expect(paths.contains { $0.hasPrefix("checks[0]") }, "\(outcome.answer)")
            let runs = "\(program.directory)/runs"
            #expect(try await program.run("gameday", plan, "--yes", "--output", runs).status == 64)
            #expect(!SystemFiles.exists(runs))
        }
    }

    @Test func `every GameDay of the checkout is valid`() async throws {
        try await withProgram { program in
            let plans = try SystemFiles.list("\(Program.root)/gamedays").map { "gamedays/\($0)" }
            let outcome = try await program.run(["gameday", "validate"] + plans.sorted())
            #expect(outcome.status == 0, "\(outcome.conversation)")
            #expect(!outcome.conversation.contains("warning"), "\(outcome.conversation)")
            #expect(plans.count >= 2)
        }
    }
}

/// Times of journal lines.
enum JournalTime {
    /// Seconds between two events.
    static func seconds(from start: JSONValue, to end: JSONValue) throws -> Double {
        let first = try #require(start["at"]?.stringValue.flatMap { Timestamp(rfc3339: $0) })
        let last = try #require(end["at"]?.stringValue.flatMap { Timestamp(rfc3339: $0) })
        return Double(last.microseconds - first.microseconds) / 1e6
    }
}
