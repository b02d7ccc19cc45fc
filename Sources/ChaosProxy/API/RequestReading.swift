import ChaosModel
import JSON

extension ProxyRequest {
    /// Reads `{name, listen, upstream, enabled, protocol, ttl}`.
    init(_ fields: RequestFields) throws(ControlError) {
        name = try fields.string("name")
        listen = try fields.string("listen")
        upstream = try fields.string("upstream")
        isEnabled = try fields.bool("enabled")
        ttl = try fields.integer("ttl")
        guard let text = try fields.string("protocol"), !text.isEmpty else { return }
        guard let value = SystemDescription.Link.WireProtocol(rawValue: text) else {
            throw .badBody("protocol \"\(text)\" is none of tcp, http, postgres")
        }
        wireProtocol = value
    }

    /// Reads an array of proxies; `null` is empty.
    static func list(_ body: RequestBody) throws(ControlError) -> [ProxyRequest] {
        guard !body.root.value.isNull else { return [] }
        guard case .array = body.root.value else {
            throw .badBody(
                "json: cannot unmarshal object into Go value of type []struct { Proxy }"
            )
        }
        var requests: [ProxyRequest] = []
        for node in body.root.elements {
            requests.append(try ProxyRequest(try RequestFields(node, type: "Proxy")))
        }
        return requests
    }
}

extension ToxicRequest {
    /// Reads `{name, type, stream, toxicity, attributes, match, ttl}`.
    init(_ fields: RequestFields) throws(ControlError) {
        name = try fields.string("name")
        type = try fields.string("type")
        stream = try fields.string("stream")
        toxicity = try fields.number("toxicity").map { Float($0) }
        ttl = try fields.integer("ttl")
        seed = try fields.integer("seed")
        match = try fields.fields("match", type: "Match").map { (match) throws(ControlError) in
            try ToxicMatch(match)
        }
    }

    /// Reads the attributes that a type of toxic has; others are ignored.
    mutating func readAttributes(
        _ fields: RequestFields,
        of type: ToxicType
    ) throws(ControlError) {
        guard let attributes = try fields.fields("attributes", type: type.goName) else { return }
        hasAttributes = true
        for field in type.fields {
            self.attributes[field.name] = try attributes.integer(field.name)
        }
    }
}

extension ToxicType {
    /// The name of the type in Toxiproxy's messages: `LatencyToxic`.
    fileprivate var goName: String {
        name.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
            + "Toxic"
    }
}
