import ChaosModel

/// The types of toxics as people choose among them, in the order of the registry.
package struct ToxicCatalogue: Sendable {
    package var name: String
    /// `latency=TIME`, in the order of the API; with the default where it is not 0.
    package var attributes: [String]
    /// The protocol that the proxy must speak, `postgres or http`; `any` when none.
    package var wireProtocol: String
    /// What a match can count, `connection` or the like.
    package var matchUnits: [String]

    /// Every type that our server has; Toxiproxy has fewer.
    package static let types = ToxicRegistry.types.map { type in
        ToxicCatalogue(
            name: type.name,
            attributes: type.fields.map { field in
                let preset =
                    field.defaultValue == 0
                    ? "" : " (\(field.unit.text(of: field.json(field.defaultValue)) ?? ""))"
                return "\(field.name)=\(field.unit.word)\(preset)"
            },
            wireProtocol: type.protocols.isEmpty
                ? "any" : type.protocols.map(\.rawValue).joined(separator: " or "),
            matchUnits: type.matchUnits.map(\.rawValue)
        )
    }
}

extension ToxicField.Unit {
    /// The word for a value in help.
    fileprivate var word: String {
        switch self {
        case .milliseconds, .microseconds: "TIME"
        case .kilobytesPerSecond: "RATE"
        case .bytes: "SIZE"
        case .count: "N"
        case .percent: "PERCENT"
        case .text: "TEXT"
        }
    }
}
