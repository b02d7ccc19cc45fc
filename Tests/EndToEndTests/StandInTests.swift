import EventLoop
import Glibc
import JSON
import LinuxSystem
import Testing

/// A server of a payment system whose proxy is killed (`on_death: passthrough`).
@Suite(.serialized)
struct StandInTests {
    /// Greets everybody and hangs up.
    private struct Backend {
        let listener: Listener

        init() throws {
            listener = try Listener.bind(try SocketAddress(parsing: "127.0.0.1:0"))
            let listener = listener
            // Owned by the listener: closing it ends the task.
            listener.loop.spawn {
                while true {
                    let caller = try await listener.accept()
                    try await caller.write(Array("hello".utf8))
                    caller.close()
                }
            }
        }
    }

    /// What a client of an address gets: `hello`, `cut`, or why it cannot connect.
    private func greeting(_ address: String) async -> String {
        do {
            return try await withDeadline(.seconds(10)) {
                let stream = try await Stream.connect(
                    to: try SocketAddress(parsing: address),
                    timeout: .seconds(5)
                )
                defer { stream.close() }
                var bytes = ByteBuffer()
                while let count = try? await stream.read(into: &bytes), count > 0 {}
                let text = String(decoding: bytes.readable, as: UTF8.self)
                return text.isEmpty ? "cut" : text
            }
        } catch { return "\(error)" }
    }

    /// Starts `chaos proxy run` and returns where it listens.
    private func proxy(
        _ program: Program,
        _ name: String,
        _ words: [String]
    ) async throws -> (child: ChildProcess, address: String) {
        let all = ["proxy", "run", "--port", "0", "--quiet"] + words
        let child = try program.start(all, name: name)
        let isReady = try await eventually(within: .seconds(30)) {
            try program.text("\(name).err").contains("Ctrl-C stops.")
        }
        let said = try program.text("\(name).err")
        try #require(isReady, "\(said)")
        return (child, String(try #require(said.split(separator: " ").first)))
    }

    private func standIns(_ program: Program) async throws -> [JSONValue] {
        let outcome = try await program.run("proxy", "stand-ins", "--json")
        return try JSONValue.parse(outcome.answer).arrayValue ?? []
    }

    @Test func `a killed proxy's clients are served untouched until the next one takes over`()
        async throws
    {
        try await withProgram { program in
            try await onLoop {
                let backend = try Backend()
                defer { backend.listener.close() }
                let toDeath = [
                    "--upstream", "\(backend.listener.address)", "--on-death", "passthrough",
                ]
                let slow = ["--toxic", "latency:latency=5m"]
                let (first, address) = try await proxy(
                    program,
                    "first",
                    ["--listen", "127.0.0.1:0"] + slow + toDeath
                )
                #expect(try await standIns(program).isEmpty)

                first.signal(SIGKILL)
                _ = try await first.wait()
                #expect(await greeting(address) == "hello")
                let found = try await standIns(program)
                #expect(found.count == 1)
                let listed = found.first?["proxies"]?[0]
                #expect(listed?["listen"]?.stringValue == address)

                // The next one has no stand-in: its toxic reigns until it stops, and then nobody
                // listens.
                let (second, again) = try await proxy(
                    program,
                    "second",
                    [
                        "--listen", address, "--upstream", "\(backend.listener.address)",
                        "--toxic", "timeout:timeout=1",
                    ]
                )
                #expect(again == address)
                #expect(await greeting(address) == "cut")
                let isGone = try await eventually(within: .seconds(30)) {
                    try SystemFiles.list("\(program.directory)/state/stand-ins").isEmpty
                }
                #expect(isGone)
                second.signal(SIGINT)
                #expect(try await second.wait() == .exited(0))
                #expect(await greeting(address).contains("ECONNREFUSED"))
            }
        }
    }

    @Test func `a proxy that is disabled or stops as it should is not stood in for`() async throws {
        try await withProgram { program in
            try await onLoop {
                let backend = try Backend()
                defer { backend.listener.close() }
                let (child, address) = try await proxy(
                    program,
                    "run",
                    [
                        "--listen", "127.0.0.1:0", "--upstream", "\(backend.listener.address)",
                        "--on-death", "passthrough",
                    ]
                )
                let said = try program.text("run.err")
                let api = try #require(said.split(separator: " ").first { $0.hasPrefix("http://") })
                let toggle = ["proxy", "toggle", "proxy", "--api", String(api.dropLast())]
                #expect(await greeting(address) == "hello")
                #expect(try await program.run(toggle).status == 0)
                #expect(await greeting(address).contains("ECONNREFUSED"))
                #expect(try await program.run(toggle).status == 0)
                #expect(await greeting(address) == "hello")
                child.signal(SIGTERM)
                #expect(try await child.wait() == .exited(0))
                #expect(await greeting(address).contains("ECONNREFUSED"))
                #expect(try await standIns(program).isEmpty)
            }
        }
    }
}
