internal import ChaosModel
internal import JSON

extension HypothesisTable {
    var json: JSONValue {
        [
            "title": .string(title),
            "strategy": .string(strategy.rawValue),
            "probes": .array(rows.map(\.json)),
        ]
    }
}

extension HypothesisRow {
    fileprivate var json: JSONValue {
        let phases = cells.map {
            JSONObject.Member(name: $0.phase.rawValue, value: $0.json)
        }
        return [
            "name": .string(name),
            "path": .string(path),
            "tolerance": .string(tolerance),
            "unit": .string(unit),
            "met": .truth(met),
            "phases": .object(JSONObject(phases)),
        ]
    }
}

extension HypothesisCell {
    fileprivate var json: JSONValue {
        [
            "observed": observed,
            "met": .truth(met),
            "judged": .bool(isJudged),
            "readings": .count(readings),
            "readings_met": .count(readingsMet),
            "readings_failed": .count(readingsFailed),
            "error": .text(error),
            "at_s": .number(elapsed),
        ]
    }
}

extension FaultRow {
    var json: JSONValue {
        let (proofWord, proofReason): (String, String?) =
            switch proof {
            case .proven: ("proven", nil)
            case .unproven(let reason): ("unproven", reason)
            case .notInjected(let reason): ("not-injected", reason)
            }
        let (undoWord, undoReason): (String, String?) =
            switch undo {
            case .undone: ("undone", nil)
            case .notNeeded: ("not-needed", nil)
            case .failed(let reason): ("failed", reason)
            case .missing: ("missing", nil)
            case .unknown: ("unknown", nil)
            }
        return [
            "id": .string(faultID),
            "step": .string(step),
            "path": .string(path),
            "plugin": .string(plugin),
            "function": .string(function),
            "target": .string(target),
            "injected_s": .real(injectedAt),
            "undone_s": .real(undoneAt),
            "hits": .count(hits),
            "hits_minimum": .count(hitsMinimum),
            "unit": .string(unit),
            "proof": .string(proofWord),
            "proof_reason": .text(proofReason),
            "undo": .string(undoWord),
            "undo_reason": .text(undoReason),
            "firings": .count(firings),
            "first_firing": .text(firstFiring?.rfc3339),
            "last_firing": .text(lastFiring?.rfc3339),
        ]
    }
}

extension InvariantRow {
    var json: JSONValue {
        [
            "name": .string(name),
            "statement": .string(statement),
            "holds": .truth(holds),
            "checked": .count(checked),
            "violations": .count(violations),
            "checks": .count(checks),
            "first_violated_s": .real(firstViolatedAt),
            "error": .text(error),
            "witnesses": .array(witnesses.map { .object($0) }),
        ]
    }
}
