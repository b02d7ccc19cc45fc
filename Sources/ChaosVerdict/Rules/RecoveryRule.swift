internal import ChaosJournal
internal import ChaosModel

/// Whether the steady state came back in time.
struct RecoveryRule {
    let facts: RunFacts
    let terms: JudgingTerms
    let faults: [FaultRow]

    /// `nil` when nothing was undone or no probe was read afterwards.
    func recovery() -> Recovery? {
        guard terms.judges(.after), let lastUndo = faults.compactMap(\.undoneAt).max() else {
            return nil
        }
        var byProbe: [String: [RunFacts.Timed<ProbeReading>]] = [:]
        for reading in facts.readings
        where reading.value.phase == .after && reading.elapsed >= lastUndo {
            byProbe[reading.value.path, default: []].append(reading)
        }
        guard !byProbe.isEmpty else { return nil }
        let times = byProbe.values.map(Self.firstMetForGood)
        let measured = times.contains { $0 == nil } ? nil : times.compactMap { $0 }.max()
        return Recovery(
            limit: terms.recoversWithin,
            measured: measured.map { Swift.max(0, $0 - lastUndo) },
            lastUndo: lastUndo
        )
    }

    func reasons(_ recovery: Recovery?, isBlind: Bool) -> [Reason] {
        guard let recovery, let limit = recovery.limit, facts.isComplete else { return [] }
        let effect: Reason.Effect = isBlind ? .blocks : .deviates
        let allowed = "\(NumberText.seconds(limit)) are allowed."
        guard let measured = recovery.measured else {
            let text = "The steady state did not return after the last undo; \(allowed)"
            return [Reason(.notRecovered, effect, text)]
        }
        guard measured > limit else { return [] }
        let took = NumberText.seconds(measured)
        let text = "The steady state was back only \(took) after the last undo; \(allowed)"
        return [Reason(.notRecovered, effect, text)]
    }

    /// The time of the first met reading from which on all are met.
    private static func firstMetForGood(
        _ readings: [RunFacts.Timed<ProbeReading>]
    ) -> Double? {
        let unmet = readings.lastIndex { $0.value.met != true }
        let first = unmet.map { $0 + 1 } ?? 0
        return readings.indices.contains(first) ? readings[first].elapsed : nil
    }
}
