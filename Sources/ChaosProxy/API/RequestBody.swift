import JSON

/// The JSON of a request as Go's decoder reads it, because clients were written against that.
///
/// Names match in any case, unknown names are ignored, the last of equal names wins, `null` means
/// that nothing was said, and bytes after the first value are ignored.
struct RequestBody {
    /// What nesting is read; the API's objects need three levels.
    private static let limits = JSONLimits(depth: 32, bytes: 16 << 20)

    let root: JSONNode

    init(_ bytes: [UInt8]) throws(ControlError) {
        let value = RequestBody.firstValue(bytes)
        guard !value.isEmpty else { throw .badBody("EOF") }
        let document = JSONDocument(file: "", bytes: value, limits: RequestBody.limits)
        guard let root = document.root else {
            let problem = document.problems.last
            let isCut = (problem?.offset ?? 0) >= value.count
            throw .badBody(isCut ? "unexpected EOF" : problem?.message ?? "invalid JSON")
        }
        self.root = root
    }

    /// The bytes of the first value, without what follows it.
    private static func firstValue(_ bytes: [UInt8]) -> [UInt8] {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
        guard let start = bytes.firstIndex(where: { !isSpace($0) }) else { return [] }
        guard bytes[start] == UInt8(ascii: "{") || bytes[start] == UInt8(ascii: "[") else {
            let end = bytes[start...].firstIndex { isSpace($0) } ?? bytes.count
            return Array(bytes[start..<end])
        }
        var depth = 0
        var isText = false
        var isEscaped = false
        for index in start..<bytes.count {
            switch bytes[index] {
            case _ where isEscaped: isEscaped = false
            case UInt8(ascii: "\\") where isText: isEscaped = true
            case UInt8(ascii: "\""): isText.toggle()
            case _ where isText: break
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
            if depth == 0 { return Array(bytes[start...index]) }
        }
        return Array(bytes[start...])
    }

    /// The root as an object; `null` has no fields.
    func object(_ type: String) throws(ControlError) -> RequestFields {
        try RequestFields(root, type: type)
    }
}

/// The members of an object, by name in any case.
struct RequestFields {
    private let type: String
    private let path: String
    private var values: [String: JSONValue] = [:]
    private var nodes: [String: JSONNode] = [:]

    /// For messages: the name of the Go type, and the enclosing fields with a dot behind each.
    init(_ node: JSONNode, type: String, path: String = "") throws(ControlError) {
        self.type = type
        self.path = path
        guard !node.value.isNull else { return }
        guard case .object = node.value else {
            let kind = RequestFields.kind(node.value)
            let place = path.isEmpty ? "Go value" : "Go struct field \(type).\(path.dropLast())"
            throw .badBody("json: cannot unmarshal \(kind) into \(place) of type \(type)")
        }
        for member in node.members where !member.node.value.isNull {
            values[member.name.lowercased()] = member.node.value
            nodes[member.name.lowercased()] = member.node
        }
    }

    /// The names of the members, in lower case; sorted.
    var names: [String] { values.keys.sorted() }

    func string(_ name: String) throws(ControlError) -> String? {
        guard let value = values[name] else { return nil }
        guard let text = value.stringValue else { throw mismatch(name, value, "string") }
        return text
    }

    func bool(_ name: String) throws(ControlError) -> Bool? {
        guard let value = values[name] else { return nil }
        guard let flag = value.boolValue else { throw mismatch(name, value, "bool") }
        return flag
    }

    /// Only integer literals: `1e3` and `100.0` are mistakes.
    func integer(_ name: String) throws(ControlError) -> Int64? {
        guard let value = values[name] else { return nil }
        guard let number = value.integerValue else { throw mismatch(name, value, "int64") }
        return number
    }

    func number(_ name: String) throws(ControlError) -> Double? {
        guard let value = values[name] else { return nil }
        guard let number = value.doubleValue else { throw mismatch(name, value, "float32") }
        return number
    }

    /// The members of a member; `nil` when it is missing or `null`.
    func fields(_ name: String, type: String) throws(ControlError) -> RequestFields? {
        guard let node = nodes[name] else { return nil }
        return try RequestFields(node, type: type, path: path + name + ".")
    }

    private func mismatch(_ name: String, _ value: JSONValue, _ wanted: String) -> ControlError {
        let kind = RequestFields.kind(value)
        let place = "\(type).\(path)\(name)"
        return .badBody(
            "json: cannot unmarshal \(kind) into Go struct field \(place) of type \(wanted)"
        )
    }

    private static func kind(_ value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool: "bool"
        case .integer(let number): "number \(number)"
        case .number(let number): "number \(number)"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}
