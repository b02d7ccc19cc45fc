import EventLoop
import Glibc
import JSON
import LinuxSystem
import Testing

/// A `chaos proxy serve` of a test, and commands that talk to it.
struct ProxyServerProcess: Sendable {
    let program: Program
    let api: String

    /// Runs a body with a server on a free port; the server must end cleanly when interrupted.
    static func with(
        _ program: Program,
        config: String? = nil,
        _ body: (ProxyServerProcess) async throws -> Void
    ) async throws {
        let ready = "\(program.directory)/ready.json"
        let loop = try Loop.start(label: "proxy-server-process")
        defer { loop.stop() }
        let words =
            ["proxy", "serve", "--port", "0", "--seed", "7", "--ready-file", ready]
            + (config.map { ["--config", $0] } ?? [])
        let child = try await loop.spawn { try program.start(words, name: "serve") }.value
        do {
            let isReady = try await eventually(within: .seconds(30)) { SystemFiles.exists(ready) }
            let said = try program.text("serve.err")
            try #require(isReady, "\(said)")
            let api = try JSONValue.parse(try program.text("ready.json"))["api"]?.stringValue
            try await body(ProxyServerProcess(program: program, api: try #require(api)))
        } catch {
            child.signal(SIGKILL)
            _ = try await loop.spawn { try await child.wait() }.value
            throw error
        }
        child.signal(SIGINT)
        #expect(try await loop.spawn { try await child.wait() }.value == .exited(0))
    }

    /// Runs `chaos proxy …` against it.
    func proxy(_ words: String...) async throws -> Program.Outcome {
        try await program.run(["proxy"] + words + ["--api", api])
    }

    /// The same, which must succeed; what it answers.
    func answer(_ words: String...) async throws -> String {
        let outcome = try await program.run(["proxy"] + words + ["--api", api])
        #expect(outcome.status == 0, "\(words): \(outcome.conversation)")
        return outcome.answer
    }
}
