import ChaosModel

/// A toxic on the command line: `TYPE[:NAME=VALUE[,NAME=VALUE…]]`.
///
/// Names are the type's attributes and `stream`, `toxicity`, `name`, `every`, `nth`, `first`,
/// `percent`, `by`. Times take a unit (`100ms`, `2s`); a bare number is in the attribute's own
/// unit.
enum ToxicText {
    static func parse(_ text: String) throws(ProxyServerError) -> ToxicRequest {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let typeName = String(parts[0])
        guard let type = ToxicRegistry.type(named: typeName) else {
            let names = ToxicRegistry.types.map(\.name).joined(separator: ", ")
            throw ProxyServerError(
                "--toxic \(text): there is no toxic \"\(typeName)\". Use one of \(names)."
            )
        }
        var request = ToxicRequest()
        request.type = typeName
        var attributes: [String: Int64] = [:]
        let settings = parts.count > 1 ? parts[1] : ""
        for setting in settings.split(separator: ",") {
            let pair = setting.split(separator: "=", maxSplits: 1).map(String.init)
            var isRead = false
            if pair.count == 2, let field = type.fields.first(where: { $0.name == pair[0] }) {
                attributes[field.name] = number(pair[1], field.unit)
                isRead = attributes[field.name] != nil
            } else if pair.count == 2 {
                isRead = set(pair[0], to: pair[1], in: &request)
            }
            guard isRead else {
                throw ProxyServerError(
                    "--toxic \(text): cannot read \"\(setting)\". \(usage(of: type))"
                )
            }
        }
        request.attributes = .read(attributes)
        return request
    }

    private static func set(
        _ name: String,
        to value: String,
        in request: inout ToxicRequest
    ) -> Bool {
        switch name {
        case "name": request.name = value
        case "stream": request.stream = value
        case "toxicity":
            request.toxicity = Float(value)
            return request.toxicity != nil
        case "every", "nth", "first":
            guard let count = Int(value), count >= 1 else { return false }
            request.match = ToxicMatch(
                name == "every" ? .every(count) : name == "nth" ? .nth(count) : .first(count),
                unit: request.match?.unit
            )
        case "percent":
            let digits = value.hasSuffix("%") ? String(value.dropLast()) : value
            guard let percent = Double(digits), (0...100).contains(percent) else { return false }
            request.match = ToxicMatch(.percent(percent), unit: request.match?.unit)
        case "by":
            guard let unit = MatchUnit(rawValue: value) else { return false }
            request.match = ToxicMatch(request.match?.occurrence, unit: unit)
        default: return false
        }
        return true
    }

    private static func number(_ text: String, _ unit: ToxicField.Unit) -> Int64? {
        if unit == .percent {
            let digits = text.hasSuffix("%") ? String(text.dropLast()) : text
            guard let percent = Double(digits), (0...100).contains(percent) else { return nil }
            return ToxicField.parts(percent: percent)
        }
        if let number = Int64(text) { return number }
        guard let duration = try? Duration(parsing: text) else { return nil }
        switch unit {
        case .milliseconds: return Int64(exactly: duration.milliseconds.rounded())
        case .microseconds: return Int64(exactly: (duration.milliseconds * 1_000).rounded())
        case .kilobytesPerSecond, .bytes, .count, .percent: return nil
        }
    }

    private static func usage(of type: ToxicType) -> String {
        let attributes = type.fields.map(\.name) + ["stream", "toxicity", "name"]
        let matches = ["every", "nth", "first", "percent", "by"]
        return
            "\(type.name) takes NAME=VALUE for \((attributes + matches).joined(separator: ", "))."
    }
}
