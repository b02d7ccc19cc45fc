import ChaosModel

extension Toxic {
    /// Makes a toxic of what a client asks for; the checks come in Toxiproxy's order.
    ///
    /// `proxy`: the name of the proxy, for messages; `spoken`: what its connections speak;
    /// `exists`: whether the proxy has a toxic of that name.
    init(
        _ request: ToxicRequest,
        of proxy: String,
        _ spoken: SystemDescription.Link.WireProtocol,
        exists: (String) -> Bool
    ) throws(ControlError) {
        let stream = request.stream ?? "downstream"
        guard let direction = Direction(rawValue: stream.lowercased()) else {
            throw .streamInvalid
        }
        guard let type = ToxicRegistry.type(named: request.type ?? "") else { throw .typeInvalid }
        guard type.protocols.isEmpty || type.protocols.contains(spoken) else {
            let needed = type.protocols.map(\.rawValue).joined(separator: " or ")
            let message =
                "toxic type \(type.name) needs a proxy with protocol \(needed), "
                + "\(proxy) has \(spoken.rawValue)"
            throw ControlError(status: 400, message: message)
        }
        let given = request.name ?? ""
        let name = given.isEmpty ? "\(type.name)_\(stream)" : given
        guard !exists(name) else { throw .toxicExists }
        self.init(
            name: name,
            type: type,
            direction: direction,
            stream: stream,
            wireProtocol: spoken,
            toxicity: 1,
            attributes: ToxicAttributes(type.fields.map(\.defaultValue)),
            ownSeed: request.seed.map { UInt64(bitPattern: $0) },
            tally: ToxicTally()
        )
        try apply(request)
    }

    /// Takes over what a request says; the rest stays.
    mutating func apply(_ request: ToxicRequest) throws(ControlError) {
        toxicity = request.toxicity ?? toxicity
        var given = request.attributes
        if case .unread(let value) = given { given = try type.attributes(value) }
        if case .read(let values, let texts) = given {
            for (index, field) in type.fields.enumerated() {
                attributes.values[index] = values[field.name] ?? attributes.values[index]
                attributes.texts[index] = texts[field.name] ?? attributes.texts[index]
            }
        }
        fault = try type.makeFault?(attributes)
        guard let match = request.match else { return }
        try match.check(for: type, on: wireProtocol)
        if match.request.status != nil, fault?.hitsResponse(going: direction) != true {
            throw .badBody(
                "match.status: \(type.name) hits requests, which have no status yet. Leave status"
                    + " out, or use http_lose_response or a downstream http_delay"
            )
        }
        self.match = match
    }
}
