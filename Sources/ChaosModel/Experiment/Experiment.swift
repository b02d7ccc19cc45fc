package import JSON

/// One experiment file: a hypothesis, the method that tries to break it, and the limits of the
/// harm.
package struct Experiment: Sendable {
    package var title: String
    package var description: String
    /// The value of `"chaos"`; `nil` means that the file is a Chaos Toolkit experiment.
    package var formatVersion: Int?
    package var tags: [String] = []
    package var configuration: JSONObject = [:]
    package var secrets: JSONObject = [:]
    /// The system under test: `"shop"` (bundled; `"shop-netns"` in a network of its own) or the
    /// path of a `system.json`.
    package var system: String?
    /// How many instances of services of the bundled shop run; the others have one.
    package var replicas: [String: Int] = [:]
    /// The sizes of file systems of their own that databases of the bundled shop get, as they are
    /// written: `256MiB`.
    package var disks: [String: String] = [:]
    /// What carries the bundled shop's events; `nil`: its own log in PostgreSQL.
    package var broker: String?
    package var seed: UInt64?
    package var load: LoadProfile?
    package var hypothesis: Hypothesis?
    package var method: [Step] = []
    package var rollbacks: [Step] = []
    package var blastRadius = BlastRadius()
    package var abortWhen: [AbortCondition] = []
    /// When the declared rollbacks run.
    package var rollbackStrategy: RollbackStrategy = .always
    /// The document as it was read, for the journal.
    package var document: JSONValue = .null

    package init(title: String, description: String) {
        self.title = title
        self.description = description
    }
}

/// The steady state: probes with tolerances, and when they are judged.
package struct Hypothesis: Sendable {
    package var title: String
    package var probes: [Step] = []
    package var strategy: HypothesisStrategy = .standard
    /// How often probes are read while the method runs.
    package var frequency: Duration = .seconds(2)
    /// After the last fault is reverted the steady state must return within this time; `nil`: at
    /// once.
    package var recoversWithin: Duration?

    package init(title: String) {
        self.title = title
    }
}

/// When a hypothesis is judged: the Chaos Toolkit's strategies and `on-fault`.
package enum HypothesisStrategy: String, Sendable, CaseIterable {
    case standard = "default"
    case beforeMethodOnly = "before-method-only"
    case afterMethodOnly = "after-method-only"
    case duringMethodOnly = "during-method-only"
    case continuously
    case skip
    /// Before, while a fault is in effect, and after.
    case onFault = "on-fault"
}

/// When declared rollbacks run: the Chaos Toolkit's words.
///
/// Its default drops them when the run failed or was interrupted; ours, `always`, does not, and its
/// files get ours unless they say otherwise.
package enum RollbackStrategy: String, Sendable, CaseIterable {
    case always
    /// Unless the run failed or was interrupted.
    case standard = "default"
    /// Only when the hypothesis deviated.
    case deviated
    case never
}

/// The phases of a run in which a hypothesis probe may be read.
package enum ProbePhase: String, Sendable, CaseIterable {
    /// On the undisturbed system; gates the method.
    case before
    /// While a fault is in effect.
    case during
    /// After every fault was reverted.
    case after
    /// After the load stopped and the system had its quiet period.
    case settled
}

/// One probe or action: a member of the hypothesis, the method or the rollbacks.
package struct Step: Sendable {
    package enum Kind: String, Sendable { case probe, action }
    package var kind: Kind
    package var name: String
    package var provider: Provider
    package var tolerance: Tolerance?
    package var background = false
    package var pauseBefore: Duration?
    package var pauseAfter: Duration?
    /// Pauses that hold `${name}`, by `before` and `after`: they are known when the configuration
    /// is.
    package var pauseReferences: JSONObject = [:]
    /// The step fails after this time; `nil`: the runner's default.
    package var timeout: Duration?
    /// How long a fault stays in effect; only for fault actions.
    package var duration: Duration?
    package var target: TargetSelector?
    /// How many of the instances that the target stands for are hit; `nil`: the one that it names.
    package var pick: TargetPick?
    /// The least number of hits for which a fault counts as having happened (default 1).
    package var effectMinimum: Int = 1
    /// The phases in which a hypothesis probe is read; `nil`: what its plugin declares.
    package var phases: Set<ProbePhase>?
    /// Where the step stands: `method[0]`, `steady-state-hypothesis.probes[1]`.
    package var path: String = ""

    package init(kind: Kind, name: String, provider: Provider) {
        self.kind = kind
        self.name = name
        self.provider = provider
    }
}

/// Who carries out a step: a plugin, one of its functions, and the arguments.
package struct Provider: Sendable {
    /// The plugin's name (`provider.type`).
    package var type: String
    /// The plugin's function (`provider.func`); `process` and `http` of the Chaos Toolkit have
    /// none.
    package var function: String?
    package var arguments: JSONObject = [:]
    /// The whole provider object: Chaos Toolkit providers keep their settings beside `arguments`.
    package var document: JSONObject = [:]

    package init(type: String, function: String?) {
        self.type = type
        self.function = function
    }
}

/// The declared limits that a plan may not leave.
package struct BlastRadius: Sendable {
    /// The longest time that any fault may last; default 10 minutes.
    package var maxDuration: Duration = .seconds(600)
    /// The targets that may be hit; empty: those that the method names.
    package var targets: [TargetSelector] = []

    package init() {}
}

/// A probe that stops the run when its tolerance is met.
package struct AbortCondition: Sendable {
    package var probe: Step
    /// How often it is read; default 1 s.
    package var period: Duration = .seconds(1)

    package init(probe: Step) {
        self.probe = probe
    }
}

/// The traffic that runs during an experiment: open loop, arrivals independent of answers.
package struct LoadProfile: Sendable {
    package enum Arrivals: String, Sendable, CaseIterable { case constant, poisson }
    /// What one arrival does; `"checkout"` places an order at the shop and waits for its final
    /// state.
    package var scenario: String = "checkout"
    /// Arrivals per second, 0.1 to 20000.
    package var ratePerSecond: Double
    package var arrivals: Arrivals = .poisson
    /// Traffic before the baseline whose latencies are not counted.
    package var warmUp: Duration = .seconds(3)
    /// Undisturbed traffic over which `before` is judged.
    package var baseline: Duration = .seconds(10)
    /// Traffic after the last fault was reverted over which `after` is judged.
    package var after: Duration = .seconds(5)
    /// A client gives up on an operation after this time.
    package var timeout: Duration = .seconds(30)
    /// Which shares of the arrivals do something out of the ordinary.
    package var mix = Mix()

    /// Shares of the arrivals, each 0…1, drawn from the seed; by default everybody is ordinary.
    package struct Mix: Sendable, Hashable {
        /// Pays with a card that the processor refuses.
        package var declined = 0.0
        /// Orders an article of which there are only a few pieces.
        package var rare = 0.0
        /// Sends the placement twice at the same time, with one key: a double click.
        package var doubled = 0.0
        /// Sends the placement once more at the end, as a client that lost its note.
        package var repeated = 0.0
        /// Sends another placement under the same key at the end.
        package var altered = 0.0
        /// Reads the order's state and history once more at the end.
        package var reading = 0.0

        /// The members by their names in experiments.
        package static var members: [(name: String, path: WritableKeyPath<Mix, Double>)] {
            [
                ("declined", \.declined), ("rare", \.rare), ("doubled", \.doubled),
                ("repeated", \.repeated), ("altered", \.altered),
                ("reading", \.reading),
            ]
        }

        package init() {}
    }

    package init(ratePerSecond: Double) {
        self.ratePerSecond = ratePerSecond
    }
}
