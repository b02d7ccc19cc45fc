import ChaosModel
import JSON

/// The `timeout` of a step: a number of seconds, as the Chaos Toolkit has it, or a duration.
enum Timeout {
    /// Without a timeout a program may take this long; nothing waits for ever.
    static let standard = Duration.seconds(600)

    /// Errors: neither a number of 0 or more nor a duration.
    static func duration(_ value: JSONValue?) throws -> Duration {
        switch value ?? .null {
        case .null: return standard
        case .string(let text): return try Duration(parsing: text)
        case let value:
            guard let seconds = value.doubleValue, (0...8.64e7).contains(seconds) else {
                throw ProcessError(
                    "\(value.serialized()) is no time — provider.timeout."
                        + " Give seconds such as 5 or 0.5, or a duration such as \"5s\"."
                )
            }
            return .seconds(seconds)
        }
    }
}
