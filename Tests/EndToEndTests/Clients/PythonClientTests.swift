import LinuxSystem
import Testing

/// Client libraries of Toxiproxy, unmodified from PyPI, against `chaos proxy serve`.
///
/// On a machine that cannot install them the tests are skipped with pip's own words; where `CI` is
/// `true` they fail instead, so that a skip never looks like a success there.
@Suite(.serialized, .timeLimit(.minutes(15)))
struct PythonClientTests {
    @Test(arguments: ["toxiproxy_python.py", "chaostoolkit_toxiproxy.py"])
    func `every operation of the client library works unmodified`(script: String) async throws {
        try await withProgram { program in
            let python: PythonEnvironment
            switch try await PythonEnvironment.prepare(program) {
            case .ready(let environment): python = environment
            case .unavailable(let reason):
                guard Environment.get("CI") == "true" else { try Test.cancel("\(reason)") }
                Issue.record("the client libraries cannot be installed: \(reason)")
                return
            }
            try await ProxyServerProcess.with(program) { server in
                let address = server.api.dropFirst("http://".count).split(separator: ":")
                let (status, said) = try await python.run(script, address.map(String.init), program)
                #expect(status == 0, "\(said)")
                #expect(said.hasSuffix("held\n"), "\(said)")
            }
        }
    }
}
