import CommandLine

/// What `run`, `gate` and `gameday` are told alike, and pass on to runs that are processes of their
/// own.
struct RunFlags: Sendable {
    /// Deliberate mistakes with which the shop is started.
    var mutants: [String]
    /// Whether faults may hit this host as a whole, or by what it is reached.
    var allowsHost: Bool

    /// Throws `UsageError` when there is no such mutant.
    init(_ invocation: Invocation) throws {
        try ShopCommand.checkMutants(invocation)
        mutants = invocation.values("mutant")
        allowsHost = invocation.has("allow-host")
    }

    /// The flags as words of a `chaos run`.
    var words: [String] {
        mutants.flatMap { ["--mutant", $0] } + (allowsHost ? ["--allow-host"] : [])
    }

    static let options = [
        Option(
            "mutant",
            value: "NAME",
            "Start the shop with a deliberately broken variant ('chaos shop mutants').",
            isRepeatable: true
        ),
        Option(
            "allow-host",
            "Allow faults that hit this host as a whole, or by what it is reached."
        ),
    ]
}
