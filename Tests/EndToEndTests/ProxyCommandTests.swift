import EventLoop
import Glibc
import JSON
import LinuxSystem
import Testing

/// `chaos proxy` as one types it.
@Suite(.timeLimit(.minutes(5)))
struct ProxyCommandTests {
    @Test func `a proxy lives from create to delete, and every command says what it did`()
        async throws
    {
        try await withProgram { program in
            try await ProxyServerProcess.with(program) { server in
                #expect(try await server.answer("list").hasPrefix("No proxy at \(server.api). "))
                let created = try await server.answer(
                    "create",
                    "db",
                    "--upstream",
                    ":5432",
                    "--protocol",
                    "postgres"
                )
                #expect(created.hasPrefix("created db: 127.0.0.1:"))
                #expect(created.hasSuffix(" -> 127.0.0.1:5432 (postgres, up)\n"))
                let spec = "latency:latency=100ms,jitter=20ms"
                let added = try await server.answer(
                    "toxic",
                    "add",
                    "db",
                    spec,
                    "--ttl",
                    "1h",
                    "--toxicity",
                    "50%",
                    "--name",
                    "slow"
                )
                #expect(
                    added == "added slow (latency, downstream, latency=100ms jitter=20ms, "
                        + "50 % of the connections, 3600 s left) on db\n"
                )
                #expect(
                    try await server.answer("toxic", "update", "db", "slow", "latency=2s")
                        .hasPrefix("changed slow (latency, downstream, latency=2s jitter=20ms, ")
                )
                #expect(try await server.answer("list").contains(" postgres  slow\n"))
                #expect(try await server.answer("inspect", "db").contains("\nslow   latency  "))
                #expect(
                    try await server.answer("toxic", "remove", "db", "slow")
                        == "removed slow from db; it hit 0 times\n"
                )
                #expect(
                    try await server.answer("toggle", "db", "--for", "1h")
                        .contains("(postgres, down for 3600 s)")
                )
                #expect(try await server.answer("toggle", "db").hasSuffix("(postgres, up)\n"))
                #expect(
                    try await server.answer("reset")
                        == "every proxy of \(server.api) is up and has no toxic\n"
                )
                #expect(
                    try await server.answer("delete", "db")
                        == "deleted db; its connections are closed\n"
                )
            }
        }
    }

    @Test func `with --json the answer is the server's document and nothing else`() async throws {
        try await withProgram { program in
            try await ProxyServerProcess.with(program) { server in
                let created = try JSONValue.parse(
                    try await server.answer("create", "a", "--upstream", "127.0.0.1:1", "--json")
                )
                #expect(created["name"] == "a")
                let toxic = try JSONValue.parse(
                    try await server.answer("toxic", "add", "a", "bandwidth:rate=1MB/s", "--json")
                )
                #expect(toxic["attributes"] == ["rate": 1_000])
                let list = try JSONValue.parse(try await server.answer("list", "--json"))
                #expect(list["a"]?["toxics"]?[0]?["name"] == "bandwidth_downstream")
                let inspected = try JSONValue.parse(
                    try await server.answer("inspect", "a", "--json")
                )
                #expect(inspected["connections"] == [])
                let down = try JSONValue.parse(try await server.answer("toggle", "a", "--json"))
                #expect(down["enabled"] == false)
            }
        }
    }

    @Test func `a mistake exits 64, a machine that cannot 70, and both say what to do`()
        async throws
    {
        try await withProgram { program in
            try await ProxyServerProcess.with(program) { server in
                _ = try await server.answer("create", "db", "--upstream", "127.0.0.1:1")
                let address = String(server.api.dropFirst("http://".count))
                let cases: [([String], Int32, String)] = [
                    (["delete", "dbb"], 64, "Known proxies: db."),
                    (["toxic", "add", "db", "latenci:latency=1"], 64, "Did you mean \"latency\"?"),
                    (["toxic", "add", "db", "latency:latency=1KiB"], 64, "Write latency=100ms"),
                    (["toxic", "remove", "db", "x"], 64, "'chaos proxy toxic add' adds one."),
                    (["toxic", "update", "db", "x"], 64, "nothing to change."),
                    (["toxic", "add", "db", "lose_commit_ack"], 64, "needs a proxy with protocol"),
                    (["create", "x"], 64, "--upstream is missing"),
                    (["create", "db", "--upstream", ":1"], 64, "Choose another name"),
                    (["create", "x", "--upstream", ":1", "--listen", address], 70, "another port"),
                    (["toggle", "db", "--for", "soon"], 64, "takes a duration such as"),
                ]
                for (words, status, text) in cases {
                    let outcome = try await program.run(["proxy"] + words + ["--api", server.api])
                    #expect(outcome.status == status, "\(words)")
                    #expect(outcome.conversation.contains(text), "\(outcome.conversation)")
                    #expect(outcome.answer.isEmpty)
                }
            }
            let gone = try await program.run("proxy", "list", "--api", "http://127.0.0.1:1")
            #expect(gone.status == 70)
            #expect(gone.conversation.contains("Start one with 'chaos proxy serve'"))
        }
    }

    @Test func `the types of toxics are listed without a server`() async throws {
        try await withProgram { program in
            let list = try await program.run("proxy", "toxic", "types")
            #expect(list.status == 0)
            let lines = list.answer.split(separator: "\n").map(String.init)
            #expect(lines.first?.hasPrefix("TYPE  ") == true)
            let ofToxiproxy = [
                "latency", "bandwidth", "slow_close", "timeout", "reset_peer", "slicer",
                "limit_data", "noop",
            ]
            for type in ofToxiproxy {
                #expect(lines.contains { $0.hasPrefix("\(type) ") }, "\(type)")
            }
            #expect(lines.contains { $0.hasSuffix("  latency=TIME,jitter=TIME") })
            let json = try await program.run("proxy", "toxic", "types", "--json")
            let types = try #require(try JSONValue.parse(json.answer).arrayValue)
            #expect(types.count == lines.count - 1)
        }
    }

    @Test func `a configuration with mistakes exits 64 with their places`() async throws {
        try await withProgram { program in
            let file = "\(program.directory)/proxies.json"
            let text = "[{\"name\": \"a\"},\n {\"name\": \"b\", \"upstream\": 7}]"
            try SystemFiles.writeAtomically(file, Array(text.utf8), mode: 0o644)
            let outcome = try await program.run("proxy", "serve", "--port", "0", "--config", file)
            #expect(outcome.status == 64)
            #expect(outcome.conversation.contains("\(file):1:2 ($[0]): missing required field"))
            #expect(outcome.conversation.contains("\(file):2:2 ($[1]): "))
        }
    }

    @Test func `run without a terminal says plain lines, and Ctrl-C ends it with the sum`()
        async throws
    {
        try await withProgram { program in
            let loop = try Loop.start(label: "proxy-run")
            defer { loop.stop() }
            let backend = try await loop.spawn {
                try Listener.bind(try SocketAddress(parsing: "127.0.0.1:0"))
            }.value
            let words = [
                "proxy", "run", "--listen", "127.0.0.1:0", "--upstream", "\(backend.address)",
                "--port", "0", "--toxic", "latency:latency=1ms,ttl=1s",
            ]
            let child = try await loop.spawn { try program.start(words, name: "run") }.value
            let isTold = try await eventually(within: .seconds(60)) {
                try program.text("run.err").contains(
                    "toxic latency_downstream ended with its lease"
                )
            }
            child.signal(SIGINT)
            #expect(try await loop.spawn { try await child.wait() }.value == .exited(0))
            try await loop.spawn { backend.close() }.value
            let said = try program.text("run.err")
            #expect(isTold, "\(said)")
            #expect(said.contains(" -> \(backend.address) (tcp)\nThe API is at http://127.0.0.1:"))
            #expect(said.hasSuffix("stopping: every connection is closed\n"))
            #expect(!said.contains("\u{1B}"))
            let sum = try program.text("run.out")
            #expect(sum.hasSuffix(" carried 0 connections, 0 B to the server, 0 B to clients\n"))
        }
    }

    @Test(arguments: [
        (["--listen", "TAKEN", "--port", "0"], "another port"),
        (["--listen", "127.0.0.1:0", "--port", "99999"], "a whole number from 0 to 65535"),
        (["--listen", "127.0.0.1:99999", "--port", "0"], "A port is a number from 0 to 65535."),
        (["--listen", "127.0.0.1:0", "--port", "TAKEN"], "--port"),
        (["--listen", "x", "--port", "0"], "Write HOST:PORT"),
    ])
    func `a port that cannot be had is told with the remedy`(words: [String], text: String)
        async throws
    {
        try await withProgram { program in
            let loop = try Loop.start(label: "taken")
            defer { loop.stop() }
            let taken = try await loop.spawn {
                try Listener.bind(try SocketAddress(parsing: "127.0.0.1:0"))
            }.value
            let port = "\(try #require(taken.address.port))"
            let settled = words.enumerated().map { index, word in
                guard word == "TAKEN" else { return word }
                return words[index - 1] == "--port" ? port : "\(taken.address)"
            }
            let outcome = try await program.run(
                ["proxy", "run", "--upstream", "127.0.0.1:1"] + settled
            )
            try await loop.spawn { taken.close() }.value
            #expect(outcome.status == 64 || outcome.status == 70)
            #expect(outcome.conversation.contains(text), "\(outcome.conversation)")
        }
    }
}
