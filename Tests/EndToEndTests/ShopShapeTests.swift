import LinuxSystem
import Testing

/// What an experiment asks of the shop that it starts.
struct ShopShapeTests {
    private func validate(
        _ members: String,
        _ check: @escaping @Sendable (Program.Outcome) -> Void
    ) async throws {
        try await withProgram { program in
            let file = "\(program.directory)/x.json"
            let text = """
                {"chaos": 1, "title": "t", "description": "d", \(members), "method": []}
                """
            try SystemFiles.writeAtomically(file, Array(text.utf8), mode: 0o644)
            check(try await program.run("validate", file))
        }
    }

    @Test func `instances and disks of the shop are checked before anything starts`() async throws {
        let good =
            #""system": "shop", "replicas": {"payments": 2}, "disks": {"payments": "256MiB"}"#
        try await validate(good) { #expect($0.status == 0, "\($0.conversation)") }
        for (members, message) in [
            (#""system": "shop", "replicas": {"paiments": 2}"#, "Did you mean \"payments\"?"),
            (#""system": "shop", "replicas": {"payments": 10}"#, "10 is out of range. Use 1 to 9."),
            (#""system": "shop", "disks": {"payments": "1MiB"}"#, "Use 128MiB to 8GiB."),
            (
                #""system": "shop", "disks": {"paiments": "1GiB"}"#,
                "has no database of \"paiments\""
            ),
            (#""replicas": {"payments": 2}"#, "Add \"system\": \"shop\""),
            (#""disks": {"payments": "1GiB"}"#, "Add \"system\": \"shop\""),
        ] {
            try await validate(members) { outcome in
                #expect(outcome.status == 64, "\(members)")
                let text = outcome.answer + outcome.conversation
                #expect(text.contains(message), "\(text)")
            }
        }
    }
}
