package import JSON

extension Step {
    /// The step as plans and journals keep it: the members of an experiment file, durations with
    /// units, and where it stood.
    package var json: JSONValue {
        var provider = provider.document
        provider["type"] = .string(self.provider.type)
        provider["func"] = self.provider.function.map { .string($0) }
        if !self.provider.arguments.isEmpty {
            provider["arguments"] = .object(self.provider.arguments)
        }
        var object: JSONObject = [
            "type": .string(kind.rawValue), "name": .string(name), "provider": .object(provider),
        ]
        object["tolerance"] = tolerance?.json
        if background { object["background"] = true }
        object["timeout"] = timeout.map { .string($0.text) }
        object["duration"] = duration.map { .string($0.text) }
        object["target"] = targetJSON
        if effectMinimum != 1 { object["effect"] = ["at-least": .integer(Int64(effectMinimum))] }
        object["pauses"] = pausesJSON
        object["phases"] = phases.map { phases in
            .array(
                ProbePhase.allCases.filter(phases.contains).map { .string($0.rawValue) }
            )
        }
        object["path"] = .string(path)
        return .object(object)
    }

    private var targetJSON: JSONValue? {
        guard let pick, var object = target?.json.objectValue else { return target?.json }
        object["pick"] = pick.json
        return .object(object)
    }

    private var pausesJSON: JSONValue? {
        var pauses = pauseReferences
        if let pauseBefore { pauses["before"] = .string(pauseBefore.text) }
        if let pauseAfter { pauses["after"] = .string(pauseAfter.text) }
        return pauses.isEmpty ? nil : .object(pauses)
    }

    /// Reads what `json` writes.
    ///
    /// Errors: a member that is missing or malformed.
    package init(json: JSONValue) throws(UnitError) {
        guard let kind = Kind(rawValue: json["type"]?.stringValue ?? ""),
            let name = json["name"]?.stringValue,
            let document = json["provider"]?.objectValue,
            let plugin = document["type"]?.stringValue
        else {
            throw UnitError("a step lacks its type, name or provider", "Make the plan anew.")
        }
        var provider = Provider(type: plugin, function: document["func"]?.stringValue)
        provider.document = document
        provider.arguments = document["arguments"]?.objectValue ?? [:]
        self.init(kind: kind, name: name, provider: provider)
        if let tolerance = json["tolerance"] { self.tolerance = try Tolerance(json: tolerance) }
        background = json["background"] == true
        timeout = try Self.duration(json["timeout"])
        duration = try Self.duration(json["duration"])
        target = json["target"].flatMap { TargetSelector(json: $0) }
        pick = json["target"]?["pick"].flatMap { TargetPick(json: $0) }
        if let least = json["effect"]?["at-least"]?.integerValue { effectMinimum = Int(least) }
        pauseBefore = try Self.duration(json["pauses"]?["before"])
        pauseAfter = try Self.duration(json["pauses"]?["after"])
        phases = json["phases"]?.arrayValue.map { names in
            Set(names.compactMap { ProbePhase(rawValue: $0.stringValue ?? "") })
        }
        path = json["path"]?.stringValue ?? ""
    }

    private static func duration(_ json: JSONValue?) throws(UnitError) -> Duration? {
        guard let text = json?.stringValue else { return nil }
        return try Duration(parsing: text)
    }
}
