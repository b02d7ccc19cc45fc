import ChaosModel
import EventLoop
import HTTP
import JSON
import LinuxSystem
import Postgres
import PostgresServer
import Testing

@testable import ChaosProxy

/// The same work directly and through the proxy, watched and with toxics armed that never hit.
@Suite(.serialized)
struct IdenticalSessionTests {
    /// What is armed on the link.
    enum Arming: String, Sendable, CaseIterable {
        case nothing, everything
    }

    /// Everything that a session can say: errors, COPY, notices, cursors, large rows, savepoints.
    private static let script = """
        \\set VERBOSITY verbose
        CREATE TABLE t (id int PRIMARY KEY, word text);
        COPY t FROM STDIN;
        1\tone
        2\ttwo
        \\.
        COPY t FROM STDIN;
        3\tthree
        1\tagain
        \\.
        COPY t TO STDOUT;
        SELECT 1/0;
        nonsense;
        BEGIN; INSERT INTO t VALUES (4, 'four'); SELECT count(*) FROM t; COMMIT;
        BEGIN;
        INSERT INTO t VALUES (5, 'five');
        SAVEPOINT s;
        INSERT INTO t VALUES (5, 'five');
        ROLLBACK TO s;
        COMMIT;
        BEGIN;
        SELECT 1/0;
        COMMIT;
        DO $$ BEGIN RAISE NOTICE 'noticed'; RAISE WARNING 'warned'; END $$;
        SET application_name = 'renamed';
        LISTEN c;
        NOTIFY c, 'payload';
        SELECT repeat('x', 300000) AS large;
        SELECT generate_series(1, 5000) AS n;
        PREPARE p AS SELECT $1::int + 1 AS next;
        EXECUTE p(41);
        DEALLOCATE p;
        SELECT word FROM t ORDER BY id \\gdesc
        BEGIN; DECLARE c CURSOR FOR SELECT generate_series(1, 10); FETCH 3 FROM c; FETCH ALL FROM c;
        END;
        \\set FETCH_COUNT 7
        SELECT generate_series(1, 50) AS fetched;
        ;
        SELECT 1; SELECT 2; SELECT 3/0; SELECT 4;
        SELECT sum(id) FROM t;
        """

    private func run(
        _ program: String,
        _ arguments: [String],
        output: String
    ) async throws -> Int32 {
        let folder = try PostgresBinaries.find().directory
        var request = SpawnRequest(executable: "\(folder)/\(program)", arguments: arguments)
        request.stdout = .file(output, append: false)
        request.stderr = .file(output + ".err", append: false)
        request.dieWithParent = true
        return try await ChildProcess.spawn(request).wait().shellStatus
    }

    private func arm(_ arming: Arming, _ rig: ProxyRig) async throws {
        guard arming == .everything else { return }
        for type in ToxicRegistry.types where type.needs == .postgres {
            try await rig.toxic(
                #"{"type":"\#(type.name)","match":{"sql":"no such text","nth":1}}"#
            )
        }
    }

    @Test(arguments: Arming.allCases)
    func `psql sees the same bytes as directly`(_ arming: Arming) async throws {
        try await ProxyRig.run(limit: .seconds(120)) { rig in
            let folder = try SystemFiles.makeTemporaryDirectory(prefix: "identical-")
            defer { try? SystemFiles.removeTree(folder) }
            let script = folder + "/script.sql"
            try SystemFiles.writeAtomically(script, Array(Self.script.utf8), mode: 0o644)
            var outputs: [[UInt8]] = []
            for isDirect in [true, false] {
                let database = try await SharedCluster.instance().database()
                var conninfo = database.conninfo
                if !isDirect {
                    let server = try SocketAddress(parsing: "127.0.0.1:\(database.port)")
                    let address = try await rig.proxy(to: server, protocol: "postgres")
                    let port = try #require(address.port)
                    conninfo = conninfo.replacing("port=\(database.port)", with: "port=\(port)")
                    try await arm(arming, rig)
                }
                let output = folder + "/\(isDirect)"
                _ = try await run("psql", ["-X", "-a", "-f", script, conninfo], output: output)
                // Asynchronous notices name the sender's process.
                let text = String(
                    decoding: try SystemFiles.read(output) + SystemFiles.read(output + ".err"),
                    as: UTF8.self
                )
                outputs.append(Array(text.replacing(/PID [0-9]+/, with: "PID").utf8))
            }
            try #require(outputs[0].count > 300_000)
            #expect(outputs[0] == outputs[1])
        }
    }
}
