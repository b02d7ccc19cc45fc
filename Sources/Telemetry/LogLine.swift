package import JSON

/// One line of a log before it is rendered.
package struct LogLine: Sendable, Equatable {
    /// Wall time since 1970, in microseconds.
    package var microseconds: Int64
    package var level: LogLevel
    package var label: String
    package var message: String
    package var metadata: JSONObject

    package init(
        microseconds: Int64,
        level: LogLevel,
        label: String,
        message: String,
        metadata: JSONObject
    ) {
        self.microseconds = microseconds
        self.level = level
        self.label = label
        self.message = message
        self.metadata = metadata
    }

    /// How lines look.
    package enum Form: Sendable {
        /// One JSON object a line: `ts`, `level`, `logger`, `msg`, then the metadata.
        case json
        /// `2026-11-20T13:46:44.000123Z info    orders: listening address=127.0.0.1:20102`
        case human
    }

    /// The line with its line end.
    package func rendered(as form: Form) -> [UInt8] {
        switch form {
        case .json: jsonLine
        case .human: humanLine
        }
    }

    private var jsonLine: [UInt8] {
        var object: JSONObject = [
            "ts": .string(WallClock.rfc3339(microseconds)),
            "level": .string(level.name),
            "logger": .string(label),
            "msg": .string(message),
        ]
        for fact in metadata.members { object[fact.name] = fact.value }
        var bytes: [UInt8] = []
        JSONValue.object(object).write(into: &bytes)
        bytes.append(0x0A)
        return bytes
    }

    private var humanLine: [UInt8] {
        let padding = String(repeating: " ", count: 8 - level.name.utf8.count)
        var text = "\(WallClock.rfc3339(microseconds)) \(level.name)\(padding)\(label): \(message)"
        for fact in metadata.members {
            if let value = fact.value.stringValue, !value.utf8.contains(0x20), !value.isEmpty {
                text += " \(fact.name)=\(value)"
            } else {
                text += " \(fact.name)=\(fact.value.serialized())"
            }
        }
        let oneLine = text.utf8.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }
        return oneLine + [0x0A]
    }
}
