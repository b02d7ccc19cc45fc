import ChaosModel
package import JSON

/// A toxic as people write it: `TYPE[:NAME=VALUE[,NAME=VALUE…]]`.
///
/// Names are the type's attributes, `stream`, `toxicity`, `name`, `ttl` and those of `match`
/// (`every`, `nth`, `first`, `percent`, `by`, `table`, …). Values take a unit (`100ms`, `64KiB`,
/// `1MB/s`, `50%`); a bare number is in the attribute's own unit. A value holds no comma.
package struct ToxicText: Sendable {
    private let type: ToxicType
    /// Whether the text makes a new toxic, rather than changing one.
    private let isNew: Bool
    /// What stands before the text in messages: `--toxic latency:latency=fast`.
    private let place: String
    private var properties = JSONObject()
    private var attributes = JSONObject()
    private var match = JSONObject()

    /// Reads a whole toxic.
    ///
    /// - Parameters:
    ///   - text: `latency:latency=100ms,jitter=20ms`.
    ///   - place: What the text is to its author, for messages: `--toxic`.
    /// - Throws: `ProxyServerError` with what was meant.
    package init(parsing text: String, as place: String) throws(ProxyServerError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        self.place = place.isEmpty ? text : "\(place) \(text)"
        isNew = true
        type = try ToxicText.type(named: String(parts[0]), self.place)
        try read(parts.count > 1 ? parts[1] : "")
    }

    /// Reads changes of a toxic whose type is known: `latency=50ms,toxicity=0.5`.
    package init(settings: String, of typeName: String) throws(ProxyServerError) {
        place = settings
        isNew = false
        type = try ToxicText.type(named: typeName, settings)
        try read(settings[...])
    }

    private static func type(
        named name: String,
        _ place: String
    ) throws(ProxyServerError) -> ToxicType {
        if let type = ToxicRegistry.type(named: name) { return type }
        let names = ToxicRegistry.types.map(\.name)
        let guess = Spelling.nearest(to: name, among: names).map { "Did you mean \"\($0)\"? " }
        throw ProxyServerError(
            "\(place): there is no toxic \"\(name)\". \(guess ?? "")"
                + "Use one of \(names.joined(separator: ", ")).",
            isUsage: true
        )
    }

    private mutating func read(_ settings: Substring) throws(ProxyServerError) {
        for setting in settings.split(separator: ",") {
            let pair = setting.split(separator: "=", maxSplits: 1).map(String.init)
            guard pair.count == 2 else {
                throw refusal("\"\(setting)\" is not NAME=VALUE", usage)
            }
            try set(pair[0], to: pair[1])
        }
        guard !match.isEmpty else { return }
        do throws(ControlError) {
            let members = GoValue(.object(match))
            let fields = try RequestFields(members, as: .match, path: "match.", owner: "Match")
            try ToxicMatch(fields).check(for: type, on: nil)
        } catch {
            let prefix = "bad request body: "
            let text = error.message
            let reason = text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
            throw refusal(reason, usage)
        }
    }

    /// Sets one attribute or property, as a setting of the text would.
    package mutating func set(_ name: String, to value: String) throws(ProxyServerError) {
        if let field = type.fields.first(where: { $0.name == name }) {
            guard let number = field.unit.json(of: value) else {
                throw refusal("\(name) cannot be \"\(value)\"", field.unit.remedy(name))
            }
            attributes[name] = number
            return
        }
        guard names.contains(name) else {
            let guess = Spelling.nearest(to: name, among: names)
            throw refusal(
                "\(type.name) has no \"\(name)\"",
                (guess.map { "Did you mean \"\($0)\"? " } ?? "") + usage
            )
        }
        let isMatch = ToxicMatch.names.contains(name)
        guard let json = isMatch ? matchJSON(name, value) : propertyJSON(name, value) else {
            throw refusal("\(name) cannot be \"\(value)\"", ToxicText.remedies[name] ?? usage)
        }
        if isMatch { match[name] = json } else { properties[name] = json }
    }

    private func propertyJSON(_ name: String, _ value: String) -> JSONValue? {
        switch name {
        case "stream": return Direction(rawValue: value).map { .string($0.rawValue) }
        case "toxicity":
            return ToxicText.share(value).map { share in
                Int64(exactly: share).map { .integer($0) } ?? .number(share)
            }
        case "ttl":
            guard let duration = try? Duration(parsing: value), duration.milliseconds >= 1
            else { return nil }
            return .integer(Int64(duration.milliseconds.rounded()))
        default: return .string(value)
        }
    }

    private func matchJSON(_ name: String, _ value: String) -> JSONValue? {
        switch name {
        case "every", "nth", "first":
            return Int64(value).flatMap { $0 >= 1 ? .integer($0) : nil }
        case "percent": return ToxicField.Unit.percent.json(of: value)
        default: return .string(value)
        }
    }

    /// `0.5` or `50%` as 0 … 1.
    private static func share(_ text: String) -> Double? {
        let share =
            text.hasSuffix("%") ? Double(text.dropLast()).map { $0 / 100 } : Double(text)
        return share.flatMap { (0...1).contains($0) ? $0 : nil }
    }

    /// Every name that may be set.
    private var names: [String] {
        let matches = ToxicMatch.names.filter { name in
            switch name {
            case "sql", "fingerprint", "table", "transaction", "application_name":
                type.protocols.contains(.postgres)
            case "method", "path", "status": type.protocols.contains(.http)
            default: true
            }
        }
        // A toxic keeps its name and its stream.
        return type.fields.map(\.name) + (isNew ? ["stream", "name"] : []) + ["toxicity", "ttl"]
            + matches
    }

    private var usage: String { "\(type.name) takes \(names.joined(separator: ", "))." }

    private static let remedies = [
        "stream": "Write stream=upstream (client to server) or stream=downstream.",
        "toxicity": "Write a share of the connections from 0 to 1, or from 0% to 100%.",
        "ttl": "Write a duration such as ttl=30s.",
        "percent": "Write a number from 0 to 100.",
        "every": "Write a whole number from 1 on.",
        "nth": "Write a whole number from 1 on.",
        "first": "Write a whole number from 1 on.",
    ]

    private func refusal(_ problem: String, _ remedy: String) -> ProxyServerError {
        ProxyServerError("\(place): \(problem). \(remedy)", isUsage: true)
    }
}

extension ToxicText {
    /// The body of the API's request to add this toxic, or to change one into it.
    package var json: JSONValue {
        var object = JSONObject()
        object["name"] = properties["name"]
        object["type"] = isNew ? .string(type.name) : nil
        object["stream"] = properties["stream"]
        object["toxicity"] = properties["toxicity"]
        // A change of the lease alone leaves the connections as they are.
        if isNew || !attributes.isEmpty { object["attributes"] = .object(attributes) }
        if !match.isEmpty { object["match"] = .object(match) }
        object["ttl"] = properties["ttl"]
        return .object(object)
    }

    /// The same as the API reads it.
    func request() throws(ControlError) -> ToxicRequest {
        try ToxicRequest(try RequestFields(GoValue(json), as: .toxic))
    }

    /// Attributes as one would write them: `latency=100ms jitter=20ms`; unknown ones as they are.
    package static func settings(type: String, _ attributes: JSONObject) -> String {
        let fields = ToxicRegistry.type(named: type)?.fields ?? []
        return attributes.members.map { member in
            let unit = fields.first { $0.name == member.name }?.unit
            let text = unit?.text(of: member.value) ?? member.value.serialized()
            return "\(member.name)=\(text)"
        }.joined(separator: " ")
    }
}
