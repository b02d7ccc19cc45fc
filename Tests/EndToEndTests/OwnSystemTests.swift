import EventLoop
import HTTP
import JSON
import LinuxSystem
import Testing

/// Systems that are not ours: the worked example of docs/your-system.md, and `chaos init`.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct OwnSystemTests {
    @Test func `the worked example of the documentation loses no acknowledged transaction`()
        async throws
    {
        try await withProgram { program in
            let page = try program.text("\(Program.root)/docs/your-system.md")
            let start = try #require(page.firstRange(of: "```sh\n# example.sh"))
            let rest = page[start.lowerBound...].dropFirst("```sh\n".count)
            let end = try #require(rest.firstRange(of: "\n```"))
            let script = rest[..<end.lowerBound].replacing(
                "\" run ",
                with: "\" run --output \(program.directory)/runs "
            )
            let outcome = try await shell(String(script), program)
            #expect(outcome.status == 0, "\(outcome.text)")
            #expect(outcome.text.ranges(of: "✓ HELD").count == 3, "\(outcome.text)")
            #expect(!outcome.text.contains("/tmp/your-system"))
        }
    }

    @Test func `init writes an experiment that holds on a service that copes`() async throws {
        try await withProgram { program in
            try await OwnService.with { service in
                let directory = "\(program.directory)/mine"
                let answers = [
                    "--http", service.url, "--database", service.database, "--protocol", "http",
                    "--listen", service.proxied, "--yes",
                ]
                // The service must answer while it is measured: it is not behind its proxy yet.
                let first = try await program.run(["init", directory] + answers)
                #expect(first.status == 0, "\(first.conversation)")
                let again = try await program.run("init", directory, "--yes")
                #expect(again.status == 64)
                #expect(again.conversation.contains("is there already, and nothing was written"))
                let config = "\(directory)/proxies.json"
                try await ProxyServerProcess.with(program, config: config) { server in
                    try edit("\(directory)/system.json", ["http://127.0.0.1:8474": server.api])
                    let experiment = "\(directory)/experiments/slow-database.json"
                    // The same experiment, shorter.
                    try edit(
                        experiment,
                        [
                            "\"10s\",\n    \"after": "\"2s\",\n    \"after",
                            "\"10/s\"": "\"20/s\"", "\"15s\"": "\"2s\"", "\"20s\"": "\"3s\"",
                        ]
                    )
                    let (outcome, _) = try await program.experiment(experiment)
                    #expect(outcome.status == 0, "\(outcome.answer)\n\(outcome.conversation)")
                    #expect(outcome.answer.contains("✓ HELD  Nobody is turned away"))
                }
            }
        }
    }

    /// Replaces texts of a file; each must be there.
    private func edit(_ file: String, _ changes: [String: String]) throws {
        var text = String(decoding: try SystemFiles.read(file), as: UTF8.self)
        for (old, new) in changes {
            #expect(text.contains(old), "\(old) in \(file)")
            text = text.replacing(old, with: new)
        }
        try SystemFiles.writeAtomically(file, Array(text.utf8), mode: 0o644)
    }

    private func shell(
        _ script: String,
        _ program: Program
    ) async throws -> (status: Int32, text: String) {
        let file = "\(program.directory)/example.sh"
        try SystemFiles.writeAtomically(file, Array(script.utf8), mode: 0o755)
        let status = try await onLoop {
            var request = SpawnRequest(executable: "/bin/sh", arguments: [file])
            request.environment =
                Environment.all() + [
                    "CHAOS=\(Program.executable)", "CHAOS_STATE_DIR=\(program.directory)/state",
                ]
            request.directory = Program.root
            request.newSession = true
            request.stdout = .file("\(program.directory)/example.out", append: true)
            request.stderr = .file("\(program.directory)/example.out", append: true)
            return try await ChildProcess.spawn(request).wait()
        }
        return (status.shellStatus, try program.text("example.out"))
    }
}

/// Somebody's service with its "database", both HTTP: a page is made of an answer of the database,
/// which is asked through the proxy when one listens, else directly.
struct OwnService: Sendable {
    let url: String
    let database: String
    /// Where the proxy shall listen.
    let proxied: String

    static func with(_ body: @Sendable (OwnService) async throws -> Void) async throws {
        let loop = try Loop.start(label: "own-service")
        defer { loop.stop() }
        let (service, servers) = try await loop.spawn { try await start() }.value
        do {
            try await body(service)
        } catch {
            await stop(servers, on: loop)
            throw error
        }
        await stop(servers, on: loop)
    }

    private static func stop(_ servers: [HTTPServer], on loop: Loop) async {
        _ = try? await loop.spawn {
            for server in servers { await server.shutdown(grace: .seconds(1)) }
        }.value
    }

    private static func start() async throws -> (OwnService, [HTTPServer]) {
        let anywhere = try SocketAddress(parsing: "127.0.0.1:0")
        let free = try Listener.bind(anywhere)
        let proxied = "\(free.address)"
        free.close()
        let database = try await HTTPServer.start(on: anywhere) { _ in HTTPResponse(status: 200) }
        guard let loop = Loop.current else { preconditionFailure("start is called on a loop") }
        let client = HTTPClient(loop: loop)
        let direct = "\(database.address)"
        let service = try await HTTPServer.start(on: anywhere) { _ in
            for place in [proxied, direct] {
                let answer = try? await client.request(
                    "GET",
                    url: "http://\(place)/",
                    timeout: .seconds(5)
                )
                if let answer { return HTTPResponse(status: answer.status) }
            }
            return HTTPResponse(status: 503)
        }
        let own = OwnService(
            url: "http://\(service.address)/page",
            database: direct,
            proxied: proxied
        )
        return (own, [service, database])
    }
}
