import ChaosGate
import ChaosModel
import CommandLine
import LinuxSystem

/// What `chaos gate` was asked for.
struct GateRequest {
    var path: String
    var seed: UInt64?
    var flags: RunFlags
    var output: String
    var baseline: String?
    var writeBaseline: String?
    var junit: String?
    var markdown: String?
    var isJSON: Bool
    var isQuiet: Bool
    var failOn: Set<GateOutcome>
    /// Whether the first failure ends the gate.
    var failsFast: Bool
    var tags: Set<String>
    var skippedTags: Set<String>
    var annotations: GateAnnotations
    var retries: Int
    var budget: Duration?
    var parallel: Int
    var expiryDays: Int

    init(_ invocation: Invocation) throws {
        flags = try RunFlags(invocation)
        path = invocation.arguments[0]
        seed = try ExperimentFile.seed(of: invocation)
        output = invocation.value("output") ?? "runs"
        baseline = invocation.value("baseline")
        writeBaseline = invocation.value("write-baseline")
        junit = invocation.value("junit")
        markdown = invocation.value("markdown")
        isJSON = invocation.has("json")
        isQuiet = invocation.has("quiet")
        failOn = try Self.outcomes(invocation)
        failsFast = invocation.has("fail-fast")
        tags = Set(invocation.values("tag"))
        skippedTags = Set(invocation.values("skip-tag"))
        annotations =
            invocation.value("annotations").flatMap(GateAnnotations.init(rawValue:))
            ?? .detected(Environment.get)
        retries = try invocation.integer("retries", in: 0...5) ?? 1
        budget = try Self.duration(invocation, "budget")
        parallel = try invocation.integer("parallel", in: 1...16) ?? 1
        expiryDays = try invocation.integer("expire-days", in: 1...3650) ?? 30
    }

    private static func outcomes(_ invocation: Invocation) throws -> Set<GateOutcome> {
        guard let list = invocation.value("fail-on") else { return GateOutcome.failingByDefault }
        let known = GateOutcome.allCases.map(\.rawValue)
        var outcomes: Set<GateOutcome> = []
        for word in list.split(separator: ",").map(String.init) {
            guard let outcome = GateOutcome(rawValue: word) else {
                throw UsageError(
                    path: invocation.path,
                    message: "--fail-on: there is no outcome '\(word)'. "
                        + Spelling.advice(for: word, among: known, kind: "outcomes")
                )
            }
            outcomes.insert(outcome)
        }
        return outcomes
    }

    private static func duration(_ invocation: Invocation, _ name: String) throws -> Duration? {
        guard let word = invocation.value(name) else { return nil }
        do throws(UnitError) {
            let duration = try Duration(parsing: word)
            if duration > .zero { return duration }
            throw UnitError("\(word) is no time", "Use more than 0s.")
        } catch {
            throw UsageError(
                path: invocation.path,
                message: "--\(name): \(error.message). \(error.remedy)"
            )
        }
    }
}
