import ChaosModel
import ChaosPluginAPI
import EventLoop
import Glibc
import JSON
import LinuxSystem
import Postgres
import PostgresServer
import ProcessClock
import Testing

@testable import FaultClock

@Suite(.serialized, .timeLimit(.minutes(5))) struct ClockTests {
    private static let second: Int64 = 1_000_000_000

    private static func isAbout(_ value: Int64, _ wanted: Int64) -> Bool {
        abs(value - wanted) < second / 2
    }

    @Test(
        .enabled(if: ProbeRig.hasJava, "needs java and javac (openjdk-17-jdk-headless)"),
        arguments: [true, false]
    )
    func `the clock of a JVM is moved and set right, interpreted and compiled`(
        isUnderShim: Bool
    ) async throws {
        try await Self.moveAndSetRight(.java, isUnderShim)
    }

    @Test(
        arguments: [
            (.swift, true), (.swift, false), (.c, true), (.c, false), (.cThreads, true),
            (.cThreads, false), (.cStatic, false), (.python, true), (.python, false),
        ] as [(ProbeRig.Program, Bool)]
    )
    func `a moved clock is wrong by as much as asked, sleeps are true, and the undo sets it right`(
        program: ProbeRig.Program,
        isUnderShim: Bool
    ) async throws {
        try await Self.moveAndSetRight(program, isUnderShim)
    }

    private static func moveAndSetRight(
        _ program: ProbeRig.Program,
        _ isUnderShim: Bool
    ) async throws {
        try await ProbeRig.run(program, isUnderShim: isUnderShim) { rig in
            #expect(isAbout(try await rig.readings().offset, 0))
            let fault = try rig.fault("offset")
            let context = rig.context(["by": -3_600_000.0])
            let undo = try await fault.prepare(context)
            try await fault.inject(context, undo)
            let (offset, sleep) = try await rig.readings()
            #expect(isAbout(offset, -3600 * second), "\(offset)")
            #expect((20_000_000...1_000_000_000).contains(sleep), "\(sleep)")
            let effect = try await fault.confirm(context, undo)
            #expect(effect.hits > 0)
            #expect(effect.detail["backend"] == (isUnderShim ? "preload" : "patch"))
            await #expect(throws: ClockError.self) { try await fault.confirmReverted(undo) }
            // Another instance, as the guardian and recover have; twice.
            let other = try rig.fault("offset")
            for _ in 1...2 {
                try await other.revert(undo)
                try await other.confirmReverted(undo)
            }
            #expect(isAbout(try await rig.readings().offset, 0))
            #expect(rig.child.status == nil)
        }
    }

    @Test(arguments: [true, false])
    func `a clock that drifts gains what it shall`(isUnderShim: Bool) async throws {
        try await ProbeRig.run(.swift, isUnderShim: isUnderShim) { rig in
            let fault = try rig.fault("drift")
            let context = rig.context(["ppm": 1_000_000.0])
            let undo = try await fault.prepare(context)
            let begin = Loop.monotonicNanoseconds()
            try await fault.inject(context, undo)
            try await rig.until("it is half a second ahead") {
                try await rig.readings().offset > Self.second / 2
            }
            // Twice as fast: it can never be further ahead than the time that has gone.
            let offset = try await rig.readings().offset
            #expect(offset <= Loop.monotonicNanoseconds() - begin)
            try await fault.revert(undo)
            #expect(Self.isAbout(try await rig.readings().offset, 0))
        }
    }

    @Test(arguments: [true, false])
    func `a clock that jumps is now here, now there`(isUnderShim: Bool) async throws {
        try await ProbeRig.run(.c, isUnderShim: isUnderShim) { rig in
            let fault = try rig.fault("jump")
            let context = rig.context(["by": 600_000.0, "every": 400.0])
            let undo = try await fault.prepare(context)
            try await fault.inject(context, undo)
            for wanted in [600, 0, 600] {
                try await rig.until("it is \(wanted) s off") {
                    Self.isAbout(try await rig.readings().offset, Int64(wanted) * Self.second)
                }
            }
            try await fault.revert(undo)
            try await fault.confirmReverted(undo)
            #expect(Self.isAbout(try await rig.readings().offset, 0))
        }
    }

    private static let figures = Environment.get("CHAOS_FIGURES")

    private static func tell(_ rounds: Int, of program: String, _ readings: Int) throws {
        guard let figures else { return }
        let row =
            "| clock: \(rounds) rounds of offset and undo on \(program) | \(readings) readings of"
            + " the moved clock, no crash, right at the end |\n"
        try AppendFile("\(figures)/clock.md").append(Array(row.utf8))
    }

    @Test(
        arguments: figures == nil
            ? [.cThreads]
            : [.cThreads, .cStaticThreads, .swiftThreads, .pythonThreads, .java].filter {
                $0 != .java || ProbeRig.hasJava
            } as [ProbeRig.Program]
    )
    func `fifty rounds on threads that read all the time hurt nothing`(
        program: ProbeRig.Program
    ) async throws {
        try await ProbeRig.run(program, isUnderShim: false) { rig in
            let context = rig.context(["by": 3_600_000.0])
            _ = try await rig.readings()
            var readings = 0
            for round in 1...50 {
                let fault = try rig.fault("offset")
                let undo = try await fault.prepare(context)
                try await fault.inject(context, undo)
                try await rig.until("it is read in round \(round)") {
                    try await fault.confirm(context, undo).hits > 100
                }
                readings += try await fault.confirm(context, undo).hits
                try await fault.revert(undo)
                try await fault.confirmReverted(undo)
            }
            #expect(Self.isAbout(try await rig.readings().offset, 0))
            #expect(rig.child.status == nil)
            try Self.tell(50, of: program.words, readings)
        }
    }

    @Test func `fifty rounds on a PostgreSQL session in the midst of a query hurt nothing`()
        async throws
    {
        let rounds = Self.figures == nil ? 3 : 50
        let database = try await SharedCluster.instance().database()
        let loop = try Loop.start(label: "clock-test")
        defer { loop.stop() }
        try await loop.spawn {
            let busy = try await PostgresConnection.connect(database.socketConninfo)
            defer { busy.close() }
            let other = try await PostgresConnection.connect(database.socketConninfo)
            defer { other.close() }
            let pid = busy.backendProcessID
            // Owned and ended here: the query lasts until it is cancelled.
            let query = loop.spawn {
                try await busy.query(
                    "SELECT count(clock_timestamp())"
                        + " FROM (SELECT generate_series(1, 1000000000000)) AS endless",
                    timeout: .seconds(600)
                )
            }
            var context = StepContext(runID: "t\(getpid())", arguments: ["by": -3_600_000.0])
            context.target = .process("\(pid)")
            var readings = 0
            for _ in 1...rounds {
                let fault = try #require(try ClockPlugin().fault("offset"))
                let undo = try await fault.prepare(context)
                try await fault.inject(context, undo)
                while try await fault.confirm(context, undo).hits < 100 {
                    try await loop.sleep(for: .milliseconds(5))
                }
                readings += try await fault.confirm(context, undo).hits
                try await fault.revert(undo)
                try await fault.confirmReverted(undo)
            }
            _ = try await other.query("SELECT pg_cancel_backend(\(pid))")
            let error = await #expect(throws: PostgresError.self) { try await query.value }
            #expect(error?.sqlState == "57014", "\(String(describing: error))")
            #expect(try await busy.query("SELECT 1 AS one")[0].int("one") == 1)
            try Self.tell(rounds, of: "a PostgreSQL session in the midst of a query", readings)
        }.value
    }

    @Test func `what a seccomp filter or an earlier fault holds is refused`() async throws {
        try await ProbeRig.run(.cFiltered, isUnderShim: false) { rig in
            _ = try await rig.readings()
            let error = await #expect(throws: ClockError.self) {
                _ = try await rig.fault("offset").prepare(rig.context(["by": 1.0]))
            }
            #expect(error?.description.contains("seccomp") == true)
        }
        try await ProbeRig.run(.c, isUnderShim: false) { rig in
            let fault = try rig.fault("offset")
            let context = rig.context(["by": 1.0])
            let undo = try await fault.prepare(context)
            try await fault.inject(context, undo)
            let error = await #expect(throws: ClockError.self) {
                _ = try await rig.fault("offset").prepare(context)
            }
            #expect(error?.description.contains("moved already") == true)
            try await fault.revert(undo)
        }
    }

    @Test func `a PostgreSQL server's sessions, old and new, get their clock back`() async throws {
        let database = try await SharedCluster.instance().database()
        let loop = try Loop.start(label: "clock-test")
        defer { loop.stop() }
        try await loop.spawn {
            func offset(_ connection: PostgresConnection) async throws -> Int64 {
                let rows = try await connection.query(
                    "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now"
                )
                return (try rows[0].int("now") - Loop.wallMicroseconds()) * 1_000
            }
            let old = try await PostgresConnection.connect(database.socketConninfo)
            defer { old.close() }
            #expect(Self.isAbout(try await offset(old), 0))
            var context = StepContext(runID: "t\(getpid())", arguments: ["by": -3_600_000.0])
            context.target = .process("\(old.backendProcessID)")
            let fault = try #require(try ClockPlugin().fault("offset"))
            let undo = try await fault.prepare(context)
            try await fault.inject(context, undo)
            #expect(Self.isAbout(try await offset(old), -3600 * Self.second))
            #expect(try await fault.confirm(context, undo).hits > 0)
            let other = try await PostgresConnection.connect(database.socketConninfo)
            defer { other.close() }
            #expect(Self.isAbout(try await offset(other), 0), "only the target is moved")
            try await fault.revert(undo)
            try await fault.confirmReverted(undo)
            #expect(Self.isAbout(try await offset(old), 0))
        }.value
    }

    @Test func `a moved clock is found and set right by its tag alone`() async throws {
        try await ProbeRig.run(.c, isUnderShim: false) { rig in
            let fault = try rig.fault("offset")
            let context = rig.context(["by": 600_000.0])
            let undo = try await fault.prepare(context)
            try await fault.inject(context, undo)
            let tag = undo.state["tag"]?.stringValue
            let found = try await ClockPlugin().leftovers().first { $0.runID == tag }
            let leftover = try #require(found)
            #expect(leftover.isOwnerAlive, "so that recover leaves it alone")
            try await rig.fault("offset").revert(leftover.undo)
            try await fault.confirmReverted(undo)
            #expect(Self.isAbout(try await rig.readings().offset, 0))
        }
    }

    @Test func `a process that is gone needs no undo`() async throws {
        try await ProbeRig.run(.c, isUnderShim: false) { rig in
            let fault = try rig.fault("offset")
            let context = rig.context(["by": 1_000.0])
            let undo = try await fault.prepare(context)
            try await fault.inject(context, undo)
            rig.child.signal(SIGKILL)
            _ = try await rig.child.wait()
            try await fault.revert(undo)
            try await fault.confirmReverted(undo)
            await #expect(throws: ClockError.self) { _ = try await fault.confirm(context, undo) }
        }
    }

    @Test func `the plugin finds out by trying whether it works here`() async throws {
        let loop = try Loop.start(label: "clock-check")
        defer { loop.stop() }
        let checks = try await loop.spawn { try await ClockPlugin().selfChecks() }.value
        #expect(checks.count == 6)
        #expect(checks.filter { $0.backend == "patch" }.allSatisfy { $0.verdict == .works })
    }
}
