package import JSON

extension GateJudgement {
    /// The answer of `chaos gate --json`.
    package var json: JSONValue {
        [
            "format": 1,
            "passes": .bool(passes),
            "exit_status": .integer(Int64(exitStatus)),
            "line": .string(line),
            "fail_on": .array(
                GateOutcome.allCases.filter(failing.contains).map { .string($0.rawValue) }
            ),
            "score": [
                "value": .number(score.value), "arithmetic": .string(score.arithmetic),
            ],
            "experiments": .array(results.map(\.json)),
        ]
    }
}

extension GateResult {
    fileprivate var json: JSONValue {
        [
            "name": .string(entry.name),
            "file": .string(entry.file),
            "outcome": .string(outcome.rawValue),
            "sentence": .string(sentence),
            "attempts": .integer(Int64(attempts)),
            "seconds": .number(seconds),
            "directory": directory.map { .string($0) } ?? .null,
            "replay": .string(replay),
            "regressions": .array(regressions.map { .string($0.text) }),
        ]
    }
}
