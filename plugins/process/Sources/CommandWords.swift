import JSON

/// The program and its words, from `path` and `arguments`.
struct CommandWords: Equatable {
    var executable: String
    var arguments: [String]

    /// An array goes word by word without a shell, an object name by value, a string to
    /// `/bin/sh -c`.
    ///
    /// `null` and `""` are dropped as the Chaos Toolkit drops them. Errors: `arguments` of another
    /// kind.
    init(executable: String, arguments: JSONValue?) throws(ProcessError) {
        switch arguments ?? .null {
        case .null:
            self.init(executable, [])
        case .string(let text) where text.isEmpty:
            self.init(executable, [])
        case .string(let text):
            self.init("/bin/sh", ["-c", "\(executable) \(text)"])
        case .array(let elements):
            self.init(executable, Self.words(elements))
        case .object(let object):
            let pairs = object.members.flatMap { [JSONValue.string($0.name), $0.value] }
            self.init(executable, Self.words(pairs))
        case .bool, .integer, .number:
            throw ProcessError(
                "a single value is no list of arguments — provider.arguments."
                    + " Give an array, a string or an object."
            )
        }
    }

    private init(_ executable: String, _ arguments: [String]) {
        self.executable = executable
        self.arguments = arguments
    }

    private static func words(_ values: [JSONValue]) -> [String] {
        values.filter { $0 != .null && $0 != "" }.map(PythonText.str)
    }
}
