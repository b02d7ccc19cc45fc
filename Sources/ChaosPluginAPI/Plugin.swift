package import ChaosModel
package import JSON

/// A plugin: its manifest, and the probes, actions and faults that the manifest names.
package protocol Plugin: Sendable {
    var manifest: PluginManifest { get }
    func probe(_ function: String) -> (any Probe)?
    func action(_ function: String) -> (any Action)?
    func fault(_ function: String) -> (any Fault)?
    /// What of ours the machine still holds, found by the tags that it carries, without any ledger.
    ///
    /// Changes nothing. Errors: it could not be looked for.
    func leftovers() async throws -> [Leftover]
    /// Why the fault would hit this host as a whole, or by what it is reached; `nil`: it would not.
    ///
    /// Such a fault needs the word of whoever runs it (`--allow-host`). Changes nothing. Errors: it
    /// could not be found out.
    func hostReach(of function: String, _ context: StepContext) throws -> String?
    /// How that stands which a fault with this target and these arguments would change.
    ///
    /// Read before the method and after the last undo, and compared. Changes nothing. Errors: it
    /// could not be read.
    func hostFacts(of function: String, _ context: StepContext) async throws -> [HostFact]
    /// By what a fault would work on this machine, where there is a choice; told by the plan.
    ///
    /// Found out by trying, like `selfChecks`; changes nothing that stays. Errors: nothing here
    /// can do it, with the reason and what to do.
    func backend(of function: String, _ arguments: JSONObject) throws -> String?
    /// Whether its faults work on this machine, found out by trying; see `SelfCheck`.
    func selfChecks() async -> [SelfCheck]
}

extension Plugin {
    package func probe(_ function: String) -> (any Probe)? { nil }
    package func action(_ function: String) -> (any Action)? { nil }
    package func fault(_ function: String) -> (any Fault)? { nil }
    package func backend(of function: String, _ arguments: JSONObject) throws -> String? { nil }
    package func leftovers() async throws -> [Leftover] { [] }
    package func hostReach(of function: String, _ context: StepContext) throws -> String? { nil }
    package func hostFacts(of function: String, _ context: StepContext) async throws -> [HostFact] {
        []
    }
    package func selfChecks() async -> [SelfCheck] {
        manifest.functions.filter { $0.kind == .fault }.map { function in
            let needs = manifest.needs.joined(separator: "; ")
            return SelfCheck(function.name, needs: needs, SelfCheck.Verdict.needsNothing)
        }
    }
}

/// A fault that was found by the tags it left on the machine.
package struct Leftover: Sendable, Hashable {
    /// The run that the tag names.
    package var runID: String
    /// The process that placed it.
    package var owner: Int32
    /// Whether that process still runs: then it is none of `recover`'s business.
    package var isOwnerAlive: Bool
    /// Enough to `revert` it.
    package var undo: UndoRecord

    package init(runID: String, owner: Int32, isOwnerAlive: Bool, undo: UndoRecord) {
        self.runID = runID
        self.owner = owner
        self.isOwnerAlive = isOwnerAlive
        self.undo = undo
    }
}

/// Reads the system and changes nothing.
package protocol Probe: Sendable {
    /// Errors: whatever made the observation impossible; the step is then *failed*, never *unmet*.
    func read(_ context: StepContext) async throws -> JSONValue
}

/// Changes the system in a way that only the author can undo.
package protocol Action: Sendable {
    func perform(_ context: StepContext) async throws -> JSONValue
}

/// Degrades the system in a way that we undo:
/// `prepare → inject → confirm → revert → confirmReverted`.
package protocol Fault: Sendable {
    /// Reads the former state and returns what is needed to restore it; changes nothing.
    func prepare(_ context: StepContext) async throws -> UndoRecord
    /// Brings the fault into effect. After an error the world may be in either state: `revert` is
    /// called.
    func inject(_ context: StepContext, _ undo: UndoRecord) async throws
    /// Observes what the fault has done so far; cumulative, callable any number of times while it
    /// is in effect.
    func confirm(_ context: StepContext, _ undo: UndoRecord) async throws -> Effect
    /// Restores the former state from the record alone; idempotent; also called by the guardian and
    /// by `recover`.
    func revert(_ undo: UndoRecord) async throws
    /// Throws when the former state is not restored.
    func confirmReverted(_ undo: UndoRecord) async throws
}

