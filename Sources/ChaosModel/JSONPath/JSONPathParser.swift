import JSON

/// Reads the tokens of a path into its segments.
struct JSONPathParser {
    private var tokens: [JSONPathToken]
    private var index = 0
    private var depth = 0
    private let text: String

    /// Brackets and conditions nest at most this deep.
    private static let depthMaximum = 64
    /// Longer paths are refused.
    private static let lengthMaximum = 8192

    init(_ text: String) throws(UnitError) {
        guard text.utf8.count <= Self.lengthMaximum else {
            throw UnitError("the JSON path is longer than 8192 bytes", "Shorten it.")
        }
        self.text = text
        tokens = try JSONPathToken.tokens(of: text)
    }

    mutating func path() throws(UnitError) -> [JSONPath.Segment] {
        guard take("$") else { throw expected("'$' at the start") }
        let segments = try segments()
        guard index == tokens.count else { throw expected("'.', '[' or the end") }
        return segments
    }

    private mutating func segments() throws(UnitError) -> [JSONPath.Segment] {
        var segments: [JSONPath.Segment] = []
        while true {
            if take("..") {
                segments.append(
                    .descendants(
                        next("[") ? try subscripts() : [try bareword()]
                    )
                )
            } else if take(".") {
                segments.append(.children([try bareword()]))
            } else if next("[") {
                segments.append(.children(try subscripts()))
            } else {
                return segments
            }
        }
    }

    private mutating func bareword() throws(UnitError) -> JSONPath.Subscript {
        if take("*") { return .wildcard }
        guard case .name(let name)? = current else { throw expected("a name or '*'") }
        index += 1
        return next("(") ? try call(name) : .name(name)
    }

    private mutating func call(_ name: String) throws(UnitError) -> JSONPath.Subscript {
        guard let function = JSONPath.Function(rawValue: name) else {
            throw UnitError(
                "the JSON path \(text) calls the unknown function \(name)",
                "Known functions: length, keys, values, entries, charAt, substring."
            )
        }
        _ = take("(")
        var arguments: [JSONPath.Operand] = []
        if !take(")") {
            repeat { arguments.append(try operand()) } while take(",")
            guard take(")") else { throw expected("',' or ')'") }
        }
        return .call(function, arguments)
    }

    private mutating func subscripts() throws(UnitError) -> [JSONPath.Subscript] {
        try enter()
        _ = take("[")
        var subscripts: [JSONPath.Subscript] = []
        repeat { subscripts.append(try subscript_()) } while take(",")
        guard take("]") else { throw expected("']' or ','") }
        depth -= 1
        return subscripts
    }

    private mutating func subscript_() throws(UnitError) -> JSONPath.Subscript {
        switch current {
        case .string(let name)?:
            index += 1
            return .name(name)
        case .number(.integer(let number))?:
            index += 1
            let number = Int(number)
            return next(":") ? try slice(start: number) : .index(number)
        case .name(let name)?:
            index += 1
            guard next("(") else { throw expected("'('") }
            return try call(name)
        default: break
        }
        if next(":") { return try slice(start: nil) }
        if take("*") { return .wildcard }
        if take("?") {
            guard take("(") else { throw expected("'('") }
            let condition = try condition()
            guard take(")") else { throw expected("')'") }
            return .filter(condition)
        }
        if next("$") || next("@") { return .path(try operand()) }
        throw expected("a name in double quotes, a number, '*', ':' or '?'")
    }

    private mutating func slice(start: Int?) throws(UnitError) -> JSONPath.Subscript {
        _ = take(":")
        let end = takeInteger()
        let step = take(":") ? takeInteger() : nil
        return .slice(start: start, end: end, step: step)
    }

    // `or` binds tighter than `and`: so does the grammar of jsonpath2.
    private mutating func condition() throws(UnitError) -> JSONPath.Condition {
        try enter()
        var result = try alternatives()
        while take("and") { result = .and(result, try alternatives()) }
        depth -= 1
        return result
    }

    private mutating func alternatives() throws(UnitError) -> JSONPath.Condition {
        var result = try term()
        while take("or") { result = .or(result, try term()) }
        return result
    }

    private mutating func term() throws(UnitError) -> JSONPath.Condition {
        var negations = 0
        while take("not") { negations += 1 }
        let term = try comparison()
        return negations % 2 == 1 ? .not(term) : term
    }

    private mutating func comparison() throws(UnitError) -> JSONPath.Condition {
        if take("(") {
            let inner = try condition()
            guard take(")") else { throw expected("')'") }
            return inner
        }
        let left = try operand()
        guard case .mark(let mark)? = current, let comparison = JSONPath.Comparison(rawValue: mark)
        else { return .exists(left) }
        index += 1
        return .comparison(left, comparison, try operand())
    }

    private mutating func operand() throws(UnitError) -> JSONPath.Operand {
        if take("$") { return .path(try segments(), isRooted: true) }
        if take("@") { return .path(try segments(), isRooted: false) }
        return .value(try value())
    }

    private mutating func value() throws(UnitError) -> JSONValue {
        try enter()
        defer { depth -= 1 }
        switch current {
        case .string(let text)?:
            index += 1
            return .string(text)
        case .number(let number)?:
            index += 1
            return number
        default: break
        }
        if take("true") { return true }
        if take("false") { return false }
        if take("null") { return .null }
        if take("[") {
            var elements: [JSONValue] = []
            if take("]") { return [] }
            repeat { elements.append(try value()) } while take(",")
            guard take("]") else { throw expected("']' or ','") }
            return .array(elements)
        }
        if take("{") { return try object() }
        throw expected("'@', '$' or a value")
    }

    private mutating func object() throws(UnitError) -> JSONValue {
        var object = JSONObject()
        if take("}") { return .object(object) }
        repeat {
            guard case .string(let name)? = current else { throw expected("a name") }
            index += 1
            guard take(":") else { throw expected("':'") }
            object[name] = try value()
        } while take(",")
        guard take("}") else { throw expected("'}' or ','") }
        return .object(object)
    }
}

extension JSONPathParser {
    private var current: JSONPathToken.Kind? {
        index < tokens.count ? tokens[index].kind : nil
    }

    private func next(_ mark: String) -> Bool { current == .mark(mark) }

    private mutating func take(_ mark: String) -> Bool {
        guard next(mark) else { return false }
        index += 1
        return true
    }

    private mutating func takeInteger() -> Int? {
        guard case .number(.integer(let number))? = current else { return nil }
        index += 1
        return Int(number)
    }

    private mutating func enter() throws(UnitError) {
        depth += 1
        guard depth <= Self.depthMaximum else {
            throw UnitError("the JSON path nests deeper than 64 levels", "Simplify it.")
        }
    }

    private func expected(_ what: String) -> UnitError {
        let found = index < tokens.count ? "'\(tokens[index].text)'" : "the end"
        let column = index < tokens.count ? tokens[index].column : text.unicodeScalars.count + 1
        return UnitError(
            "the JSON path \(text) is invalid: expected \(what), "
                + "found \(found) at column \(column)",
            "The dialect is jsonpath2's: $.name[\"odd name\"][0][?(@.key = \"value\")]."
        )
    }
}
