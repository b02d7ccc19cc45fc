internal import ChaosJournal
internal import ChaosModel
internal import ChaosStatistics
package import JSON

extension Verdict {
    /// The verdict as `verdict.json` and `--json` show it; a change of its shape is a new `format`.
    package var json: JSONValue {
        [
            "format": 1,
            "outcome": .string(outcome.rawValue),
            "sentence": .string(sentence),
            "exit_status": .integer(Int64(exitStatus)),
            "reasons": .array(reasons.map(\.json)),
            "run": run.json,
            "hypothesis": hypothesis.json,
            "recovery": recovery?.json ?? .null,
            "faults": .array(faults.map(\.json)),
            "invariants": .array(invariants.map(\.json)),
            "load": .array(load.map(\.json)),
            "observer": observer.json,
            "phases": .array(phases.map(\.json)),
        ]
    }
}

extension JSONValue {
    static func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
    static func count(_ value: Int?) -> JSONValue { value.map { .integer(Int64($0)) } ?? .null }
    static func real(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
    static func truth(_ value: Bool?) -> JSONValue { value.map { .bool($0) } ?? .null }
}

extension Reason {
    fileprivate var json: JSONValue {
        [
            "kind": .string(kind.rawValue), "effect": .string(effect.rawValue),
            "text": .string(text),
        ]
    }
}

extension RunIdentity {
    fileprivate var json: JSONValue {
        let (end, detail): (String, String?) =
            switch ending {
            case .completed: ("completed", nil)
            case .aborted(let reason): ("aborted", reason)
            case .interrupted: ("interrupted", nil)
            case .failed(let reason): ("failed", reason)
            case .cut: ("cut", nil)
            }
        return [
            "id": .string(runID),
            "title": .string(title),
            "file": .string(file),
            "seed": .string(String(seed)),
            "mutants": .array(mutants.map { .string($0) }),
            "version": .string(toolVersion),
            "started_at": .text(startedAt?.rfc3339),
            "ended_at": .text(lastEventAt?.rfc3339),
            "duration_s": .number(duration),
            "ending": .string(end),
            "ending_detail": .text(detail),
        ]
    }
}

extension Recovery {
    fileprivate var json: JSONValue {
        [
            "limit_s": .real(limit), "measured_s": .real(measured),
            "last_undo_s": .number(lastUndo),
        ]
    }
}

extension LoadSummary {
    fileprivate var json: JSONValue {
        [
            "window": .string(window.rawValue),
            "operation": .string(operation),
            "planned": .count(planned),
            "ok": .count(ok),
            "fail": .count(fail),
            "info": .count(info),
            "pending": .count(pending),
            "availability": .real(availability),
            "p50_ms": .real(p50),
            "p99_ms": .real(p99),
            "max_ms": .real(max),
            "slower_share": .real(againstBaseline?.superiority),
            "p_value": .real(againstBaseline?.pValue),
        ]
    }
}

extension ObserverHealth {
    fileprivate var json: JSONValue {
        [
            "blind": .bool(isBlind), "lag_worst_ms": .number(lagWorst),
            "seconds": .count(seconds), "seconds_late": .count(secondsLate),
        ]
    }
}

extension PhaseWindow {
    fileprivate var json: JSONValue {
        [
            "phase": .string(phase.rawValue), "start_s": .number(start), "end_s": .number(end),
        ]
    }
}
