package import JSON

/// Takes the fields of a JSON request one by one and remembers what was wrong.
package struct FieldReader {
    private let json: JSONValue
    /// What was wrong so far.
    package private(set) var problems: [String] = []

    package init(_ json: JSONValue) {
        self.json = json
    }

    /// A body's fields.
    ///
    /// - Throws: `RequestError` when it is not JSON.
    package init(body: [UInt8]) throws(RequestError) {
        do {
            json = try JSONValue.parse(body)
        } catch {
            throw RequestError(problems: ["the body is not JSON: \(error). Send a JSON object."])
        }
    }

    /// A text of 1 to `limit` bytes.
    package mutating func text(_ name: String, limit: Int = 200) -> String {
        guard let text = json[name]?.stringValue, !text.isEmpty, text.utf8.count <= limit,
            !text.utf8.contains(0)
        else {
            problems.append("\(name): send a text of 1 to \(limit) bytes.")
            return ""
        }
        return text
    }

    /// One of some words.
    package mutating func choice(_ name: String, _ words: [String]) -> String {
        guard let word = json[name]?.stringValue, words.contains(word) else {
            problems.append("\(name): send one of \(words.joined(separator: ", ")).")
            return ""
        }
        return word
    }

    /// A UUID in lower case.
    package mutating func uuid(_ name: String) -> String {
        guard let text = json[name]?.stringValue, UUIDText.isValid(text) else {
            problems.append("\(name): send a UUID.")
            return ""
        }
        return text.lowercased()
    }

    /// A whole number, also when it is written `10.0`.
    package mutating func integer(_ name: String, in range: ClosedRange<Int64>) -> Int64 {
        let value = json[name].map(CanonicalRequest.canonical)
        guard let number = value?.integerValue, range.contains(number) else {
            let bounds = "\(range.lowerBound) to \(range.upperBound)"
            problems.append("\(name): send a whole number from \(bounds).")
            return range.lowerBound
        }
        return number
    }

    /// A number.
    package mutating func number(_ name: String, in range: ClosedRange<Double>) -> Double {
        guard let number = json[name]?.doubleValue, range.contains(number) else {
            let bounds = "\(range.lowerBound) to \(range.upperBound)"
            problems.append("\(name): send a number from \(bounds).")
            return range.lowerBound
        }
        return number
    }

    /// Whether there is such a member.
    package func has(_ name: String) -> Bool { json[name] != nil }

    /// Any other member is a mistake: one that is misspelt must not be passed over in silence.
    package mutating func allow(only names: [String]) {
        for name in json.objectValue?.names ?? [] where !names.contains(name) {
            problems.append("\(name): not known. Send \(names.joined(separator: ", ")).")
        }
    }

    /// Ends the reading.
    ///
    /// - Throws: `RequestError` with every problem.
    package func finish() throws(RequestError) {
        guard problems.isEmpty else { throw RequestError(problems: problems) }
    }
}
