/// Builds a `JSONValue` from tokens; the fast path without positions.
struct JSONValueReader {
    private var scanner: JSONScanner
    private let limits: JSONLimits

    init(_ bytes: [UInt8], limits: JSONLimits) {
        self.scanner = JSONScanner(bytes)
        self.limits = limits
    }

    mutating func document() throws(JSONError) -> JSONValue {
        try scanner.start(limits: limits)
        let value = try value(depth: 0)
        try scanner.finish()
        return value
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        switch scanner.next {
        case UInt8(ascii: "\""): .string(try scanner.string())
        case UInt8(ascii: "{"): .object(try object(depth: depth + 1))
        case UInt8(ascii: "["): .array(try array(depth: depth + 1))
        case UInt8(ascii: "-"), UInt8(ascii: "0"), UInt8(ascii: "1"), UInt8(ascii: "2"),
            UInt8(ascii: "3"), UInt8(ascii: "4"), UInt8(ascii: "5"), UInt8(ascii: "6"),
            UInt8(ascii: "7"), UInt8(ascii: "8"), UInt8(ascii: "9"):
            try scanner.number()
        default: try scanner.literal()
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
        try scanner.enter(depth: depth, limits: limits)
        var members: [JSONObject.Member] = []
        var names = JSONMemberNames()
        if scanner.take(UInt8(ascii: "}")) { return JSONObject() }
        while true {
            let place = scanner.offset
            let name = try scanner.memberName(isFirst: members.isEmpty)
            guard names.insert(name) == nil else {
                throw scanner.error(
                    at: place,
                    "the name \"\(name)\" stands twice in one object",
                    "Remove one of the two."
                )
            }
            members.append(JSONObject.Member(name: name, value: try value(depth: depth)))
            if try scanner.ends(with: UInt8(ascii: "}")) { return JSONObject(members) }
        }
    }

    private mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
        try scanner.enter(depth: depth, limits: limits)
        var elements: [JSONValue] = []
        if scanner.take(UInt8(ascii: "]")) { return elements }
        while true {
            elements.append(try value(depth: depth))
            if try scanner.ends(with: UInt8(ascii: "]")) { return elements }
        }
    }
}
