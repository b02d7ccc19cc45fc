import ChaosModel
import JSON
import LinuxSystem

/// The values of an experiment's configuration and secrets, taken from the environment of the run.
struct Values: Sendable {
    /// The experiment as it was read, secrets included.
    let document: JSONValue
    let substitution: Substitution
    /// The texts that must not be written down.
    let secrets: [String]

    /// Errors: a variable whose text is not of the type that the experiment declares.
    init(_ document: JSONValue) throws {
        self.document = document
        let configuration = try ConfigurationResolver.configuration(
            document["configuration"]?.objectValue ?? [:],
            variable: Environment.get
        )
        let secrets = try ConfigurationResolver.secrets(
            document["secrets"]?.objectValue ?? [:],
            variable: Environment.get
        )
        substitution = Substitution(configuration: configuration, secrets: secrets)
        self.secrets = Self.texts(in: .object(secrets))
    }

    private static func texts(in value: JSONValue) -> [String] {
        switch value {
        case .string(let text): [text]
        case .array(let elements): elements.flatMap(texts)
        case .object(let object): object.members.flatMap { texts(in: $0.value) }
        case .null, .bool, .integer, .number: []
        }
    }
}
