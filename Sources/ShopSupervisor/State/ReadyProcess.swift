import JSON

/// A process of the shop that answers, for the first time since the start.
struct ReadyProcess: Equatable, Sendable {
    /// What it is one of.
    enum Kind: String, Sendable {
        case database, broker, proxy, service
    }

    var kind: Kind
    var name: String
    var address: String
    /// How long it took, tenths of a second.
    var tenths: Int64

    /// `orders-db ready on 127.0.0.1:20411 (0.8 s)`.
    var line: String { "\(name) ready on \(address) \(Self.time(tenths))" }

    static func time(_ tenths: Int64) -> String { "(\(tenths / 10).\(tenths % 10) s)" }

    var json: JSONValue {
        [
            "kind": .string(kind.rawValue), "name": .string(name), "address": .string(address),
            "tenths": .integer(tenths),
        ]
    }
}

extension ReadyProcess {
    /// `nil` when it is none.
    init?(json: JSONValue) {
        guard let kind = json["kind"]?.stringValue.flatMap(Kind.init),
            let name = json["name"]?.stringValue, let address = json["address"]?.stringValue,
            let tenths = json["tenths"]?.integerValue
        else { return nil }
        self.init(kind: kind, name: name, address: address, tenths: tenths)
    }
}

/// Has processes of a kind that are ready one after another share a line; a value.
struct ReadyLines {
    private var waiting: [ReadyProcess] = []

    /// Takes a process; returns the line of those before it when it is of another kind.
    mutating func take(_ process: ReadyProcess) -> String? {
        let line = waiting.last?.kind == process.kind ? nil : flush()
        waiting.append(process)
        return line
    }

    /// The line of those that wait for others of their kind: the name of one, the number of
    /// several.
    mutating func flush() -> String? {
        defer { waiting = [] }
        guard let first = waiting.first else { return nil }
        guard waiting.count > 1 else { return first.line }
        let slowest = waiting.map(\.tenths).max() ?? 0
        return "\(waiting.count) \(first.kind.rawValue)s ready \(ReadyProcess.time(slowest))"
    }
}
