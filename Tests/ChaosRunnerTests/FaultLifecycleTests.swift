import ChaosJournal
import ChaosPluginAPI
import JSON
import Testing

@testable import ChaosRunner

/// Plays a lifecycle against a world that fails where it is told to, and writes down what happened.
private struct Play: CustomTestStringConvertible, Sendable {
    /// Which try of which action fails: `"inject"`, `"revert 1"`, `"observe"` (every one).
    var failing: Set<String> = []
    /// The action during which somebody asks for the end; `"wait"`: the first wait.
    var stopDuring: String?
    /// The hits that the observations report, the last one for ever.
    var hits: [Int] = [3]
    /// How many polls are due before the time is over.
    var polls = 2
    /// What must have been done, in order, journal entries in brackets.
    var expected: String
    var outcome: FaultLifecycle.Outcome
    var testDescription: String {
        "failing \(failing.sorted()), stop during \(stopDuring ?? "nothing"), hits \(hits)"
    }
}

@Suite struct FaultLifecycleTests {
    private static let table: [Play] = [
        Play(
            expected: "prepare record [prepared] inject [injected] wait observe [confirmed] "
                + "wait observe wait readings observe [reverting] revert verify clear [reverted]",
            outcome: .reverted(hits: 3)
        ),
        Play(
            hits: [0],
            polls: 1,
            expected: "prepare record [prepared] inject [injected] wait observe wait readings "
                + "observe [unconfirmed] [reverting] revert verify clear [reverted]",
            outcome: .reverted(hits: 0)
        ),
        Play(failing: ["prepare"], expected: "prepare [failed]", outcome: .failed("prepare")),
        Play(
            failing: ["record"],
            expected: "prepare record [failed] clear",
            outcome: .failed("record")
        ),
        Play(
            failing: ["inject"],
            expected: "prepare record [prepared] inject [failed] [reverting] revert verify clear "
                + "[reverted]",
            outcome: .failed("inject")
        ),
        Play(
            failing: ["observe"],
            polls: 9,
            expected: "prepare record [prepared] inject [injected] wait observe wait observe wait "
                + "observe [failed] [reverting] revert verify clear [reverted]",
            outcome: .failed("observe")
        ),
        Play(
            failing: ["observe 1", "observe 2"],
            polls: 3,
            expected: "prepare record [prepared] inject [injected] wait observe wait observe wait "
                + "observe [confirmed] wait readings observe [reverting] revert verify clear "
                + "[reverted]",
            outcome: .reverted(hits: 3)
        ),
        Play(
            failing: ["observe"],
            polls: 0,
            expected: "prepare record [prepared] inject [injected] wait readings observe "
                + "[unconfirmed] [reverting] revert verify clear [reverted]",
            outcome: .reverted(hits: 0)
        ),
        Play(
            failing: ["revert 1", "verify 1"],
            polls: 0,
            expected: "prepare record [prepared] inject [injected] wait readings observe "
                + "[confirmed] [reverting] revert pause revert verify pause revert verify clear "
                + "[reverted]",
            outcome: .reverted(hits: 3)
        ),
        Play(
            failing: ["revert"],
            polls: 0,
            expected: "prepare record [prepared] inject [injected] wait readings observe "
                + "[confirmed] [reverting] revert pause revert pause revert pause revert "
                + "[revert-failed]",
            outcome: .revertFailed("revert")
        ),
        Play(
            failing: ["verify"],
            polls: 0,
            expected: "prepare record [prepared] inject [injected] wait readings observe "
                + "[confirmed] [reverting] revert verify pause revert verify pause revert verify "
                + "pause revert verify [revert-failed]",
            outcome: .revertFailed("verify")
        ),
        Play(
            failing: ["clear"],
            polls: 0,
            expected: "prepare record [prepared] inject [injected] wait readings observe "
                + "[confirmed] [reverting] revert verify clear [reverted]",
            outcome: .reverted(hits: 3)
        ),
        Play(
            failing: ["inject", "revert"],
            expected: "prepare record [prepared] inject [failed] [reverting] revert pause revert "
                + "pause revert pause revert [revert-failed]",
            outcome: .revertFailed("revert")
        ),
        Play(stopDuring: "begin", expected: "", outcome: .neverInjected),
        Play(stopDuring: "prepare", expected: "prepare", outcome: .neverInjected),
        Play(stopDuring: "record", expected: "prepare record clear", outcome: .neverInjected),
        Play(
            stopDuring: "inject",
            expected: "prepare record [prepared] inject [injected] observe [confirmed] "
                + "[reverting] revert verify clear [reverted]",
            outcome: .reverted(hits: 3)
        ),
        Play(
            stopDuring: "wait",
            expected: "prepare record [prepared] inject [injected] wait observe [confirmed] "
                + "[reverting] revert verify clear [reverted]",
            outcome: .reverted(hits: 3)
        ),
        Play(
            stopDuring: "observe",
            expected: "prepare record [prepared] inject [injected] wait observe [confirmed] "
                + "observe [reverting] revert verify clear [reverted]",
            outcome: .reverted(hits: 3)
        ),
        Play(
            failing: ["inject"],
            stopDuring: "inject",
            expected: "prepare record [prepared] inject [failed] [reverting] revert verify clear "
                + "[reverted]",
            outcome: .failed("inject")
        ),
    ]

