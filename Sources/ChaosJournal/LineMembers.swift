internal import ChaosModel
internal import JSON

/// The members of one line, read by name and type; every error names the member.
struct LineMembers {
    let object: JSONObject

    func string(_ name: String) throws(JournalError) -> String {
        guard let text = object[name]?.stringValue else { throw wrong(name, "a string") }
        return text
    }

    func integer(_ name: String) throws(JournalError) -> Int {
        guard let number = object[name]?.integerValue else { throw wrong(name, "an integer") }
        return Int(number)
    }

    func number(_ name: String) throws(JournalError) -> Double {
        guard let number = object[name]?.doubleValue else { throw wrong(name, "a number") }
        return number
    }

    func timestamp(_ name: String) throws(JournalError) -> Timestamp {
        guard let time = Timestamp(rfc3339: try string(name)) else {
            throw wrong(name, "a time like 2026-11-20T10:42:45.087402Z")
        }
        return time
    }

    /// Reads one of the names of an enumeration.
    func choice<T: RawRepresentable>(
        _ name: String,
        _ type: T.Type
    ) throws(JournalError) -> T where T.RawValue == String {
        let text = try string(name)
        guard let value = T(rawValue: text) else {
            throw JournalError("\"\(text)\" is no known \(name)")
        }
        return value
    }

    func optionalString(_ name: String) throws(JournalError) -> String? {
        isAbsent(name) ? nil : try string(name)
    }

    func optionalInteger(_ name: String) throws(JournalError) -> Int? {
        isAbsent(name) ? nil : try integer(name)
    }

    func optionalNumber(_ name: String) throws(JournalError) -> Double? {
        isAbsent(name) ? nil : try number(name)
    }

    func optionalBool(_ name: String) throws(JournalError) -> Bool? {
        if isAbsent(name) { return nil }
        guard let value = object[name]?.boolValue else { throw wrong(name, "true or false") }
        return value
    }

    /// Reads an object; absent is empty.
    func objectOrEmpty(_ name: String) throws(JournalError) -> JSONObject {
        if isAbsent(name) { return [:] }
        guard let value = object[name]?.objectValue else { throw wrong(name, "an object") }
        return value
    }

    /// Reads a list of strings; absent is empty.
    func strings(_ name: String) throws(JournalError) -> [String] {
        var result: [String] = []
        for element in try list(name) {
            guard let text = element.stringValue else { throw wrong(name, "a list of strings") }
            result.append(text)
        }
        return result
    }

    /// Reads a list of objects; absent is empty.
    func objects(_ name: String) throws(JournalError) -> [JSONObject] {
        var result: [JSONObject] = []
        for element in try list(name) {
            guard let value = element.objectValue else { throw wrong(name, "a list of objects") }
            result.append(value)
        }
        return result
    }

    /// Reads any value; absent is `null`.
    func value(_ name: String) -> JSONValue {
        object[name] ?? .null
    }

    private func list(_ name: String) throws(JournalError) -> [JSONValue] {
        if isAbsent(name) { return [] }
        guard let value = object[name]?.arrayValue else { throw wrong(name, "a list") }
        return value
    }

    private func isAbsent(_ name: String) -> Bool {
        object[name]?.isNull ?? true
    }

    private func wrong(_ name: String, _ expected: String) -> JournalError {
        JournalError("member \"\(name)\" must be \(expected)")
    }
}
