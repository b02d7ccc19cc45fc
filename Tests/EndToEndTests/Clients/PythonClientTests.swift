import LinuxSystem
import Testing

/// Programs of others, unmodified from PyPI: clients of Toxiproxy against `chaos proxy serve`,
/// the reader of JUnit files that CI services use, and a validator of OpenAPI documents.
///
/// On a machine that cannot install them the tests are skipped with pip's own words; where `CI` is
/// `true` they fail instead, so that a skip never looks like a success there.
@Suite(.serialized, .timeLimit(.minutes(15)))
struct PythonClientTests {
    @Test(arguments: ["toxiproxy_python.py", "chaostoolkit_toxiproxy.py"])
    func `every operation of the client library works unmodified`(script: String) async throws {
        try await withProgram { program in
            guard let python = try await python(program) else { return }
            try await ProxyServerProcess.with(program) { server in
                let address = server.api.dropFirst("http://".count).split(separator: ":")
                let (status, said) = try await python.run(script, address.map(String.init), program)
                #expect(status == 0, "\(said)")
                #expect(said.hasSuffix("held\n"), "\(said)")
            }
        }
    }

    @Test func `junitparser reads what the gate writes`() async throws {
        try await withProgram { program in
            guard let python = try await python(program) else { return }
            let suite = "\(program.directory)/suite"
            try SystemFiles.createDirectory(suite, mode: 0o755, parents: true)
            for (name, path) in [("holds", "/bin/true"), ("deviates", "/bin/false")] {
                let text = Self.experiment(path)
                try SystemFiles.writeAtomically(
                    "\(suite)/\(name).json",
                    Array(text.utf8),
                    mode: 0o644
                )
            }
            let junit = "\(program.directory)/gate.xml"
            let runs = "\(program.directory)/runs"
            let words = ["gate", suite, "--output", runs, "--junit", junit, "--retries", "0"]
            let outcome = try await program.run(words)
            #expect(outcome.status == 1, "\(outcome.conversation)")
            let (status, said) = try await python.run("read_junit.py", [junit], program)
            #expect(status == 0, "\(said)")
            #expect(said.contains("the last word is yes: failed"), "\(said)")
            #expect(said.contains("the last word is yes: passed"), "\(said)")
            #expect(said.contains(" 2 failures, 0 errors, 0 skipped"), "\(said)")
        }
    }

    @Test func `openapi-spec-validator takes the shop's documents, and no broken one`()
        async throws
    {
        try await withProgram { program in
            guard let python = try await python(program) else { return }
            let folder = "\(Program.root)/docs/reference/openapi"
            let names = try SystemFiles.list(folder).map { "\(folder)/\($0)" }
            let (status, said) = try await python.run("read_openapi.py", names, program)
            #expect(status == 0, "\(said)")
            #expect(said.contains("11 documents, 0 mistakes"), "\(said)")
            let gateway = try await program.run("shop", "openapi")
            #expect(gateway.answer == (try program.text("\(folder)/gateway.json")))
            let broken = "\(program.directory)/broken.json"
            let text = gateway.answer.replacing("\"type\": \"integer\"", with: "\"type\": \"int\"")
            try SystemFiles.writeAtomically(broken, Array(text.utf8), mode: 0o644)
            #expect(try await python.run("read_openapi.py", [broken], program).status == 1)
        }
    }

    /// An experiment that holds when a program exits with 0 in the end.
    private static func experiment(_ program: String) -> String {
        """
        {
          "chaos": 1, "title": "The program says yes", "description": "It exits with 0.",
          "steady-state-hypothesis": {
            "title": "yes", "strategy": "after-method-only", "probes": [{
              "type": "probe", "name": "the last word is yes",
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

    /// `nil`: there is none, and that was recorded.
    private func python(_ program: Program) async throws -> PythonEnvironment? {
        switch try await PythonEnvironment.prepare(program) {
        case .ready(let environment): return environment
        case .unavailable(let reason):
            guard Environment.get("CI") == "true" else { try Test.cancel("\(reason)") }
            Issue.record("the client libraries cannot be installed: \(reason)")
            return nil
        }
    }
}
