import ChaosJournal
import JSON

extension InvariantResult {
    /// The results that a probe's output carries in `invariants`; empty when it carries none.
    static func all(in output: JSONValue) -> [InvariantResult] {
        (output["invariants"]?.arrayValue ?? []).compactMap { value in
            guard let name = value["name"]?.stringValue,
                let statement = value["statement"]?.stringValue
            else { return nil }
            return InvariantResult(
                name: name,
                statement: statement,
                holds: value["holds"]?.boolValue,
                checked: Int(value["checked"]?.integerValue ?? 0),
                violations: Int(value["violations"]?.integerValue ?? 0),
                witnesses: (value["witnesses"]?.arrayValue ?? []).compactMap(\.objectValue),
                error: value["error"]?.stringValue
            )
        }
    }

    /// The output for the probe's own line: the witnesses stand in the invariants' lines already.
    static func summary(of output: JSONValue) -> JSONValue {
        guard case .object(var object) = output, let results = object["invariants"]?.arrayValue
        else { return output }
        object["invariants"] = .array(
            results.map { result in
                guard case .object(var result) = result else { return result }
                result["witnesses"] = nil
                result["statement"] = nil
                return .object(result)
            }
        )
        return .object(object)
    }
}
