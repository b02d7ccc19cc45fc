import LinuxSystem
import Testing

/// A fault of the whole host is shown by the plan and begins only when it is allowed.
struct HostWideTests {
    private static let experiment = """
        {"chaos": 1, "title": "Everything is a little slower", "description": "Nothing breaks.",
         "method": [{"type": "action", "name": "take a little of one processor", "duration": "1s",
           "provider": {"type": "resource", "func": "cpu",
             "arguments": {"workers": 1, "share": "50%"}}}]}
        """

    @Test func `what hits this host itself takes --allow-host`() async throws {
        try await withProgram { program in
            let file = "\(program.directory)/slow.json"
            try SystemFiles.writeAtomically(file, Array(Self.experiment.utf8), mode: 0o644)
            let plan = try await program.run("plan", file)
            #expect(plan.status == 0)
            #expect(plan.answer.contains("HOST     everything on this host shares its processors"))
            let refused = try await program.run("run", file, "--output", program.directory)
            #expect(refused.status == 64)
            #expect(refused.conversation.contains("would hit this host itself; nothing was run."))
            #expect(refused.conversation.contains("Run with --allow-host if that is meant."))
            let allowed = try await program.run(
                "run",
                file,
                "--allow-host",
                "--output",
                program.directory
            )
            #expect(allowed.status == 0, "\(allowed.answer)\(allowed.conversation)")
        }
    }
}
