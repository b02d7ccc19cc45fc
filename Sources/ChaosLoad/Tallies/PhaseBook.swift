import ChaosModel

/// Which phase a moment belongs to; marked by the runner.
struct PhaseBook {
    private struct Mark {
        var start: Int64
        var phase: ProbePhase?
    }

    /// Ascending by start.
    private var marks: [Mark] = []

    /// A phase begins, or none (`nil`); the one before it ends.
    mutating func begin(_ phase: ProbePhase?, at moment: Int64) {
        let start = max(moment, marks.last?.start ?? .min)
        marks.append(Mark(start: start, phase: phase))
    }

    /// The phase of a moment; `nil` before the first and between phases.
    func phase(at moment: Int64) -> ProbePhase? {
        // The newest first: what is planned is planned now.
        marks.last { $0.start <= moment }?.phase
    }

    /// Nanoseconds that a phase has lasted, all its occurrences together, until `now`.
    func elapsed(_ phase: ProbePhase, now: Int64) -> Int64 {
        var total: Int64 = 0
        for (index, mark) in marks.enumerated() where mark.phase == phase {
            let end = index + 1 < marks.count ? marks[index + 1].start : now
            total += max(0, end - mark.start)
        }
        return total
    }
}
