import ChaosGameDay
import ChaosModel
import JSON
import Testing

/// A small plan, and days that were held with it.
enum Samples {
    static let plan = """
        {
          "chaos-gameday": 1, "title": "A day", "description": "What happens when …?",
          "date": "2026-12-04", "system": "shop",
          "roles": [{ "role": "Conductor", "person": "Ada", "duty": "says go" }],
          "communication": [{ "channel": "#day", "purpose": "talk" }],
          "systems": [{ "name": "payments", "owner": "money", "link": "https://x.example/" }],
          "checks": [
            { "name": "books", "provider": { "type": "invariant", "func": "holds",
              "arguments": { "invariants": "all" } }, "tolerance": true },
            { "name": "people", "ask": "Ready?" }
          ],
          "rounds": [
            { "title": "The first!", "experiment": "../experiments/a.json", "hypothesis": "fine",
              "signals": ["p99"], "runbook": "docs/a.md", "time-box": "90s" },
            { "title": "By hand", "manual": "pull the plug", "time-box": "1m" },
            { "title": "The last", "experiment": "b.json", "time-box": 30 }
          ],
          "abort-rules": [{ "name": "twice", "after": ["deviated"] }]
        }
        """

    static func day() throws -> GameDay {
        let document = JSONDocument(file: "gamedays/p.json", bytes: Array(plan.utf8))
        return GameDay(plan: try #require(GameDayPlan.decode(document, directory: "gamedays").plan))
    }
}

/// A GameDay with the journal that it is made of, and a clock that goes on by a second an event.
struct HeldDay {
    var day: GameDay
    private(set) var journal: [UInt8] = []
    private var seconds: Int64 = 0

    init() throws {
        day = try Samples.day()
        append(.init(.opened, data: ["plan": day.plan.document]))
    }

    mutating func append(_ draft: GameDayEvent.Draft) {
        seconds += 1
        let event = GameDayEvent(
            sequence: day.sequence + 1,
            at: Timestamp(microseconds: 1_764_000_000_000_000 + seconds * 1_000_000),
            draft: draft
        )
        journal += event.line
        day.take(event)
    }

    /// Says something; the words of the refusal when it is refused.
    @discardableResult
    mutating func say(_ line: String, by name: String = "Ada") -> String? {
        do throws(Refusal) {
            for draft in try day.events(for: try GameDayCommand(typed: line), by: name) {
                append(draft)
            }
            return nil
        } catch {
            return error.description
        }
    }

    /// The program's part: the probe of the checks was read.
    mutating func readChecks(met: Bool = true) {
        append(.init(.checksBegun))
        append(.init(.checked, by: "probe", data: ["check": 0, "met": .bool(met)]))
        if day.checks.allSatisfy(\.isAnswered) { append(.init(.checksEnded)) }
    }

    /// The program's part: the round's run has ended.
    mutating func endRun(_ outcome: RoundOutcome, _ change: (inout RoundResult) -> Void = { _ in })
    {
        guard case .running(let round) = day.stage else { return }
        var result = RoundResult(outcome, "It \(outcome.words).")
        change(&result)
        append(.init(.roundEnded, round: round, data: result.json))
    }

    /// Up to the first briefing.
    static func atFirstBriefing() throws -> HeldDay {
        var held = try HeldDay()
        held.readChecks()
        held.say("yes 2")
        held.say("go")
        return held
    }
}
