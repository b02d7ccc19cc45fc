import EventLoop
import HTTP
import JSON
import LinuxSystem
import Postgres
import PostgresServer
import Testing

@testable import ChaosProxy

/// Two proxies in a row with TLS between them: the first originates, the second terminates.
@Suite(.serialized)
struct SecureLinkTests {
    /// Creates a proxy; returns where it listens.
    private func proxy(
        _ rig: ProxyRig,
        _ name: String,
        to upstream: SocketAddress,
        protocol wireProtocol: String = "tcp",
        tls: String
    ) async throws -> SocketAddress {
        let answer = try await rig.ask(
            "POST",
            "/proxies",
            """
            {"name":"\(name)","listen":"127.0.0.1:0","upstream":"\(upstream)",
             "protocol":"\(wireProtocol)","tls":\(tls)}
            """
        )
        return try SocketAddress(parsing: try #require(answer["listen"]?.stringValue))
    }

    private func chain(
        _ rig: ProxyRig,
        to upstream: SocketAddress,
        protocol wireProtocol: String = "tcp"
    ) async throws -> SocketAddress {
        let inner = try await proxy(
            rig,
            "p",
            to: upstream,
            protocol: wireProtocol,
            tls: #"{"client":{}}"#
        )
        return try await proxy(
            rig,
            "outer",
            to: inner,
            protocol: wireProtocol,
            tls: #"{"server":{"verify":false}}"#
        )
    }

    @Test
    func `plaintext comes out as it went in, half-close included`() async throws {
        try await ProxyRig.run { rig in
            let server = try rig.serve { stream in
                let request = try await stream.readAll()
                try await stream.write(request + request)
            }
            let client = try await rig.connect(try await chain(rig, to: server))
            let request = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
            try await client.write(request)
            client.shutdownWrite()
            #expect(try await client.readAll() == request + request)
            client.close()
        }
    }

    @Test
    func `toxics work on plaintext`() async throws {
        try await ProxyRig.run { rig in
            let client = try await rig.connect(try await chain(rig, to: try rig.echo()))
            #expect(try await client.exchange("hello") == "hello")
            try await rig.toxic(#"{"type":"latency","name":"l","attributes":{"latency":80}}"#)
            var answer = ""
            let time = try await milliseconds { answer = try await client.exchange("again") }
            #expect(answer == "again")
            #expect(time >= 80)
            try await rig.ask("DELETE", "/proxies/p/toxics/l")
            try await rig.toxic(
                #"{"type":"limit_data","name":"d","attributes":{"bytes":3}}"#
            )
            try await client.write(Array("abcdef".utf8))
            #expect(try await client.readAll() == Array("abc".utf8))
            client.close()
        }
    }

    @Test
    func `many connections at once shake hands while toxics come and go`() async throws {
        try await ProxyRig.run(limit: .seconds(60)) { rig in
            let address = try await chain(rig, to: try rig.echo())
            let loop = try #require(Loop.current)
            let tasks = (0..<40).map { number in
                loop.spawn {
                    let client = try await rig.connect(address)
                    defer { client.close() }
                    let text = String(repeating: "\(number) ", count: 2_000)
                    for _ in 0..<5 where try await client.exchange(text) != text { return false }
                    return true
                }
            }
            for _ in 0..<20 {
                try await rig.toxic(
                    #"{"type":"slicer","name":"s","attributes":{"average_size":500}}"#
                )
                try await rig.ask("DELETE", "/proxies/p/toxics/s")
            }
            for task in tasks { #expect(try await task.value) }
        }
    }

    @Test
    func `a certificate that nobody vouches for breaks the connection and is told`() async throws {
        try await ProxyRig.run { rig in
            let inner = try await proxy(rig, "p", to: try rig.echo(), tls: #"{"client":{}}"#)
            let outer = try await proxy(rig, "outer", to: inner, tls: #"{"server":{}}"#)
            // The reset may even come before the client's connect has returned.
            if let client = try? await rig.connect(outer) {
                #expect(await client.ending() != nil)
                client.close()
            }
            let isTold = try await eventually {
                try await rig.ask("GET", "/proxies/outer")["tls_failures"] == 1
            }
            #expect(isTold)
            let answer = try await rig.ask("GET", "/proxies/outer")
            #expect(
                answer["tls_failure"]?.stringValue?.contains("self-signed certificate") == true
            )
        }
    }

    @Test(arguments: [
        (#"{"client":{"certificate":"/none.pem"}}"#, "The certificate file /none.pem cannot"),
        (#"{"client":{"key":"k.pem"}}"#, "tls.client.key without tls.client.certificate"),
        (#"{"clients":{}}"#, "tls.clients is unknown. Use client and server"),
        (#"{"server":{"verify":false,"sni":"a"}}"#, "tls.server.sni is unknown"),
        (#"{"server":{"ca":"/none.pem"}}"#, "The file of authorities /none.pem cannot"),
        (#"{"server":"yes"}"#, "cannot unmarshal string into Go struct field"),
    ])
    func `wrong settings are refused with what is wrong`(tls: String, message: String) async throws
    {
        try await ProxyRig.run { rig in
            let body =
                #"{"name":"p","listen":"127.0.0.1:0","upstream":"127.0.0.1:1","tls":\#(tls)}"#
            let answer = try await rig.call("POST", "/proxies", body)
            #expect(answer.status == 400)
            #expect(answer.text.contains(message), "\(answer.text)")
            #expect(try await rig.call("GET", "/proxies/p").status == 404)
        }
    }

    // MARK: PostgreSQL

    private func run(_ program: String, _ arguments: [String]) async throws -> Int32 {
        let folder = try PostgresBinaries.find().directory
        var request = SpawnRequest(executable: "\(folder)/\(program)", arguments: arguments)
        request.stdout = .null
        request.stderr = .null
        request.dieWithParent = true
        return try await ChildProcess.spawn(request).wait().shellStatus
    }

    @Test
    func `pgbench with sslmode=require runs through a terminating, watching proxy`() async throws {
        try await ProxyRig.run(limit: .seconds(60)) { rig in
            let database = try await SharedCluster.instance().database()
            let server = try SocketAddress(parsing: "127.0.0.1:\(database.port)")
            let address = try await proxy(
                rig,
                "p",
                to: server,
                protocol: "postgres",
                tls: #"{"client":{}}"#
            )
            let port = try #require(address.port)
            let through =
                database.conninfo.replacing("port=\(database.port)", with: "port=\(port)")
                + " sslmode=require"
            #expect(try await run("pgbench", ["-i", "-q", "-s", "1", through]) == 0)
            try await rig.toxic(
                #"{"type":"lose_commit_ack","name":"count","match":{"nth":1000000}}"#
            )
            for mode in ["simple", "extended", "prepared"] {
                let arguments = ["-M", mode, "-c", "4", "-t", "40", "-n", through]
                #expect(try await run("pgbench", arguments) == 0, "\(mode)")
            }
            // The watch saw plaintext: it counted each commit.
            let toxic = try await rig.ask("GET", "/proxies/p/toxics/count")
            #expect(toxic["occurrences"] == 480)
        }
    }

    @Test(arguments: ["disable", "prefer"])
    func `a client in the clear reaches an encrypted server`(_ mode: String) async throws {
        try await ProxyRig.run { rig in
            let database = try await SharedCluster.instance().database()
            let server = try SocketAddress(parsing: "127.0.0.1:\(database.port)")
            let address = try await chain(rig, to: server, protocol: "postgres")
            let port = try #require(address.port)
            let through =
                database.conninfo.replacing("port=\(database.port)", with: "port=\(port)")
                + " sslmode=\(mode)"
            let client = try await PostgresConnection.connect(through)
            let rows = try await client.query("SELECT 1 AS one")
            #expect(try rows[0].int("one") == 1)
            client.close()
        }
    }

    @Test
    func `a server without TLS that is asked for it breaks the connection and is told`()
        async throws
    {
        try await ProxyRig.run { rig in
            let database = try await SharedCluster.instance().database()
            let server = try SocketAddress(parsing: "127.0.0.1:\(database.port)")
            let address = try await proxy(
                rig,
                "p",
                to: server,
                protocol: "postgres",
                tls: #"{"server":{"verify":false}}"#
            )
            let port = try #require(address.port)
            let through = database.conninfo.replacing(
                "port=\(database.port)",
                with: "port=\(port)"
            )
            await #expect(throws: PostgresError.self) {
                try await PostgresConnection.connect(through + " sslmode=disable")
            }
            let answer = try await rig.ask("GET", "/proxies/p")
            #expect(answer["tls_failure"]?.stringValue?.contains("refuses TLS") == true)
        }
    }
}
