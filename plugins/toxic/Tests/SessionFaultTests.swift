import ChaosPluginAPI
import EventLoop
import HTTP
import JSON
import Postgres
import PostgresServer
import Testing

@testable import FaultToxic

/// Functions that hit statements and requests: each is put, seen at work and taken away.
@Suite(.serialized)
struct SessionFaultTests {
    @Test
    func `a dropped COMMIT is told with its transaction, which the database has aborted`()
        async throws
    {
        try await ToxicRig.run { rig in
            let database = try await SharedCluster.instance().database()
            try await rig.link(
                to: try SocketAddress(parsing: "127.0.0.1:\(database.port)"),
                protocol: "postgres"
            )
            let port = try #require(rig.listen.port)
            let through = database.conninfo
                .replacing("port=\(database.port)", with: "port=\(port)")
            let direct = try await PostgresConnection.connect(database.socketConninfo)
            defer { direct.close() }
            try await direct.simple("CREATE TABLE t (id int PRIMARY KEY)")
            let fault = try #require(try ToxicPlugin().fault("drop-commit"))
            let context = rig.context(
                ["nth": 2, "table": "t", "ask-transaction-id": true]
            )
            let undo = try await fault.prepare(context)
            try await fault.inject(context, undo)
            for id in 1...3 {
                let client = try await PostgresConnection.connect(through)
                do throws(PostgresError) {
                    try await client.simple("BEGIN")
                    try await client.simple("INSERT INTO t VALUES (\(id))")
                    try await client.simple("COMMIT")
                } catch {
                    #expect(id == 2, "\(error)")
                }
                client.close()
            }
            let effect = try await fault.confirm(context, undo)
            #expect(effect.hits == 1)
            #expect(effect.unit == "commits dropped")
            let number = try #require(
                effect.firings.first?.detail["transaction_id"]?.stringValue
            )
            let sql = "SELECT txid_status(\(number)) AS status"
            #expect(
                try await eventually {
                    try await direct.query(sql)[0].string("status") == "aborted"
                }
            )
            #expect(try await direct.query("SELECT id FROM t ORDER BY id").count == 2)
            try await fault.revert(undo)
            try await fault.confirmReverted(undo)
        }
    }

    @Test
    func `a lost response is one that the service acted on`() async throws {
        try await ToxicRig.run { rig in
            let server = try await HTTPServer.start(
                on: try SocketAddress(parsing: "127.0.0.1:0")
            ) { _ in HTTPResponse.text("charged", status: 201) }
            try await rig.link(to: server.address, protocol: "http")
            let client = HTTPClient()
            defer { client.close() }
            let fault = try #require(try ToxicPlugin().fault("http-lose-response"))
            let context = rig.context(
                ["method": "POST", "path": "^/charges", "response-status": "2xx"]
            )
            let undo = try await fault.prepare(context)
            try await fault.inject(context, undo)
            await #expect(throws: HTTPError.self) {
                try await client.request(
                    "POST",
                    url: "http://\(rig.listen)/charges",
                    timeout: .seconds(5)
                )
            }
            let effect = try await fault.confirm(context, undo)
            #expect(effect.hits == 1)
            #expect(effect.firings.first?.detail["status"] == 201)
            try await fault.revert(undo)
            let answer = try await client.request(
                "POST",
                url: "http://\(rig.listen)/charges",
                timeout: .seconds(5)
            )
            #expect(answer.text == "charged")
            await server.shutdown(grace: .zero)
        }
    }

    @Test(arguments: ToxicForm.forms.filter { $0.needs != nil })
    func `the proxy takes what each function makes of its defaults, and takes it back`(
        _ form: ToxicForm
    ) async throws {
        try await ToxicRig.run { rig in
            try await rig.link(protocol: try #require(form.needs))
            let fault = try #require(try ToxicPlugin().fault(form.function))
            let context = rig.context(["delay": 100, "status": 503, "row": 1])
            let undo = try await fault.prepare(context)
            try await fault.inject(context, undo)
            #expect(try await fault.confirm(context, undo).unit == form.unit)
            let toxics = try await rig.proxy()["toxics"]?.arrayValue ?? []
            #expect(toxics.map { $0["type"] } == [.string(form.type)])
            try await fault.revert(undo)
            try await fault.revert(undo)
            try await fault.confirmReverted(undo)
            #expect(try await rig.proxy()["toxics"] == [])
        }
    }

    @Test
    func `a match that cannot be is refused before anything happens`() async throws {
        try await ToxicRig.run { rig in
            try await rig.link(protocol: "postgres")
            let fault = try #require(try ToxicPlugin().fault("slow-query"))
            let context = rig.context(["delay": 100, "sql": "("])
            let undo = try await fault.prepare(context)
            let error = await #expect(throws: ToxicError.self) {
                try await fault.inject(context, undo)
            }
            #expect(error?.description.contains("match.sql has a (") ?? false)
            #expect(try await rig.proxy()["toxics"] == [])
        }
    }
}

extension ToxicForm: CustomTestStringConvertible {
    package var testDescription: String { function }
}

/// Waits for a fact by asking for it again and again, with a bound.
private func eventually(_ fact: () async throws -> Bool) async throws -> Bool {
    let loop = try #require(Loop.current)
    let deadline = Loop.monotonicNanoseconds() + 5_000_000_000
    while try await !fact() {
        if Loop.monotonicNanoseconds() > deadline { return false }
        try await loop.sleep(for: .milliseconds(2))
    }
    return true
}