/// Everything a step may know of the run.
package struct StepContext: Sendable {
    package var runID: String
    /// The arguments with defaults filled in and substitution done; durations as milliseconds
    /// (number), ratios as 0…1, rates per second.
    package var arguments: JSONObject
    /// The whole `provider` object with substitution done (the Chaos Toolkit's providers keep
    /// `url`, `path`, … there).
    package var provider: JSONObject
    package var target: TargetSelector?
    package var system: SystemDescription?
    /// A seed of this step's own, derived from the run's.
    package var seed: UInt64
    package var phase: ProbePhase?
    package var metrics: (any MetricSource)?
    /// What clients were told; `nil` when no load runs.
    package var history: (any HistorySource)?
    /// How long the fault shall stay at most; the lease of what can expire by itself.
    package var lease: Duration?

    package init(
        runID: String,
        arguments: JSONObject = [:],
        provider: JSONObject = [:],
        seed: UInt64 = 0
    ) {
        self.runID = runID
        self.arguments = arguments
        self.provider = provider
        self.seed = seed
    }
}

/// What must be known to undo one fault; complete before the first effect, self-contained, JSON.
package struct UndoRecord: Sendable, Hashable {
    package var plugin: String
    package var function: String
    /// What is hit, in the system's words (`payments->payments-db`).
    package var target: String
    /// The exact former state and whatever handles it takes to restore it.
    package var state: JSONObject

    package init(plugin: String, function: String, target: String, state: JSONObject) {
        self.plugin = plugin
        self.function = function
        self.target = target
        self.state = state
    }
}

/// The proof that a fault happened.
package struct Effect: Sendable, Hashable {
    /// How often it hit.
    package var hits: Int
    /// What a hit is: "acknowledgements lost", "chunks delayed".
    package var unit: String
    package var detail: JSONObject
    /// Single occurrences, oldest first, as far as they are told apart.
    package var firings: [Firing]

    package init(hits: Int, unit: String, detail: JSONObject = [:], firings: [Firing] = []) {
        self.hits = hits
        self.unit = unit
        self.detail = detail
        self.firings = firings
    }
}

/// One occurrence of a fault.
package struct Firing: Sendable, Hashable {
    /// 1, 2, 3 … within its fault.
    package var ordinal: Int
    package var at: Timestamp
    package var detail: JSONObject

    package init(ordinal: Int, at: Timestamp, detail: JSONObject) {
        self.ordinal = ordinal
        self.at = at
        self.detail = detail
    }
}

/// The live figures of the load, for the `metric` plugin.
package protocol MetricSource: Sendable {
    /// `operation`: "placement", "checkout"; `quantile`: 0…1; `nil` when nothing was counted in the
    /// phase.
    func latencyMilliseconds(operation: String, quantile: Double, phase: ProbePhase) -> Double?
    /// How many operations *planned* in the phase ended so.
    func counts(operation: String, phase: ProbePhase) -> OperationCounts
    /// The length of the phase so far.
    func elapsed(phase: ProbePhase) -> Duration
}

/// The ends of operations: `info` means that the client does not know.
package struct OperationCounts: Sendable, Hashable {
    package var ok = 0
    package var fail = 0
    package var info = 0
    package var pending = 0

    package init() {}
}

/// The clients' history, for invariants that compare what clients were told with what is stored.
package protocol HistorySource: Sendable {
    /// What clients were told so far, oldest first.
    func replies() -> [ClientReply]
}

extension HistorySource {
    /// The placements that were acknowledged so far, oldest first.
    package func acknowledgedOrders() -> [OrderAcknowledgement] {
        replies().compactMap { reply in
            guard reply.operation == "placement", reply.kind == .ok, let order = reply.order else {
                return nil
            }
            return OrderAcknowledgement(order: order, key: reply.key, at: reply.at)
        }
    }
}

/// How an operation of a client ended.
package struct ClientReply: Sendable, Hashable {
    package enum Kind: Sendable { case ok, fail, info }
    /// `placement`, `checkout`, and those of clients out of the ordinary: `duplicate`, `repeat`,
    /// `altered`.
    package var operation: String
    package var kind: Kind
    /// The idempotency key that the client sent.
    package var key: String
    package var order: String?
    /// The last answer's status.
    package var status: Int?
    package var detail: String?
    package var at: Timestamp

    package init(
        operation: String,
        kind: Kind,
        key: String,
        order: String? = nil,
        status: Int? = nil,
        detail: String? = nil,
        at: Timestamp
    ) {
        self.operation = operation
        self.kind = kind
        self.key = key
        self.order = order
        self.status = status
        self.detail = detail
        self.at = at
    }
}

/// A client was told that its order is placed.
package struct OrderAcknowledgement: Sendable, Hashable {
    package var order: String
    /// The idempotency key that the client sent.
    package var key: String
    package var at: Timestamp

    package init(order: String, key: String, at: Timestamp) {
        self.order = order
        self.key = key
        self.at = at
    }
}
