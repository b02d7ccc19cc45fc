package import JSON

/// A path into JSON in the dialect of Python's `jsonpath2`, which the Chaos Toolkit uses; not RFC
/// 9535.
///
/// It differs in what matters: a filter tests the current node itself and not its children,
/// equality is a single `=`, strings have double quotes only, `or` binds tighter than `and`, and
/// there are functions such as `.length()`.
package struct JSONPath: Sendable {
    let segments: [Segment]

    /// Where one step of the way leads.
    enum Segment: Sendable {
        case children([Subscript])
        /// `..`: the same from the node and from everything below it.
        case descendants([Subscript])
    }

    indirect enum Subscript: Sendable {
        case name(String)
        case index(Int)
        case slice(start: Int?, end: Int?, step: Int?)
        case wildcard
        case filter(Condition)
        /// A path whose values are the names or indices.
        case path(Operand)
        case call(Function, [Operand])
    }

    enum Function: String, Sendable {
        case length, keys, values, entries, charAt, substring
    }

    indirect enum Operand: Sendable {
        case value(JSONValue)
        /// `$` when `isRooted`, else `@`.
        case path([Segment], isRooted: Bool)
    }

    indirect enum Condition: Sendable {
        case not(Condition)
        case and(Condition, Condition)
        case or(Condition, Condition)
        case exists(Operand)
        case comparison(Operand, Comparison, Operand)
    }

    enum Comparison: String, Sendable {
        case equal = "="
        case notEqual = "!="
        case less = "<"
        case atMost = "<="
        case greater = ">"
        case atLeast = ">="
    }

    /// Reads a path.
    ///
    /// Errors: what is expected instead and at which column.
    package init(_ text: String) throws(UnitError) {
        var parser = try JSONPathParser(text)
        segments = try parser.path()
    }

    /// Every value that the path leads to, in document order; at most 100,000.
    package func values(in root: JSONValue) -> [JSONValue] {
        var matcher = JSONPathMatcher(root: root)
        return matcher.values(of: segments, from: root)
    }
}
