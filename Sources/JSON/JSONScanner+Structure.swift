extension JSONScanner {
    /// Takes the bracket that opens an array or object and checks how deep it stands.
    mutating func enter(depth: Int, limits: JSONLimits) throws(JSONError) {
        guard depth <= limits.depth else {
            throw error(
                at: offset,
                "arrays and objects nest deeper than \(limits.depth) levels",
                "Flatten the text."
            )
        }
        offset += 1
        skipWhitespace()
    }

    /// Reads a member's name and its colon; stands on the value afterwards.
    mutating func memberName(isFirst: Bool) throws(JSONError) -> String {
        guard next == 0x22 else {
            throw error(
                at: offset,
                "expected a name in double quotes\(isFirst ? " or '}'" : "")"
                    + ", found \(describe(at: offset))",
                remedy(at: offset)
            )
        }
        let name = try string()
        skipWhitespace()
        guard take(UInt8(ascii: ":")) else {
            throw error(
                at: offset,
                "expected ':' after the name \"\(name)\", found \(describe(at: offset))",
                ""
            )
        }
        skipWhitespace()
        return name
    }

    /// After an element: takes the closing bracket, or the comma before the next element.
    mutating func ends(with bracket: UInt8) throws(JSONError) -> Bool {
        skipWhitespace()
        if take(bracket) {
            return true
        }
        let comma = offset
        guard take(UInt8(ascii: ",")) else {
            throw error(
                at: offset,
                "expected ',' or '\(Unicode.Scalar(bracket))', found \(describe(at: offset))",
                isValueStart ? "Put a comma between the two." : remedy(at: offset)
            )
        }
        skipWhitespace()
        if next == bracket {
            throw error(
                at: comma,
                "a comma stands before the closing '\(Unicode.Scalar(bracket))'",
                "Remove the comma."
            )
        }
        return false
    }

    private var isValueStart: Bool {
        switch next {
        case 0x22, UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "-"): true
        case let byte?: Self.isDigit(byte)
        case nil: false
        }
    }
}

/// The names of one object, to find one that stands twice without comparing all with all.
struct JSONMemberNames {
    private var few: [String] = []
    private var indices: [String: Int] = [:]

    /// Up to here comparing is cheaper than hashing.
    private static let fewMaximum = 12

    /// Remembers a name; the answer is the index of the same name before, if there is one.
    mutating func insert(_ name: String) -> Int? {
        if indices.isEmpty {
            if let index = few.firstIndex(of: name) { return index }
            if few.count < Self.fewMaximum {
                few.append(name)
                return nil
            }
            for (index, name) in few.enumerated() { indices[name] = index }
        }
        if let index = indices[name] { return index }
        indices[name] = indices.count
        return nil
    }
}
