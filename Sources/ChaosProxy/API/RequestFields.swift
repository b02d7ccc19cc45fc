/// The shape that Go's decoder expects of a value.
enum GoShape: Sendable {
    case string, bool, int64, float32, float64
    /// Anything; read later.
    case any
    case structure(GoStructure)

    /// The name of the Go type in messages.
    var type: String {
        switch self {
        case .string: "string"
        case .bool: "bool"
        case .int64: "int64"
        case .float32: "float32"
        case .float64: "float64"
        case .any: "interface {}"
        case .structure(let structure): structure.type
        }
    }
}

/// A Go structure: how messages call it and its fields by name in lower case.
struct GoStructure: Sendable {
    /// The bare name, empty for structures without one: `LatencyToxic`.
    let name: String
    /// The name with its package: `toxics.LatencyToxic`.
    let type: String
    let fields: [String: GoShape]
}

/// The members of an object as Go's decoder reads them, because clients were written against that.
///
/// Names match in any case, unknown names are ignored, the last of equal names wins, `null` means
/// that nothing was said. The first mistake of the document is told, in Go's words.
struct RequestFields: Sendable {
    private var values: [String: GoValue] = [:]
    /// The names of members that the structure does not have, in lower case.
    private(set) var unknown: [String] = []

    /// Reads the first value of a body.
    init(body: [UInt8], as structure: GoStructure) throws(ControlError) {
        try self.init(try GoValue(firstIn: body), as: structure)
    }

    /// `path`: the names of the enclosing fields with a dot behind each; `owner`: the name of the
    /// structure that the value is a field of, `nil` for the root.
    init(
        _ value: GoValue,
        as structure: GoStructure,
        path: String = "",
        owner: String? = nil
    ) throws(ControlError) {
        if case .null = value { return }
        guard case .object(let members) = value else {
            let place = owner.map { "Go struct field \($0).\(path.dropLast())" } ?? "Go value"
            throw RequestFields.mismatch(value.kind, place, structure.type)
        }
        var mistake: ControlError?
        for member in members where member.value != .null {
            let name = member.name.lowercased()
            guard let shape = structure.fields[name] else {
                unknown.append(name)
                continue
            }
            do throws(ControlError) {
                try RequestFields.check(member.value, shape, structure, path + name)
                values[name] = member.value
            } catch {
                // Go reads on and tells the first mistake at the end.
                mistake = mistake ?? error
            }
        }
        if let mistake { throw mistake }
    }

    /// Whether no member of the structure is there.
    var isEmpty: Bool { values.isEmpty }

    func string(_ name: String) -> String? {
        if case .string(let text)? = values[name] { text } else { nil }
    }

    func bool(_ name: String) -> Bool? {
        if case .bool(let flag)? = values[name] { flag } else { nil }
    }

    func integer(_ name: String) -> Int64? {
        if case .number(let text)? = values[name] { Int64(text) } else { nil }
    }

    func float(_ name: String) -> Float? {
        if case .number(let text)? = values[name] { Float(text) } else { nil }
    }

    func double(_ name: String) -> Double? {
        if case .number(let text)? = values[name] { Double(text) } else { nil }
    }

    /// The member as it was written; `nil` when it is missing or `null`.
    func value(_ name: String) -> GoValue? { values[name] }

    private static func check(
        _ value: GoValue,
        _ shape: GoShape,
        _ owner: GoStructure,
        _ path: String
    ) throws(ControlError) {
        var kind = value.kind
        switch (shape, value) {
        case (.any, _), (.string, .string), (.bool, .bool): return
        case (.int64, .number(let text)):
            if Int64(text) != nil { return }
            kind += " " + text
        case (.float32, .number(let text)):
            if let number = Float(text), number.isFinite { return }
            kind += " " + text
        case (.float64, .number(let text)):
            if let number = Double(text), number.isFinite { return }
            kind += " " + text
        case (.structure(let structure), _):
            _ = try RequestFields(value, as: structure, path: path + ".", owner: owner.name)
            return
        default: break
        }
        throw mismatch(kind, "Go struct field \(owner.name).\(path)", shape.type)
    }

    private static func mismatch(_ kind: String, _ place: String, _ type: String) -> ControlError {
        .badBody("json: cannot unmarshal \(kind) into \(place) of type \(type)")
    }
}
