import ChaosModel
import EventLoop
import Glibc
import HTTP
import JSON
import LinuxSystem
import Postgres
import PostgresServer
import Testing

@testable import ChaosProxy

/// The same sessions of psql directly and through the proxy, byte for byte.
@Suite(.serialized)
struct IdenticalSessionTests {
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

    @Test(arguments: Passage.proxied)
    func `psql sees the same bytes as directly`(_ passage: Passage) async throws {
        try await ProxyRig.run(limit: .seconds(120)) { rig in
            try await ClientPrograms.with { programs in
                let script = try programs.script("script.sql", Self.script)
                var outcomes: [ClientPrograms.Outcome] = []
                for way in [.direct, passage] {
                    let database = try await SharedCluster.instance().database()
                    let conninfo = try await way.conninfo(database, rig)
                    var outcome = try await programs.run(
                        "psql",
                        ["-X", "-a", "-f", script, conninfo]
                    )
                    // Asynchronous notices name the sender's process.
                    outcome.output = outcome.output.replacing(/PID [0-9]+/, with: "PID")
                    outcomes.append(outcome)
                }
                try #require(outcomes[0].output.utf8.count > 300_000)
                #expect(outcomes[0] == outcomes[1])
            }
        }
    }

    @Test(arguments: Passage.proxied)
    func `a query that is cancelled ends as directly`(_ passage: Passage) async throws {
        try await ProxyRig.run(limit: .seconds(120)) { rig in
            try await ClientPrograms.with { programs in
                let script = try programs.script(
                    "cancel.sql",
                    "BEGIN; SELECT 1; SELECT pg_sleep(100); SELECT 2;"
                )
                var outcomes: [ClientPrograms.Outcome] = []
                for way in [.direct, passage] {
                    let database = try await SharedCluster.instance().database()
                    let conninfo = try await way.conninfo(database, rig)
                    let direct = try await PostgresConnection.connect(database.socketConninfo)
                    defer { direct.close() }
                    let sleeping =
                        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
                        + " AND wait_event = 'PgSleep'"
                    let outcome = try await programs.run(
                        "psql",
                        ["-X", "-a", "-f", script, conninfo]
                    ) { psql in
                        let isAsleep = try await eventually(within: .seconds(60)) {
                            try await direct.query(sleeping).count == 1
                        }
                        #expect(isAsleep)
                        // What Ctrl-C does: psql cancels over a second connection.
                        psql.signal(SIGINT)
                    }
                    outcomes.append(outcome)
                }
                #expect(outcomes[0].conversation.contains("canceling statement due to user"))
                #expect(outcomes[0] == outcomes[1])
            }
        }
    }
}
