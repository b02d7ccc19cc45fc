import JSON

/// Replaces secrets in whatever goes into the journal.
struct Redactor: Sendable {
    static let mark = "(redacted)"
    /// Shorter values would blacken half of the journal.
    static let lengthMin = 4

    private let values: [String]

    /// Takes the literal values in the experiment's `secrets` and those that were resolved.
    init(document: JSONValue, resolved: [String] = []) {
        var values = Set(resolved)
        Self.collect(document["secrets"] ?? .null, into: &values)
        self.values = values.filter { $0.utf8.count >= Self.lengthMin }
            .sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }
    }

    /// The experiment without literal secrets; where they come from (`env`, `vault`) may stay.
    func document(_ document: JSONValue) -> JSONValue {
        guard case .object(var object) = document else { return document }
        if let secrets = object["secrets"] { object["secrets"] = Self.blacken(secrets) }
        return value(.object(object))
    }

    /// The value with every secret that occurs in its strings replaced.
    func value(_ value: JSONValue) -> JSONValue {
        guard !values.isEmpty else { return value }
        switch value {
        case .string(let text): return .string(self.text(text))
        case .array(let elements): return .array(elements.map(self.value))
        case .object(let object):
            return .object(
                JSONObject(object.members.map { .init(name: $0.name, value: self.value($0.value)) })
            )
        case .null, .bool, .integer, .number: return value
        }
    }

    /// The object with every secret that occurs in its strings replaced.
    func object(_ object: JSONObject) -> JSONObject {
        value(.object(object)).objectValue ?? object
    }

    /// The text with every secret that occurs in it replaced.
    func text(_ text: String) -> String {
        values.reduce(text) { text, secret in
            text.contains(secret)
                ? text.split(separator: secret, omittingEmptySubsequences: false)
                    .joined(separator: Self.mark) : text
        }
    }

    /// Members of a declaration that say where a secret is, not what it is.
    private static let harmless: Set<String> = ["type", "key", "path", "env_var_type"]

    private static func isDeclaration(_ object: JSONObject) -> Bool {
        object["type"]?.stringValue != nil
    }

    private static func collect(_ value: JSONValue, into values: inout Set<String>) {
        switch value {
        case .string(let text): values.insert(text)
        case .array(let elements): for element in elements { collect(element, into: &values) }
        case .object(let object):
            for member in object.members
            where !(isDeclaration(object) && harmless.contains(member.name)) {
                collect(member.value, into: &values)
            }
        case .null, .bool, .integer, .number: break
        }
    }

    private static func blacken(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let object):
            return .object(
                JSONObject(
                    object.members.map { member in
                        let isHarmless = isDeclaration(object) && harmless.contains(member.name)
                        let shown = isHarmless ? member.value : blacken(member.value)
                        return .init(name: member.name, value: shown)
                    }
                )
            )
        case .array(let elements): return .array(elements.map(blacken))
        case .null: return .null
        case .bool, .integer, .number, .string: return .string(mark)
        }
    }
}
