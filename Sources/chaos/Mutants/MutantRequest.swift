import CommandLine
import ShopCore

/// What `chaos shop mutants` was asked for.
struct MutantRequest {
    /// The most seeds; a run for each takes a quarter of an hour.
    static let seedsMax = 20

    /// Which mutants; the correct shop is tried under the schedules of just these.
    var mutants: [Mutant]
    var seeds: [UInt64]
    /// The directory of experiments.
    var experiments: String
    /// The directory of all runs.
    var output: String
    /// Where results are kept, one JSON line each.
    var results: String
    /// The Markdown page to write.
    var page: String?
    /// A sentence for the page: on what machine, and what else ran on it.
    var note: String?
    var isResumed: Bool
    var isJSON: Bool
    var isQuiet: Bool

    /// Throws `UsageError` for an unknown mutant or a number of seeds out of range.
    init(_ invocation: Invocation) throws {
        try ShopCommand.checkMutants(invocation, option: "only")
        let names = invocation.values("only")
        mutants = Mutant.all.filter { names.isEmpty || names.contains($0.name) }
        seeds = try Self.seeds(invocation)
        experiments = invocation.value("experiments") ?? "experiments"
        output = invocation.value("output") ?? "runs"
        results = invocation.value("results") ?? "\(output)/mutants.jsonl"
        page = invocation.value("page")
        note = invocation.value("note")
        isResumed = invocation.has("resume")
        isJSON = invocation.has("json")
        isQuiet = invocation.has("quiet")
    }

    /// Those that are named, or else 1, 2, 3 and so on.
    private static func seeds(_ invocation: Invocation) throws -> [UInt64] {
        let words = invocation.values("seed")
        let named = words.compactMap { UInt64($0) }
        guard named.count == words.count, named.count <= seedsMax else {
            throw UsageError(
                path: invocation.path,
                message: "--seed takes a whole number, at most \(seedsMax) times,"
                    + " not \(words.joined(separator: ", "))."
            )
        }
        guard named.isEmpty else { return named }
        let text = invocation.value("seeds") ?? "3"
        guard let number = UInt64(text), (1...UInt64(seedsMax)).contains(number) else {
            throw UsageError(
                path: invocation.path,
                message: "--seeds \(text) is out of range. Use 1 to \(seedsMax)."
            )
        }
        return Array(1...number)
    }
}
