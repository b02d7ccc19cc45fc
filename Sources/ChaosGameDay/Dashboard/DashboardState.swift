package import ChaosModel
package import JSON

/// What the page shows, as one JSON document: whoever connects gets all of it, then all of it
/// again with every change; a reload loses nothing.
package struct DashboardState: Sendable {
    /// A fault with what is left of its lease, as the ledger tells.
    package struct Lease: Sendable, Equatable {
        package var function: String
        package var target: String
        package var until: Timestamp?

        package init(function: String, target: String, until: Timestamp?) {
            self.function = function
            self.target = target
            self.until = until
        }
    }

    package var day: GameDay
    package var live: LiveRun?
    package var leases: [Lease]
    package var now: Timestamp
    /// Whether the closing document is there to be read.
    package var hasDocument: Bool

    package init(
        day: GameDay,
        live: LiveRun?,
        leases: [Lease],
        now: Timestamp,
        hasDocument: Bool
    ) {
        self.day = day
        self.live = live
        self.leases = leases
        self.now = now
        self.hasDocument = hasDocument
    }

    /// How many lines of the log the page gets.
    private static let lines = 120

    /// The document.
    package var json: JSONValue {
        [
            "now": Self.milliseconds(now), "title": .string(day.plan.title),
            "description": .string(day.plan.description),
            "date": day.plan.date.map { .string($0) } ?? .null,
            "stage": .string(stageName), "stageWords": .string(GameDayWords.stage(day)),
            "hint": .string(GameDayWords.pageHint(day)),
            "round": day.stage.round.map { .integer(Int64($0)) } ?? .null,
            "paused": day.pause.map { ["by": .string($0.by), "why": .string($0.why)] } ?? .null,
            "stopping": .bool(day.isStopAsked), "document": .bool(hasDocument),
            "openedAt": Self.milliseconds(day.openedAt),
            "closedAt": Self.milliseconds(day.closedAt),
            "people": people, "checks": checks, "rounds": rounds, "faults": faults,
            "live": liveJSON, "log": log, "actions": .array(day.actions.map(Self.remark)),
            "remarks": .array(day.remarks.suffix(Self.lines).map(Self.remark)),
        ]
    }

    private var stageName: String {
        switch day.stage {
        case .checking: "checking"
        case .deciding: "deciding"
        case .briefing: "briefing"
        case .running: "running"
        case .debriefing: "debriefing"
        case .ending: "ending"
        case .closed: "closed"
        }
    }

    private var people: JSONValue {
        let roles = day.plan.roles.map { role -> JSONValue in
            [
                "role": .string(role.role), "person": .string(role.person),
                "duty": .string(role.duty ?? ""),
            ]
        }
        let channels = day.plan.channels.map { channel -> JSONValue in
            ["channel": .string(channel.channel), "purpose": .string(channel.purpose)]
        }
        let systems = day.plan.systems.map { system -> JSONValue in
            [
                "name": .string(system.name), "owner": .string(system.owner ?? ""),
                "link": .string(system.link ?? ""),
            ]
        }
        return ["roles": .array(roles), "channels": .array(channels), "systems": .array(systems)]
    }

    private var checks: JSONValue {
        .array(
            day.checks.map { check in
                [
                    "name": .string(check.name), "question": .string(check.question ?? ""),
                    "answered": .bool(check.isAnswered),
                    "met": check.met.map { .bool($0) } ?? .null, "text": .string(check.text),
                    "by": .string(check.by ?? ""),
                ]
            }
        )
    }

    private var rounds: JSONValue {
        .array(
            zip(day.plan.rounds, day.rounds).map { plan, state in
                let attempt = state.attempts.last
                let result = attempt?.result
                let work: (kind: String, what: String) =
                    switch plan.work {
                    case .experiment(let path): ("experiment", path)
                    case .manual(let text): ("manual", text)
                    }
                return [
                    "title": .string(plan.title), "kind": .string(work.kind),
                    "what": .string(work.what), "hypothesis": .string(plan.hypothesis ?? ""),
                    "signals": .array(plan.signals.map { .string($0) }),
                    "runbook": .string(plan.runbook ?? ""),
                    "timeBox": .number(plan.timeBox.seconds),
                    "predictions": .array(state.predictions.map(Self.remark)),
                    "attempts": .integer(Int64(state.attempts.count)),
                    "begunAt": Self.milliseconds(attempt?.begunAt),
                    "endedAt": Self.milliseconds(attempt?.endedAt),
                    "outcome": .string(state.outcome?.words ?? ""),
                    "tone": .string(state.outcome?.tone ?? ""),
                    "sign": .string(state.outcome?.sign ?? ""),
                    "sentence": .string(result?.sentence ?? ""),
                    "report": .bool(result?.evidence != nil),
                ]
            }
        )
    }

    /// What is in effect: the ledger knows until when, the run's journal how often it hit.
    private var faults: JSONValue {
        .array(
            leases.map { lease in
                let known = live?.inEffect.first {
                    $0.function == lease.function && $0.target == lease.target
                }
                return [
                    "function": .string(lease.function), "target": .string(lease.target),
                    "until": Self.milliseconds(lease.until),
                    "hits": known?.hits.map { .integer(Int64($0)) } ?? .null,
                    "unit": .string(known?.unit ?? ""),
                    "reverting": .bool(known?.isReverting ?? false),
                ]
            }
        )
    }

    private var liveJSON: JSONValue {
        guard let live else { return .null }
        return [
            "phase": .string(live.phase), "elapsed": .number(live.elapsed),
            "probes": .array(live.probes.map(Self.series)),
            "load": .array(live.load.map(Self.series)),
            "shades": .array(
                live.shades.map { shade in
                    [.number(shade.from), shade.to.map { .number($0) } ?? .null]
                }
            ),
        ]
    }

    private static func series(_ series: LiveRun.Series) -> JSONValue {
        [
            "name": .string(series.name), "unit": .string(series.unit),
            "tolerance": .string(series.tolerance ?? ""), "last": .string(series.last),
            "points": .array(
                series.points.map { point in
                    [
                        .number(point.second), .number(point.value),
                        point.met.map { .bool($0) } ?? .null,
                    ]
                }
            ),
        ]
    }

    private var log: JSONValue {
        .array(
            day.log.suffix(Self.lines).map { line in
                [
                    "at": Self.milliseconds(line.at), "kind": .string(line.kind),
                    "text": .string(line.text), "seq": .integer(Int64(line.sequence)),
                ]
            }
        )
    }

    private static func remark(_ remark: GameDay.Remark) -> JSONValue {
        [
            "at": milliseconds(remark.at), "by": .string(remark.by), "text": .string(remark.text),
            "kind": .string(remark.kind.rawValue),
            "round": remark.round.map { .integer(Int64($0)) } ?? .null,
        ]
    }

    private static func milliseconds(_ time: Timestamp?) -> JSONValue {
        time.map { .integer($0.microseconds / 1000) } ?? .null
    }
}
