import EventLoop
import Glibc
import HTTP
import JSON
import LinuxSystem
import Testing

/// Killing and interrupting runs in the middle of a fault.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct SafetyTests {
    private static let experiment = "experiments/lost-commit-ack.json"

    /// Starts the experiment on a shop that is up, and returns when the journal says that the fault
    /// is in effect.
    private func startUntilInjected(_ program: Program) async throws -> (pid: Int32, start: UInt64)
    {
        let pid = try await onLoop {
            try program.start(
                ["run", Self.experiment, "--output", "\(program.directory)/runs"],
                name: "run"
            ).pid
        }
        let start = try #require(ProcessIdentity.startTime(pid))
        let isInjected = try await eventually(within: .seconds(90)) {
            guard SystemFiles.exists("\(program.directory)/runs"),
                let run = try? program.latestRun(),
                let text = try? program.text("\(run)/journal.jsonl")
            else { return false }
            return text.contains("\"state\":\"injected\"") && text.contains("\"event\":\"firing\"")
        }
        let said = try program.text("run.err")
        #expect(isInjected, "\(said)")
        return (pid, start)
    }

    /// How many toxics the shop's proxy has now.
    private func toxics(_ program: Program) async throws -> Int {
        let shop = try JSONValue.parse(try await program.run("shop", "status", "--json").answer)
        let api = try #require(shop["proxy-api"]?.stringValue)
        return try await onLoop {
            let client = HTTPClient()
            let answer = try await client.request(
                "GET",
                url: api + "/proxies",
                timeout: .seconds(5)
            )
            let proxies = try JSONValue.parse(answer.body).objectValue?.members ?? []
            return proxies.reduce(0) { $0 + ($1.value["toxics"]?.arrayValue?.count ?? 0) }
        }
    }

    @Test func `kill -9 of the runner leaves no fault and a readable journal`() async throws {
        try await withProgram { program in
            #expect(try await program.run("shop", "up").status == 0)
            let runner = try await startUntilInjected(program)
            #expect(try await toxics(program) == 1)
            #expect(ProcessIdentity.signal(runner.pid, startTime: runner.start, SIGKILL))
            let killed = Loop.monotonicNanoseconds()
            var left = try await toxics(program)
            while left > 0, Loop.monotonicNanoseconds() - killed < 10_000_000_000 {
                left = try await toxics(program)
            }
            let elapsed = Double(Loop.monotonicNanoseconds() - killed) / 1e9
            #expect(elapsed < 2.0, "the toxic was gone after \(elapsed) s")

            let shop = try await program.run("shop", "status", "--json")
            let gateway = try #require(try JSONValue.parse(shop.answer)["gateway"]?.stringValue)
            let health = try await onLoop {
                try await HTTPClient().request(
                    "GET",
                    url: gateway + "/health",
                    timeout: .seconds(5)
                ).status
            }
            #expect(health == 200)
            let isClean = try await eventually(within: .seconds(10)) {
                let path = "\(try program.latestRun())/guardian.jsonl"
                guard SystemFiles.exists(path) else { return false }
                return try program.text(path).contains("clean")
            }
            #expect(isClean)
            let status = try await program.run("status")
            #expect(status.status == 0, "\(status.answer)")
            #expect(status.answer.contains("no fault in effect"))
            let report = try await program.run("report", "--from", try program.latestRun())
            #expect(report.status == 0)
            #expect(report.answer.hasPrefix("<!DOCTYPE html>"))
        }
    }

    @Test func `Ctrl-C reverts and exits 130`() async throws {
        try await withProgram { program in
            #expect(try await program.run("shop", "up").status == 0)
            let (pid, start) = try await startUntilInjected(program)
            #expect(ProcessIdentity.signal(pid, startTime: start, SIGINT))
            let hasEnded = try await eventually(within: .seconds(30)) {
                !ProcessIdentity.isAlive(pid, startTime: start)
            }
            #expect(hasEnded)
            #expect(try await toxics(program) == 0)
            let journal = try program.text("\(program.latestRun())/journal.jsonl")
            #expect(journal.contains("\"interrupted\""))
        }
    }

    @Test func `a second up says that one runs, and down leaves nothing`() async throws {
        try await withProgram { program in
            #expect(try await program.run("shop", "up").status == 0)
            let second = try await program.run("shop", "up")
            #expect(second.status != 0)
            #expect(second.conversation.contains("runs already"))
            let description = try JSONValue.parse(
                try await program.run("shop", "status", "--json").answer
            )
            let directory = try #require(description["directory"]?.stringValue)
            let services = try #require(description["services"]?.arrayValue)
            let pids = services.compactMap { $0["pid"]?.integerValue.map { Int32($0) } }
            #expect(pids.count == services.count && pids.count >= 5)
            #expect(try await program.run("shop", "down").status == 0)
            #expect(!SystemFiles.exists(directory))
            for pid in pids { #expect(kill(pid, 0) == -1) }
        }
    }
}
