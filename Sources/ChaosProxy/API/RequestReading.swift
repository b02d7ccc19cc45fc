import ChaosModel

extension GoStructure {
    /// What `POST /proxies` takes; `protocol`, `ttl` and `toxics` are ours.
    static let proxy = GoStructure(name: "Proxy", type: "toxiproxy.Proxy", fields: proxyFields)

    /// An element of what `POST /populate` takes; without a name of its own in Toxiproxy.
    static let populated = GoStructure(
        name: "",
        type: #"struct { toxiproxy.Proxy; Enabled *bool "json:\"enabled\"" }"#,
        fields: proxyFields
    )

    private static let proxyFields: [String: GoShape] = [
        "name": .string, "listen": .string, "upstream": .string, "enabled": .bool,
        "protocol": .string, "ttl": .int64, "toxics": .any, "on_death": .string,
        "tls": .structure(security),
    ]

    /// What creates a toxic: its attributes are read again once the type is known.
    static let toxic = GoStructure(
        name: "ToxicWrapper",
        type: "toxics.ToxicWrapper",
        fields: [
            "name": .string, "type": .string, "stream": .string, "toxicity": .float32,
            "attributes": .structure(
                GoStructure(name: "NoopToxic", type: "toxics.NoopToxic", fields: [:])
            ),
            "match": .structure(match), "ttl": .int64, "seed": .int64,
        ]
    )

    /// What changes a toxic: its name, type and stream are ignored.
    static func toxicUpdate(of type: ToxicType) -> GoStructure {
        GoStructure(
            name: "",
            type: #"struct { Attributes interface {} "json:\"attributes\""; "#
                + #"Toxicity float32 "json:\"toxicity\"" }"#,
            fields: [
                "attributes": .structure(type.goStructure), "toxicity": .float32,
                "match": .structure(match), "ttl": .int64, "seed": .int64,
            ]
        )
    }

    /// Whose members are read by `ToxicMatch`, which knows no others.
    static let match = GoStructure(
        name: "Match",
        type: "chaos.Match",
        fields: [
            "every": .int64, "nth": .int64, "first": .int64, "percent": .float64, "by": .string,
            "sql": .string, "fingerprint": .string, "table": .string, "transaction": .string,
            "application_name": .string, "method": .string, "path": .string, "status": .any,
        ]
    )
}

extension ProxyRequest {
    /// Reads `{name, listen, upstream, enabled, protocol, ttl, toxics}`.
    init(_ fields: RequestFields) throws(ControlError) {
        name = fields.string("name")
        listen = fields.string("listen")
        upstream = fields.string("upstream")
        isEnabled = fields.bool("enabled")
        ttl = fields.integer("ttl")
        if let value = fields.value("tls") { security = try SecuritySettings(value) }
        if let value = fields.value("toxics") {
            guard case .array(let elements) = value else {
                throw .badBody("toxics must be an array, got \(value.kind)")
            }
            for element in elements {
                toxics.append(try ToxicRequest(try RequestFields(element, as: .toxic)))
            }
        }
        if let text = fields.string("on_death") {
            onDeath = OnDeath(rawValue: text)
            guard onDeath != nil else {
                throw .badBody("on_death \"\(text)\" is none of cut, passthrough")
            }
        }
        guard let text = fields.string("protocol"), !text.isEmpty else { return }
        guard let value = SystemDescription.Link.WireProtocol(rawValue: text) else {
            throw .badBody("protocol \"\(text)\" is none of tcp, http, postgres")
        }
        wireProtocol = value
    }

    /// Reads an array of proxies; `null` is empty.
    static func list(_ value: GoValue) throws(ControlError) -> [ProxyRequest] {
        if case .null = value { return [] }
        guard case .array(let elements) = value else {
            let type = "[]" + GoStructure.populated.type
            throw .badBody("json: cannot unmarshal \(value.kind) into Go value of type \(type)")
        }
        var requests: [ProxyRequest] = []
        for element in elements {
            requests.append(try ProxyRequest(try RequestFields(element, as: .populated)))
        }
        return requests
    }
}

extension ToxicRequest {
    /// Reads `{name, type, stream, toxicity, attributes, match, ttl, seed}`; the attributes are
    /// left for when the type is known.
    init(_ fields: RequestFields) throws(ControlError) {
        try self.init(common: fields)
        name = fields.string("name")
        type = fields.string("type")
        stream = fields.string("stream")
        if let value = fields.value("attributes") { attributes = .unread(value) }
    }

    /// Reads `{toxicity, attributes, match, ttl, seed}` for a toxic that exists.
    init(update fields: RequestFields, of type: ToxicType) throws(ControlError) {
        try self.init(common: fields)
        if let value = fields.value("attributes") {
            attributes = try type.attributes(value)
        }
    }

    private init(common fields: RequestFields) throws(ControlError) {
        self.init()
        toxicity = fields.float("toxicity")
        ttl = fields.integer("ttl")
        seed = fields.integer("seed")
        guard let value = fields.value("match") else { return }
        let members = try RequestFields(value, as: .match, path: "match.", owner: "Match")
        match = try ToxicMatch(members)
    }
}

extension ToxicType {
    /// How Toxiproxy's messages call the type: `LatencyToxic`.
    var goStructure: GoStructure {
        let words = name.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }
        let title = words.joined() + "Toxic"
        var shapes: [String: GoShape] = [:]
        for field in fields {
            shapes[field.name] =
                switch field.unit {
                case .percent: .float64
                case .text: .string
                default: .int64
                }
        }
        return GoStructure(name: title, type: "toxics." + title, fields: shapes)
    }

    /// Reads the attributes that this type has; others are ignored.
    func attributes(_ value: GoValue) throws(ControlError) -> ToxicRequest.Attributes {
        let read = try RequestFields(value, as: goStructure, path: "attributes.", owner: "")
        var values: [String: Int64] = [:]
        var texts: [String: String] = [:]
        for field in fields {
            guard field.unit != .text else {
                texts[field.name] = read.string(field.name)
                continue
            }
            let percent = field.unit == .percent ? read.double(field.name) : nil
            values[field.name] = percent.map(ToxicField.parts(percent:)) ?? read.integer(field.name)
        }
        return .read(values, texts: texts)
    }
}
