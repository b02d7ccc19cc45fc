package import ChaosJournal
package import ChaosModel
import ChaosVerdict
import JSON

/// A round's run while it goes on, as its own journal tells it: bounded, for charts and faults.
package struct LiveRun: Sendable {
    /// A value of a probe or of the load at a second of the run.
    package struct Point: Sendable, Equatable {
        package var second: Double
        package var value: Double
        /// Whether the tolerance was met; `nil`: not judged.
        package var met: Bool?
    }

    /// The values of one probe, or of one figure of the load.
    package struct Series: Sendable, Equatable {
        package var name: String
        package var unit: String
        package var tolerance: String?
        package var points: [Point] = []
        /// What it was last, in words.
        package var last = ""
    }

    package struct Fault: Sendable, Equatable {
        package var faultID: String
        package var function: String
        package var target: String
        package var since: Timestamp
        package var hits: Int?
        package var unit: String
        package var isReverting = false
    }

    /// Something worth a line in the GameDay's own journal.
    package struct Milestone: Sendable, Equatable {
        package enum Kind: String, Sendable { case phase, fault, probe, invariant, stopping }

        package var kind: Kind
        package var text: String
    }

    package private(set) var phase = ""
    package private(set) var elapsed = 0.0
    package private(set) var inEffect: [Fault] = []
    package private(set) var probes: [Series] = []
    package private(set) var load: [Series] = []
    /// Seconds of the run between which some fault was in effect; the last may be open.
    package private(set) var shades: [(from: Double, to: Double?)] = []
    package private(set) var injectedAt: Timestamp?
    package private(set) var unmetAt: Timestamp?
    package private(set) var undoneAt: Timestamp?
    private var unmet: Set<String> = []

    /// Bounds of what is kept.
    package static let pointsMaximum = 180
    package static let seriesMaximum = 12
    private static let shadesMaximum = 50

    package init() {}

    /// Takes the next event of the run's journal and says what is worth writing down.
    package mutating func take(_ event: JournalEvent) -> Milestone? {
        elapsed = max(elapsed, event.elapsed)
        switch event.payload {
        case .phase(let change):
            phase = change.phase.rawValue
            return Milestone(kind: .phase, text: Self.words(change.phase))
        case .fault(let transition): return fault(transition, event)
        case .probe(let reading): return probe(reading, event)
        case .load(let second):
            add(second)
            return nil
        case .invariant(let result) where result.holds == false:
            return Milestone(
                kind: .invariant,
                text: "VIOLATED: \(result.name) (\(result.violations) of \(result.checked))"
            )
        case .abort(let reason): return Milestone(kind: .stopping, text: "aborting: \(reason)")
        case .runStarted, .system, .action, .firing, .operation, .traffic, .invariant,
            .hostCompared, .note, .runEnded:
            return nil
        }
    }

    private mutating func fault(
        _ transition: FaultTransition,
        _ event: JournalEvent
    ) -> Milestone? {
        let what = "\(transition.function) on \(transition.target)"
        let index = inEffect.firstIndex { $0.faultID == transition.faultID }
        switch transition.state {
        case .injected:
            injectedAt = injectedAt ?? event.at
            inEffect.append(
                Fault(
                    faultID: transition.faultID,
                    function: transition.function,
                    target: transition.target,
                    since: event.at,
                    unit: transition.unit ?? "hits"
                )
            )
            if inEffect.count == 1, shades.count < Self.shadesMaximum {
                shades.append((event.elapsed, nil))
            }
            return Milestone(kind: .fault, text: "in effect: \(what)")
        case .confirmed, .unconfirmed:
            if let index { inEffect[index].hits = transition.hits }
            return nil
        case .reverting:
            if let index { inEffect[index].isReverting = true }
            return nil
        case .reverted:
            guard let index else { return nil }
            inEffect.remove(at: index)
            undoneAt = event.at
            if inEffect.isEmpty, !shades.isEmpty { shades[shades.count - 1].to = event.elapsed }
            let hits = transition.hits.map { " (\($0) \(transition.unit ?? "hits"))" } ?? ""
            return Milestone(kind: .fault, text: "reverted: \(what)\(hits)")
        case .revertFailed:
            return Milestone(kind: .fault, text: "UNDO FAILED: \(what)")
        case .failed:
            return Milestone(kind: .fault, text: "not injected: \(what): \(transition.error ?? "")")
        case .prepared: return nil
        }
    }

    private mutating func probe(_ reading: ProbeReading, _ event: JournalEvent) -> Milestone? {
        guard reading.phase != nil else { return nil }
        let text = reading.error ?? NumberText.value(reading.output, unit: reading.unit)
        Self.add(
            Point(second: event.elapsed, value: Self.number(reading), met: reading.met),
            to: &probes,
            Series(name: reading.step, unit: reading.unit, tolerance: reading.tolerance),
            last: text
        )
        let isUnmet = reading.met == false
        if isUnmet, reading.phase == .during, unmetAt == nil { unmetAt = event.at }
        guard isUnmet != unmet.contains(reading.step) else { return nil }
        if isUnmet { unmet.insert(reading.step) } else { unmet.remove(reading.step) }
        let verdict = isUnmet ? "not met" : "met again"
        return Milestone(kind: .probe, text: "\(verdict): \(reading.step) (\(text))")
    }

    /// Probes that are no number become 1 when they are met and 0 when not: still a line.
    private static func number(_ reading: ProbeReading) -> Double {
        if let value = reading.output.doubleValue, value.isFinite { return value }
        return reading.met == true ? 1 : 0
    }

    private mutating func add(_ second: LoadSecond) {
        let at = Double(second.second)
        let ended = second.ok + second.fail + second.info
        if let p99 = second.p99 {
            Self.add(
                Point(second: at, value: p99),
                to: &load,
                Series(name: "\(second.operation) p99", unit: "ms"),
                last: NumberText.milliseconds(p99)
            )
        }
        if ended > 0 {
            let share = Double(second.ok) / Double(ended)
            Self.add(
                Point(second: at, value: share),
                to: &load,
                Series(name: "\(second.operation) success", unit: "ratio"),
                last: NumberText.percent(share)
            )
        }
    }

    private static func add(
        _ point: Point,
        to list: inout [Series],
        _ series: Series,
        last: String
    ) {
        if !list.contains(where: { $0.name == series.name }) {
            guard list.count < seriesMaximum else { return }
            list.append(series)
        }
        guard let index = list.firstIndex(where: { $0.name == series.name }) else { return }
        list[index].last = last
        list[index].points.append(point)
        if list[index].points.count > pointsMaximum { list[index].points.removeFirst() }
    }

    private static func words(_ phase: PhaseChange.Phase) -> String {
        switch phase {
        case .start: "the run starts"
        case .warmUp: "warm-up: load begins"
        case .baseline: "baseline: the undisturbed system"
        case .method: "method: faults begin"
        case .recovery: "recovery: every fault is reverted"
        case .settle: "settling: the load has stopped"
        case .end: "the run ends"
        }
    }
}

extension LiveRun {
    /// Every event of a journal at once.
    package init(_ events: [JournalEvent]) {
        self.init()
        for event in events { _ = take(event) }
    }

    /// The times and figures of a round's result.
    package func complete(_ result: inout RoundResult) {
        result.injectedAt = injectedAt
        result.unmetAt = unmetAt
        result.undoneAt = undoneAt
        result.figures = probes.map { series in
            let tolerance = series.tolerance.map { ", tolerated \($0)" } ?? ""
            return "\(series.name): \(series.last)\(tolerance)"
        }
    }
}
