package import ChaosModel
package import JSON

extension GateBaseline {
    /// The file's content; names are sorted, so that a change reads as one in a diff.
    package var json: JSONValue {
        let experiments = records.sorted { $0.key < $1.key }.map { name, record in
            JSONObject.Member(name: name, value: record.json)
        }
        return [
            "chaos-baseline": 1,
            "tolerances": .object(
                JSONObject(
                    GateFigure.Kind.allCases.map { kind in
                        .init(name: kind.rawValue, value: .number(tolerances[kind]))
                    }
                )
            ),
            "experiments": .object(JSONObject(experiments)),
        ]
    }

    /// Reads a baseline file and reports every mistake.
    package static func decode(
        _ document: JSONDocument
    ) -> (baseline: GateBaseline?, problems: [Problem]) {
        let problems = ProblemCollector(document: document)
        guard let root = document.root else { return (nil, problems.problems) }
        var baseline = GateBaseline()
        if root["chaos-baseline"]?.value != 1 {
            problems.report(
                root["chaos-baseline"] ?? root,
                "this is not a baseline of version 1",
                "Write one with: chaos gate … --write-baseline FILE."
            )
        }
        for member in root["tolerances"]?.members ?? [] {
            let kind = GateFigure.Kind(rawValue: member.name)
            if let kind, let value = member.node.value.doubleValue, value >= 0 {
                baseline.tolerances[kind] = value
            } else {
                problems.report(
                    name: member,
                    kind == nil
                        ? "there is no tolerance \"\(member.name)\""
                        : "a tolerance must be a number from 0",
                    "Known: latency, success, recovery, as shares (0.5 is 50 %)."
                )
            }
        }
        for member in root["experiments"]?.members ?? [] {
            if let record = Record(json: member.node.value) {
                baseline.records[member.name] = record
            } else {
                problems.report(
                    name: member,
                    "the record of \"\(member.name)\" cannot be read",
                    "It needs outcome, at and figures; write the baseline anew."
                )
            }
        }
        let found = problems.problems.sortedByPosition
        return (found.hasErrors ? nil : baseline, found)
    }
}

extension GateBaseline.Record {
    fileprivate var json: JSONValue {
        [
            "outcome": .string(outcome.rawValue),
            "at": .string(at.rfc3339),
            "figures": .array(
                figures.map { figure in
                    [
                        "name": .string(figure.name), "kind": .string(figure.kind.rawValue),
                        "value": .number(figure.value),
                    ]
                }
            ),
        ]
    }

    fileprivate init?(json: JSONValue) {
        guard let outcome = json["outcome"]?.stringValue.flatMap(GateOutcome.init(rawValue:)),
            let at = json["at"]?.stringValue.flatMap(Timestamp.init(rfc3339:)),
            let list = json["figures"]?.arrayValue
        else { return nil }
        var figures: [GateFigure] = []
        for item in list {
            guard let name = item["name"]?.stringValue,
                let kind = item["kind"]?.stringValue.flatMap(GateFigure.Kind.init(rawValue:)),
                let value = item["value"]?.doubleValue
            else { return nil }
            figures.append(GateFigure(name: name, kind: kind, value: value))
        }
        self.init(outcome: outcome, at: at, figures: figures)
    }
}
