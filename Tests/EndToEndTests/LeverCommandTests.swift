import EventLoop
import JSON
import LinuxSystem
import Testing

/// The lever and the clock from the command line.
struct LeverCommandTests {
    @Test func `an engaged lever refuses runs with status 3 until it is released`() async throws {
        try await withProgram { program in
            #expect(try await program.run("lever", "status").status == 0)
            let engaged = try await program.run("lever", "engage", "--reason", "release day")
            #expect(engaged.status == 0, "\(engaged.answer)\(engaged.conversation)")
            let run = try await program.run("run", "experiments/orders-paused.json")
            #expect(run.status == 3)
            #expect(run.conversation.contains("release day"))
            #expect(run.conversation.contains("chaos lever release"))
            #expect(try await program.run("lever", "status").status == 3)
            #expect(try await program.run("status").answer.contains("THE LEVER IS ENGAGED"))
            let status = try await program.run("status", "--json")
            #expect(try JSONValue.parse(status.answer)["lever"]?["reason"] == "release day")
            #expect(try await program.run("lever", "release").status == 0)
            #expect(try await program.run("lever", "status").status == 0)
        }
    }

    @Test func `a program under clock exec has a clock of its own`() async throws {
        try await withProgram { program in
            let now = Loop.wallMicroseconds() / 1_000_000
            let hour = try await program.run("clock", "exec", "--offset=-1h", "--", "date", "+%s")
            #expect(hour.status == 0, "\(hour.conversation)")
            let seconds = try #require(Int64(hour.answer.filter(\.isNumber)))
            #expect((now - 3601...now - 3600 + 120).contains(seconds))
            let missing = try await program.run("clock", "exec", "--", "no-such-program")
            #expect(missing.status == 64)
            #expect(missing.conversation.contains("no-such-program"))
            let wrong = try await program.run("clock", "exec", "--offset", "5", "--", "date")
            #expect(wrong.status == 64)
        }
    }
}
