import JSON

/// Follows the segments of a path.
struct JSONPathMatcher {
    let root: JSONValue
    /// Steps left; a path such as `$..*..*..*` multiplies.
    private var stepsLeft = 1_000_000

    private static let matchesMaximum = 100_000

    init(root: JSONValue) {
        self.root = root
    }

    mutating func values(
        of segments: [JSONPath.Segment],
        from current: JSONValue
    ) -> [JSONValue] {
        var found: [JSONValue] = []
        follow(segments[...], from: current, into: &found)
        return found
    }

    private mutating func follow(
        _ segments: ArraySlice<JSONPath.Segment>,
        from current: JSONValue,
        into found: inout [JSONValue]
    ) {
        guard stepsLeft > 0, found.count < Self.matchesMaximum else { return }
        stepsLeft -= 1
        guard let segment = segments.first else {
            found.append(current)
            return
        }
        let rest = segments.dropFirst()
        switch segment {
        case .children(let subscripts):
            step(subscripts, from: current, rest, into: &found)
        case .descendants(let subscripts):
            step(subscripts, from: current, rest, into: &found)
            for child in children(of: current) { follow(segments, from: child, into: &found) }
        }
    }

    private mutating func step(
        _ subscripts: [JSONPath.Subscript],
        from current: JSONValue,
        _ rest: ArraySlice<JSONPath.Segment>,
        into found: inout [JSONValue]
    ) {
        for each in subscripts {
            for value in matches(each, current) { follow(rest, from: value, into: &found) }
        }
    }

    private func children(of value: JSONValue) -> [JSONValue] {
        switch value {
        case .array(let elements): elements
        case .object(let object): object.members.map(\.value)
        default: []
        }
    }

    private mutating func matches(
        _ subscript_: JSONPath.Subscript,
        _ current: JSONValue
    ) -> [JSONValue] {
        switch subscript_ {
        case .name(let name): return current[name].map { [$0] } ?? []
        case .index(let index): return element(index, of: current)
        case .slice(let start, let end, let step):
            return slice(current, start, end, step ?? 1)
        case .wildcard: return children(of: current)
        case .filter(let condition): return holds(condition, current) ? [current] : []
        case .path(let operand):
            return values(of: operand, current).flatMap { key -> [JSONValue] in
                if let name = key.stringValue { return current[name].map { [$0] } ?? [] }
                guard let number = PythonRules.number(key), let index = Int(exactly: number)
                else { return [] }
                return element(index, of: current)
            }
        case .call(let function, let operands):
            let arguments = operands.map { values(of: $0, current) }
            // Every argument's first value counts; a path that leads nowhere makes no call.
            guard arguments.allSatisfy({ !$0.isEmpty }) else { return [] }
            return JSONPathFunctions.call(function, on: current, arguments.compactMap(\.first))
        }
    }

    private func element(_ index: Int, of value: JSONValue) -> [JSONValue] {
        guard let elements = value.arrayValue, index >= -elements.count, index < elements.count
        else { return [] }
        return [elements[index < 0 ? index + elements.count : index]]
    }

    /// The indices are Python's `range(start, end, step)`; each wraps around once when negative.
    private func slice(
        _ value: JSONValue,
        _ start: Int?,
        _ end: Int?,
        _ step: Int
    ) -> [JSONValue] {
        guard let elements = value.arrayValue, step != 0, step.magnitude <= 1 << 31 else {
            return []
        }
        func wrapped(_ index: Int) -> Int { index < 0 ? index + elements.count : index }
        var index = start.map(wrapped) ?? 0
        let end = end.map(wrapped) ?? elements.count
        // Only indices from -count to count-1 lead anywhere: skip to them.
        if step > 0, index < -elements.count {
            let gap = -elements.count - index
            index += (gap + step - 1) / step * step
        }
        if step < 0, index >= elements.count {
            let gap = index - (elements.count - 1)
            index += (gap - step - 1) / -step * step
        }
        var result: [JSONValue] = []
        while step > 0 ? index < min(end, elements.count) : index > max(end, -elements.count - 1) {
            result += element(index, of: value)
            index += step
        }
        return result
    }

    private mutating func values(
        of operand: JSONPath.Operand,
        _ current: JSONValue
    ) -> [JSONValue] {
        switch operand {
        case .value(let value): [value]
        case .path(let segments, let isRooted):
            values(of: segments, from: isRooted ? root : current)
        }
    }

    private mutating func holds(_ condition: JSONPath.Condition, _ current: JSONValue) -> Bool {
        switch condition {
        case .not(let inner): return !holds(inner, current)
        case .and(let left, let right): return holds(left, current) && holds(right, current)
        case .or(let left, let right): return holds(left, current) || holds(right, current)
        case .exists(.value(let value)): return PythonRules.isTruthy(value)
        case .exists(let operand): return !values(of: operand, current).isEmpty
        case .comparison(let left, let comparison, let right):
            let rights = values(of: right, current)
            return values(of: left, current).contains { left in
                rights.contains { comparison.holds(left, $0) }
            }
        }
    }
}

extension JSONPath.Comparison {
    /// Equality is Python's; order exists between numbers only.
    fileprivate func holds(_ left: JSONValue, _ right: JSONValue) -> Bool {
        switch self {
        case .equal: return PythonRules.equal(left, right)
        case .notEqual: return !PythonRules.equal(left, right)
        default: break
        }
        guard let left = PythonRules.number(left), let right = PythonRules.number(right) else {
            return false
        }
        return switch self {
        case .less: left < right
        case .atMost: left <= right
        case .greater: left > right
        default: left >= right
        }
    }
}
