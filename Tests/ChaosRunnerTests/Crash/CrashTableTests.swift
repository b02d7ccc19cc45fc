import EventLoop
import LinuxSystem
import RunnerFixtures
import Synchronization
import Testing

@testable import ChaosRunner

/// Kills runner, guardian and both at each step of real faults, and looks what is left: nothing.
///
/// `make crash-table` measures every cell and writes docs/safety.md; an ordinary test run measures
/// the two steps that are hardest, and checks that the page has a row for each fault.
@Suite(.serialized) struct CrashTableTests {
    static let isComplete = Environment.get("CHAOS_CRASH_TABLE") != nil
    static let points: [KillPoint] = isComplete ? KillPoint.allCases : [.afterEffect]
    /// A lost runner's fault is gone within this; the promise is two seconds on an idle machine.
    static let secondsMax = 2.0

    @Test(arguments: CrashSubject.Name.possible)
    func `whoever is killed at whatever step, nothing is left`(
        name: CrashSubject.Name
    ) async throws {
        for point in Self.points { try await Self.kill(name, at: point) }
    }

    /// Kills everybody in turn at one step, and remembers the cells for the page.
    static func kill(_ name: CrashSubject.Name, at point: KillPoint) async throws {
        for victims in Victims.allCases {
            let cell = try await onLoop { loop in
                try await CrashCell.measure(name, point, victims, loop)
            }
            #expect(cell.isClean, "\(name.rawValue) \(point.rawValue) \(victims.rawValue)")
            if victims == .runner {
                #expect(cell.seconds <= secondsMax, "\(name.rawValue) \(point.rawValue)")
            }
            CrashPage.table.withLock {
                $0[name, default: [:]][point, default: [:]][victims] = cell
            }
        }
    }

    @Test func `killings at random moments leave nothing`() async throws {
        let count = Self.isComplete ? 300 : 6
        try await Self.killAtRandom(count, of: RandomKilling.ofHost)
    }

    /// Kills at moments that a seed decides, and remembers the leaks for the page.
    static func killAtRandom(_ count: Int, of subjects: [CrashSubject.Name]) async throws {
        var generator = Seeded(seed: 20_261_125)
        var counts = CrashPage.Random(count: count)
        for number in 1...count {
            let moment = RandomKilling(number, subjects, &generator)
            let isClean = try await onLoop { try await moment.leavesNothing($0) }
            #expect(isClean, "\(moment)")
            counts.leaks += isClean ? 0 : 1
        }
        CrashPage.random.withLock { $0 = counts }
    }

    @Test func `the page of safety tells what was measured`() throws {
        if Self.isComplete { try CrashPage.write() }
        let text = try CrashPage.text()
        for name in CrashSubject.Name.allCases {
            #expect(text.contains("| \(name.rawValue) |"), "run make crash-table")
        }
        #expect(!text.contains("LEFT BEHIND"))
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
