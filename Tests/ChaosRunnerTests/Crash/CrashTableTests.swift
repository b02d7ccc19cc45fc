import EventLoop
import LinuxSystem
import RunnerFixtures
import Synchronization
import Testing

@testable import ChaosRunner

/// Kills runner, guardian and both at each step of real faults, and looks what is left: nothing.
///
/// `make crash-table` measures every cell of every fault and writes docs/safety.md; an ordinary
/// test run measures the step that is hardest for one fault of every kind of undo, and checks that
/// the page has a row for each fault of the registry.
@Suite(.serialized) struct CrashTableTests {
    /// `all`, or parts of the titles of those rows that are measured again, and
    /// `random`: `toxic,patch,random`.
    private static let asked = Environment.get("CHAOS_CRASH_TABLE")
    static let isComplete = asked != nil
    private static let isRandomAsked = asked.map { $0 == "all" || $0.contains("random") } ?? false
    static let points: [KillPoint] = isComplete ? KillPoint.allCases : [.afterEffect]
    /// A lost runner's fault is gone within this; the promise is two seconds on an idle machine.
    static let secondsMax = 2.0
    /// How many killings that cannot meet are under way at once.
    private static let besideMax = 4

    private static let measured =
        asked.map { asked in
            CrashFault.possible.filter {
                asked == "all" || asked.split(separator: ",").contains(where: $0.title.contains)
            }
        } ?? CrashFault.representative

    @Test(arguments: measured.filter(\.isAlone))
    func `whoever is killed at whatever step, nothing is left`(
        fault: CrashFault
    ) async throws {
        for point in Self.points {
            for victims in Victims.allCases { try await Self.kill(fault, at: point, victims) }
        }
    }

    @Test func `beside others, too, nothing is left`() async throws {
        let cells = Self.measured.filter { !$0.isAlone }.flatMap { fault in
            Self.points.flatMap { point in Victims.allCases.map { (fault, point, $0) } }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, (fault, point, victims)) in cells.enumerated() {
                if index >= Self.besideMax { try await group.next() }
                group.addTask { try await Self.kill(fault, at: point, victims) }
            }
            try await group.waitForAll()
        }
    }

    /// Kills at one step, and remembers the cell for the page.
    static func kill(
        _ fault: CrashFault,
        at point: KillPoint,
        _ victims: Victims
    ) async throws {
        let cell = try await onLoop { loop in
            try await CrashCell.measure(fault.turn(point, victims), point, victims, loop)
        }
        let place = "\(fault.title) \(point.rawValue) \(victims.rawValue)"
        #expect(cell.isClean, "\(place) \(cell.trouble)")
        if victims == .runner {
            #expect(cell.seconds <= secondsMax, "\(place)")
        }
        CrashPage.table.withLock {
            $0[fault, default: [:]][point, default: [:]][victims] = cell
        }
    }

    @Test func `killings at random moments leave nothing`() async throws {
        let count = Self.isRandomAsked ? 300 : 6
        try await Self.killAtRandom(count, of: CrashFault.possible)
    }

    /// Kills at moments that a seed decides, and remembers the leaks for the page.
    static func killAtRandom(_ count: Int, of faults: [CrashFault]) async throws {
        var generator = Seeded(seed: 20_261_125)
        var counts = CrashPage.Random(count: count)
        let moments = (1...count).map { RandomKilling($0, faults, &generator) }
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for (index, moment) in moments.filter({ !$0.fault.isAlone }).enumerated() {
                if index >= besideMax, try await group.next() == false { counts.leaks += 1 }
                group.addTask { try await isClean(after: moment) }
            }
            for try await isClean in group { counts.leaks += isClean ? 0 : 1 }
        }
        for moment in moments where moment.fault.isAlone {
            counts.leaks += try await isClean(after: moment) ? 0 : 1
        }
        guard asked == nil || isRandomAsked else { return }
        CrashPage.random.withLock { $0 = counts }
    }

    private static func isClean(after moment: RandomKilling) async throws -> Bool {
        let isClean = try await onLoop { try await moment.leavesNothing($0) }
        #expect(isClean, "\(moment)")
        return isClean
    }

    @Test func `the page of safety has a row, or a reason, for every fault of the registry`()
        throws
    {
        if Self.isComplete { try CrashPage.write() }
        let text = try CrashPage.text()
        for fault in CrashFault.all {
            #expect(
                text.contains("| \(fault.title) |"),
                "run make \(fault.isOfLab ? "lab" : "crash-table")"
            )
        }
        for (name, reason) in CrashFault.withoutRow {
            #expect(text.contains("- \(name): \(reason)."), "run make crash-table")
            #expect(CrashFault.registry.contains { $0.name == name }, "there is no fault \(name)")
        }
        #expect(!text.contains("LEFT BEHIND"))
        #expect(!text.contains(" ? |"))
    }
}

/// A generator of which the same seed makes the same numbers.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        // SplitMix64 (Steele, Lea, Flood 2014).
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
