package import ChaosModel

/// A GameDay as its events tell it: where it stands, what was said, what is due.
///
/// ```
///  checking ▶ deciding ─ go ▶ briefing(1) ─ go ▶ running(1) ▶ debriefing(1) ─ go ▶ briefing(2) …
///                │              │  ▲                                │   last: ▶ ending ▶ closed
///                no-go          │  └──────────── repeat ────────────┘
///                ▼              └─ skip ▶ briefing(2)
///             ending ◀──────────────────── abort, from anywhere
/// ```
///
/// `pause` stands beside the stages: while it is set, no round begins and nothing goes on.
package struct GameDay: Sendable {
    package enum Stage: Sendable, Equatable {
        case checking
        /// The checks are read; people say go or no-go.
        case deciding
        /// Before a round: people say what they expect.
        case briefing(Int)
        case running(Int)
        /// After a round: people say what they saw.
        case debriefing(Int)
        case ending(Ending)
        case closed(Ending)

        /// The round that it is about.
        package var round: Int? {
            switch self {
            case .briefing(let round), .running(let round), .debriefing(let round): round
            case .checking, .deciding, .ending, .closed: nil
            }
        }
    }

    package enum Ending: String, Sendable, CaseIterable {
        case completed, aborted
        case noGo = "no-go"
    }

    /// Something that a person said.
    package struct Remark: Sendable, Equatable {
        package enum Kind: String, Sendable, CaseIterable {
            case note
            /// "I see it": the moment at which people noticed the fault.
            case seen
            case surprise
        }

        package var at: Timestamp
        package var by: String
        package var text: String
        package var kind = Kind.note
        package var round: Int?
    }

    /// A check and its answer.
    package struct CheckState: Sendable, Equatable {
        package var name: String
        package var question: String?
        /// `nil`: not answered yet, or not answerable.
        package var met: Bool?
        package var isAnswered = false
        package var text = ""
        package var by: String?
    }

    /// One try of a round.
    package struct Attempt: Sendable, Equatable {
        package var begunAt: Timestamp
        package var endedAt: Timestamp?
        /// The process that runs it and when that began, in clock ticks: enough to find it again.
        package var process: (pid: Int32, started: UInt64)?
        package var directory: String?
        package var stoppedBy: String?
        package var result: RoundResult?

        package static func == (left: Attempt, right: Attempt) -> Bool {
            left.begunAt == right.begunAt && left.endedAt == right.endedAt
                && left.process?.pid == right.process?.pid && left.result == right.result
                && left.directory == right.directory && left.stoppedBy == right.stoppedBy
        }
    }

    package struct RoundState: Sendable, Equatable {
        package var predictions: [Remark] = []
        package var attempts: [Attempt] = []
        package var skippedBy: String?

        /// How it ended for now; `nil`: it has not, or never began.
        package var outcome: RoundOutcome? {
            skippedBy == nil ? attempts.last?.result?.outcome : .skipped
        }
    }

    /// Why nothing goes on.
    package struct Pause: Sendable, Equatable {
        package var by: String
        package var why: String
        package var at: Timestamp
    }

    package let plan: GameDayPlan
    package internal(set) var stage = Stage.checking
    package internal(set) var pause: Pause?
    package internal(set) var checks: [CheckState]
    package internal(set) var checkEvidence: String?
    package internal(set) var rounds: [RoundState]
    package internal(set) var remarks: [Remark] = []
    package internal(set) var actions: [Remark] = []
    /// Whether somebody asked for the end of the round that runs.
    package internal(set) var isStopAsked = false
    /// Who asked for the end of the day, and why.
    package internal(set) var abort: Remark?
    package internal(set) var decidedBy: String?
    package internal(set) var ownsSystem = false
    package internal(set) var openedAt: Timestamp?
    package internal(set) var closedAt: Timestamp?
    package internal(set) var interruptions = 0
    /// The newest lines for those who watch, oldest first.
    package internal(set) var log: [LogLine] = []
    package internal(set) var sequence = 0

    /// A line of what happened, for people.
    package struct LogLine: Sendable, Equatable {
        package var sequence: Int
        package var at: Timestamp
        package var kind: String
        package var text: String
        package var by: String?
        package var round: Int?
    }

    /// Bounds of what is kept in memory and of what one may say.
    package static let logMaximum = 400
    package static let remarksMaximum = 2_000
    package static let attemptsMaximum = 20
    package static let textMaximum = 600
    package static let nameMaximum = 60

    package init(plan: GameDayPlan) {
        self.plan = plan
        checks = plan.checks.map { CheckState(name: $0.name, question: $0.question) }
        rounds = plan.rounds.map { _ in RoundState() }
    }

    /// The GameDay that a journal tells.
    package init(plan: GameDayPlan, events: [GameDayEvent]) {
        self.init(plan: plan)
        for event in events { take(event) }
    }

    /// The attempt that is under way, or the last one of the present round.
    package var attempt: Attempt? {
        stage.round.flatMap { rounds[$0].attempts.last }
    }

    package var isClosed: Bool {
        if case .closed = stage { true } else { false }
    }
}

/// What the program has to do now.
package enum Errand: Sendable, Equatable {
    /// Read the probes of the checks.
    case check
    /// Run the experiment of a round.
    case run(Int)
    /// Wait for people.
    case wait
    /// Write the closing document and end.
    case close
}

extension GameDay {
    /// What is due; the same until an event changes it.
    package var errand: Errand {
        switch stage {
        case .checking:
            return checks.contains { !$0.isAnswered && $0.question == nil } || checks.isEmpty
                ? .check : .wait
        case .running(let round):
            return plan.rounds[round].isManual ? .wait : .run(round)
        case .ending: return .close
        case .deciding, .briefing, .debriefing, .closed: return .wait
        }
    }

    /// How the day went: the exit status of the program.
    package var worst: RoundOutcome? {
        let order: [RoundOutcome] = [
            .undoIncomplete, .failed, .deviated, .aborted, .inconclusive, .interrupted, .stopped,
        ]
        let outcomes = rounds.compactMap(\.outcome)
        return order.first { outcomes.contains($0) }
    }
}
