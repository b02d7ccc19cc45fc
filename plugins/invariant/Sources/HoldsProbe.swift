import ChaosModel
import ChaosPluginAPI
import EventLoop
import JSON

/// Checks invariants over one observation of the shop.
struct HoldsProbe: Probe {
    func read(_ context: StepContext) async throws -> JSONValue {
        var chosen = try Self.chosen(context.arguments["invariants"] ?? "all")
        let isRunning = context.phase != nil && context.phase != .settled
        if isRunning, !chosen.isExplicit { chosen.invariants.removeAll { !$0.isAlways } }
        let observer = try ShopObserver(context)
        return try await Self.besideLoop { [chosen] in
            try Self.judge(chosen, try await observer.observe(history: context.history))
        }
    }

    /// Works on a loop of its own, for a long run's rows take seconds: to the guardian, a runner
    /// whose loop stands still is dead.
    static func besideLoop(
        _ body: @escaping @Sendable () async throws -> JSONValue
    ) async throws -> JSONValue {
        let loop = try Loop.start(label: "invariants")
        defer { loop.stop() }
        let task = loop.spawn(body)
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    struct Choice {
        var invariants: [Invariant]
        /// The author named them, so that leaving one out would be a lie.
        var isExplicit: Bool
    }

    /// `"all"`, one name, or an array of names.
    static func chosen(_ argument: JSONValue) throws -> Choice {
        if argument == "all" { return Choice(invariants: allInvariants, isExplicit: false) }
        let names = argument.arrayValue ?? [argument]
        let invariants = try names.map { name in
            guard let known = allInvariants.first(where: { .string($0.name) == name }) else {
                let list = allInvariants.map(\.name).joined(separator: ", ")
                throw InvariantError(
                    "there is no invariant \(name.serialized()) — argument invariants."
                        + " Use \"all\" or some of: \(list)."
                )
            }
            return known
        }
        return Choice(invariants: invariants, isExplicit: true)
    }

    /// `{"holds": …, "invariants": […]}`; those about a history that was not kept, and those that
    /// had nothing to look at while others had, are left out unless named.
    static func judge(_ choice: Choice, _ observation: Observation) throws -> JSONValue {
        let index = ObservationIndex(observation)
        var results: [JSONValue] = []
        var holds = true
        for invariant in choice.invariants {
            guard let finding = invariant.check(index) else {
                guard choice.isExplicit else { continue }
                throw InvariantError(
                    "\(invariant.name) cannot be judged — it needs \(invariant.needs)."
                        + " Give the experiment what it needs, or leave the invariant out."
                )
            }
            if finding.checked == 0, !choice.isExplicit, !index.isEmpty { continue }
            holds = holds && finding.holds
            results.append(describe(invariant, finding))
        }
        return ["holds": .bool(holds), "invariants": .array(results)]
    }

    private static func describe(_ invariant: Invariant, _ finding: Invariant.Finding) -> JSONValue
    {
        let witnesses = finding.witnesses.prefix(Invariant.witnessesMax)
        return [
            "name": .string(invariant.name),
            "statement": .string(invariant.statement),
            "anomaly": .string(invariant.anomaly),
            "holds": .bool(finding.holds),
            "checked": .integer(Int64(finding.checked)),
            "violations": .integer(Int64(finding.witnesses.count)),
            "witnesses": .array(witnesses.map { .object($0) }),
        ]
    }
}
