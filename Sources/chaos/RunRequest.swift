import CommandLine

/// What `chaos run` was asked for.
struct RunRequest {
    var file: String
    var seed: UInt64?
    /// The directory of all runs.
    var output: String
    var flags: RunFlags
    var isJSON: Bool
    var isQuiet: Bool
    /// Where the start, an abort and the end of the run are told.
    var webhooks: [String]

    init(_ invocation: Invocation) throws {
        flags = try RunFlags(invocation)
        file = invocation.arguments[0]
        seed = try ExperimentFile.seed(of: invocation)
        output = invocation.value("output") ?? "runs"
        isJSON = invocation.has("json")
        isQuiet = invocation.has("quiet")
        webhooks = invocation.values("webhook")
        for address in webhooks where !address.hasPrefix("http://") {
            throw UsageError(
                path: invocation.path,
                message: "--webhook \(address) is no http:// address. Name http://HOST:PORT/PATH; "
                    + "for https, name a relay on this host."
            )
        }
    }
}
