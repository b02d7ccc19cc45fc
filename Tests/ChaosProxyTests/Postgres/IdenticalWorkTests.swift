import EventLoop
import LinuxSystem
import Postgres
import PostgresServer
import Testing

@testable import ChaosProxy

/// The same work of pgbench, by the same seed, directly and through the proxy: what the database
/// holds afterwards is compared.
@Suite(.serialized)
struct IdenticalWorkTests {
    /// A transaction that fails for a part of the dice: it is tried again and fails again.
    private static let failing = """
        \\set id random(1, 1000000)
        \\set fate random(1, 4)
        BEGIN;
        INSERT INTO attempts VALUES (:id);
        SELECT judge(:fate);
        COMMIT;
        """

    private static let setting = """
        CREATE TABLE attempts (id int);
        CREATE FUNCTION judge(fate int) RETURNS int LANGUAGE plpgsql AS $$
        BEGIN
            IF fate = 1 THEN
                RAISE EXCEPTION 'injected' USING ERRCODE = 'serialization_failure';
            END IF;
            RETURN fate;
        END $$;
        """

    /// Everything that pgbench and its failing script left, but for times.
    private static let held = """
        SELECT (SELECT md5(string_agg(t::text, ',' ORDER BY aid)) FROM pgbench_accounts t)
            || (SELECT md5(string_agg(t::text, ',' ORDER BY tid)) FROM pgbench_tellers t)
            || (SELECT md5(string_agg(t::text, ',' ORDER BY bid)) FROM pgbench_branches t)
            || (SELECT md5(string_agg((tid, bid, aid, delta)::text, ',' ORDER BY ctid))
                FROM pgbench_history)
            || (SELECT md5(string_agg(id::text, ',' ORDER BY ctid)) FROM attempts) AS held,
            (SELECT count(*) FROM pgbench_history) AS rows,
            (SELECT count(*) FROM attempts) AS attempts
        """

    /// What a run of the whole work says and leaves.
    private struct Result: Equatable {
        var held = ""
        var rows: Int64 = 0
        var attempts: Int64 = 0
        /// Counts of transactions, failures and retries.
        var counts: [String] = []
    }

    private func work(
        _ passage: Passage,
        _ rig: ProxyRig,
        _ programs: ClientPrograms
    ) async throws -> Result {
        let database = try await SharedCluster.instance().database()
        let conninfo = try await passage.conninfo(database, rig)
        let direct = try await PostgresConnection.connect(database.socketConninfo)
        defer { direct.close() }
        try await direct.simple(Self.setting)
        let script = try programs.script("failing.sql", Self.failing)
        // The rows are made by the client and sent with COPY.
        var runs: [[String]] = [["-i", "-I", "dtgp", "-q", "-s", "1"]]
        for mode in ["simple", "extended", "prepared"] {
            let common = ["-M", mode, "-n", "-c", "1", "-t", "100", "--random-seed", "31"]
            runs.append(common)
            runs.append(common + ["-f", script, "--max-tries", "2", "--failures-detailed"])
        }
        var result = Result()
        for arguments in runs {
            let outcome = try await programs.run("pgbench", arguments + [conninfo])
            #expect(outcome.status == 0, "\(arguments): \(outcome.conversation)")
            result.counts += outcome.lines.filter { $0.hasPrefix("number of") }
        }
        let row = try await direct.query(Self.held)[0]
        result.held = try row.string("held")
        result.rows = try row.int("rows")
        result.attempts = try row.int("attempts")
        return result
    }

    @Test(arguments: Passage.proxied)
    func `pgbench leaves the same rows, failures and retries as directly`(
        _ passage: Passage
    ) async throws {
        try await ProxyRig.run(limit: .seconds(240)) { rig in
            try await ClientPrograms.with { programs in
                let direct = try await work(.direct, rig, programs)
                let through = try await work(passage, rig, programs)
                #expect(direct == through)
                #expect(direct.rows == 300)
                #expect((1..<300).contains(direct.attempts))
            }
        }
    }
}
