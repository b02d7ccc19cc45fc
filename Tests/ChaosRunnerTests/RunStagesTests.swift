import ChaosJournal
import Testing

@testable import ChaosRunner

@Suite struct RunStagesTests {
    private struct Row: CustomTestStringConvertible, Sendable {
        var events: [RunStages.Event]
        var path: String
        var reason: RunEnded.Reason
        var testDescription: String { path }
    }

    private static let stop = RunStages.Event.stop(.interrupted, "SIGINT")
    private static let table: [Row] = [
        Row(
            events: [],
            path: "start warmUp baseline method recovery drain rollbacks settle ended",
            reason: .completed
        ),
        Row(
            events: [.done, .done, .gateClosed("unmet")],
            path: "start warmUp baseline drain rollbacks settle ended",
            reason: .completed
        ),
        Row(events: [stop], path: "start rollbacks ended", reason: .interrupted),
        Row(
            events: [.done, stop],
            path: "start warmUp drain rollbacks ended",
            reason: .interrupted
        ),
        Row(
            events: [.done, .done, .done, .stop(.aborted, "too slow")],
            path: "start warmUp baseline method drain rollbacks ended",
            reason: .aborted
        ),
        Row(
            events: [.done, .done, .done, .stop(.failed, "disk full"), stop],
            path: "start warmUp baseline method drain rollbacks ended",
            reason: .failed
        ),
        Row(
            events: [.done, .done, .done, .done, .done, .done, .done, stop],
            path: "start warmUp baseline method recovery drain rollbacks settle ended",
            reason: .interrupted
        ),
    ]

    @Test(arguments: table)
    private func `a run passes through exactly these stages`(row: Row) {
        var stages = RunStages()
        var path = [stages.stage.rawValue]
        var events = row.events[...]
        while stages.stage != .ended {
            path.append(stages.advance(events.popFirst() ?? .done).rawValue)
        }
        #expect(path.joined(separator: " ") == row.path)
        #expect(stages.reason == row.reason)
    }

    @Test(arguments: RunStages.Stage.allCases)
    func `every stage can be stopped and then ends`(stage: RunStages.Stage) {
        var stages = RunStages()
        while stages.stage != stage, stages.stage != .ended { _ = stages.advance(.done) }
        var steps = 0
        var next = stages.advance(.stop(.aborted, "x"))
        var seen = [next]
        while next != .ended {
            next = stages.advance(.done)
            seen.append(next)
            steps += 1
        }
        #expect(steps <= 3)
        #expect(!seen.contains(.method))
    }
}