    @Test(arguments: table)
    private func `every path through a fault's life does exactly this`(play: Play) {
        var world = World(play: play)
        let outcome = world.run()
        #expect(world.log.joined(separator: " ") == play.expected)
        #expect(outcome == play.outcome)
    }

    @Test(arguments: 0..<200)
    func `whatever fails and whenever it is stopped, what was injected is undone`(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        let actions = ["prepare", "record", "inject", "observe", "revert", "verify", "clear"]
        let failing = actions.flatMap { action in (1...4).map { "\(action) \($0)" } }
            .filter { _ in random.next() % 4 == 0 }
        let stop = random.next() % 2 == 0 ? actions[Int(random.next() % 7)] : nil
        let play = Play(
            failing: Set(failing),
            stopDuring: stop,
            hits: [Int(random.next() % 3)],
            polls: Int(random.next() % 6),
            expected: "",
            outcome: .neverInjected
        )
        var world = World(play: play)
        let outcome = world.run()
        let log = world.log
        let inject = log.firstIndex(of: "inject")
        #expect((inject == nil) || log[..<(inject ?? 0)].contains("[prepared]"))
        #expect((inject == nil) || log.contains("revert"))
        if let clear = log.firstIndex(of: "clear"), inject != nil {
            #expect(log[..<clear].last == "verify")
        }
        #expect(log.contains("[revert-failed]") == (outcome?.isRevertFailed == true))
        #expect(world.steps < 60)
    }

    @Test func `an event that does not belong to the state changes nothing`() {
        var machine = FaultLifecycle(hitsMinimum: 1)
        #expect(machine.handle(.injected).isEmpty)
        #expect(machine.state == .idle)
        _ = machine.handle(.begin)
        #expect(machine.handle(.verified).isEmpty)
        #expect(machine.state == .preparing)
    }
}

extension FaultLifecycle.Outcome {
    fileprivate var isRevertFailed: Bool { if case .revertFailed = self { true } else { false } }
}

/// Performs actions on nothing and answers as the play says.
private struct World {
    let play: Play
    var log: [String] = []
    var counts: [String: Int] = [:]
    var polls = 0
    var hasStopped = false
    var steps = 0
    private let undo = UndoRecord(plugin: "p", function: "f", target: "t", state: [:])

    init(play: Play) {
        self.play = play
    }

    mutating func run() -> FaultLifecycle.Outcome? {
        var machine = FaultLifecycle(hitsMinimum: 1)
        var queue: [FaultLifecycle.Action] = []
        if play.stopDuring == "begin" { queue += machine.handle(.end(.stopped)) }
        queue += machine.handle(.begin)
        while !queue.isEmpty, steps < 100 {
            steps += 1
            switch queue.removeFirst() {
            case .finish(let outcome): return outcome
            case .journal(let entry): log.append("[\(entry.state.rawValue)]")
            case let action: for event in perform(action) { queue += machine.handle(event) }
            }
        }
        return nil
    }

    /// The end (when it comes now), then the answer.
    private mutating func perform(_ action: FaultLifecycle.Action) -> [FaultLifecycle.Event] {
        let name = action.name
        log.append(name)
        counts[name, default: 0] += 1
        let fails =
            play.failing.contains(name) || play.failing.contains("\(name) \(counts[name] ?? 0)")
        var events: [FaultLifecycle.Event] = []
        if play.stopDuring == name, !hasStopped {
            hasStopped = true
            events.append(.end(.stopped))
            if name == "wait" { return events }
        }
        return events + [fails ? .failed(name) : success(action)]
    }

    private mutating func success(_ action: FaultLifecycle.Action) -> FaultLifecycle.Event {
        switch action {
        case .prepare: return .prepared(undo)
        case .record: return .recorded
        case .inject: return .injected
        case .wait:
            polls += 1
            return polls > play.polls ? .end(.elapsed) : .tick
        case .observe:
            let index = min((counts["observe"] ?? 1) - 1, play.hits.count - 1)
            return .observed(Effect(hits: play.hits[index], unit: "hits"))
        case .makeLastReadings: return .lastReadingsMade
        case .revert: return .reverted
        case .verify: return .verified
        case .pause: return .paused
        case .clear, .journal, .finish: return .cleared
        }
    }
}

extension FaultLifecycle.Action {
    fileprivate var name: String {
        switch self {
        case .prepare: "prepare"
        case .record: "record"
        case .inject: "inject"
        case .wait: "wait"
        case .observe: "observe"
        case .makeLastReadings: "readings"
        case .revert: "revert"
        case .verify: "verify"
        case .pause: "pause"
        case .clear: "clear"
        case .journal: "journal"
        case .finish: "finish"
        }
    }
}

/// SplitMix64.
struct SeededRandom {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
