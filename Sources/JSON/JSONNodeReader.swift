/// Builds a tree of `JSONNode`s from tokens.
struct JSONNodeReader {
    private var scanner: JSONScanner
    private let limits: JSONLimits
    /// Names that stand twice in one object, in document order; at most 100.
    private(set) var repeatedNames: [JSONError] = []

    private static let repeatedNamesMaximum = 100

    init(_ bytes: [UInt8], limits: JSONLimits) {
        self.scanner = JSONScanner(bytes)
        self.limits = limits
    }

    mutating func document() throws(JSONError) -> JSONNode {
        try scanner.start(limits: limits)
        let node = try node(path: "$", depth: 0)
        try scanner.finish()
        return node
    }

    private mutating func node(path: String, depth: Int) throws(JSONError) -> JSONNode {
        switch scanner.next {
        case UInt8(ascii: "{"): return try object(path: path, depth: depth + 1)
        case UInt8(ascii: "["): return try array(path: path, depth: depth + 1)
        default: break
        }
        let start = scanner.offset
        let value = try scalar()
        return JSONNode(
            value: value,
            path: path,
            range: start..<scanner.offset,
            members: [],
            elements: []
        )
    }

    private mutating func scalar() throws(JSONError) -> JSONValue {
        switch scanner.next {
        case 0x22: .string(try scanner.string())
        case let byte? where byte == UInt8(ascii: "-") || JSONScanner.isDigit(byte):
            try scanner.number()
        default: try scanner.literal()
        }
    }

    private mutating func object(path: String, depth: Int) throws(JSONError) -> JSONNode {
        let start = scanner.offset
        try scanner.enter(depth: depth, limits: limits)
        var members: [JSONNode.Member] = []
        var value: [JSONObject.Member] = []
        var names = JSONMemberNames()
        var ends = scanner.take(UInt8(ascii: "}"))
        while !ends {
            let place = scanner.offset
            let (name, nameRange) = try memberName(isFirst: members.isEmpty)
            let node = try node(path: JSONNode.path(path, member: name), depth: depth)
            members.append(JSONNode.Member(name: name, nameRange: nameRange, node: node))
            if let index = names.insert(name) {
                noteRepeated(name, at: place)
                value[index].value = node.value
            } else {
                value.append(JSONObject.Member(name: name, value: node.value))
            }
            ends = try scanner.ends(with: UInt8(ascii: "}"))
        }
        return JSONNode(
            value: .object(JSONObject(value)),
            path: path,
            range: start..<scanner.offset,
            members: members,
            elements: []
        )
    }

    private mutating func memberName(isFirst: Bool) throws(JSONError) -> (String, Range<Int>) {
        let start = scanner.offset
        var lookahead = scanner
        let name = try scanner.memberName(isFirst: isFirst)
        _ = try lookahead.string()
        return (name, start..<lookahead.offset)
    }

    private mutating func noteRepeated(_ name: String, at place: Int) {
        guard repeatedNames.count < Self.repeatedNamesMaximum else { return }
        repeatedNames.append(
            scanner.error(
                at: place,
                "the name \"\(name)\" stands twice in one object",
                "Remove one of the two: the last would win."
            )
        )
    }

    private mutating func array(path: String, depth: Int) throws(JSONError) -> JSONNode {
        let start = scanner.offset
        try scanner.enter(depth: depth, limits: limits)
        var elements: [JSONNode] = []
        var ends = scanner.take(UInt8(ascii: "]"))
        while !ends {
            let path = JSONNode.path(path, element: elements.count)
            elements.append(try node(path: path, depth: depth))
            ends = try scanner.ends(with: UInt8(ascii: "]"))
        }
        return JSONNode(
            value: .array(elements.map(\.value)),
            path: path,
            range: start..<scanner.offset,
            members: [],
            elements: elements
        )
    }
}
