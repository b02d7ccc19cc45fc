package import ChaosModel
package import ChaosPluginAPI

/// What a run will do, in order, with every argument resolved.
package struct Plan: Sendable {
    package var title: String
    package var description: String
    /// The experiment's file as the user named it.
    package var file: String
    /// Decides every random choice of the run.
    package var seed: UInt64
    /// `"shop"`, `"shop-netns"`, the path of a `system.json`, or `nil`.
    package var system: String?
    /// How many instances of the shop's services run; the others have one.
    package var replicas: [String: Int] = [:]
    /// The sizes of file systems that databases of the shop get.
    package var disks: [String: String] = [:]
    /// What carries the shop's events; `nil`: its own log in PostgreSQL.
    package var broker: String?
    package var load: LoadProfile?
    package var hypothesis: PlannedHypothesis?
    /// The method.
    package var steps: [PlannedStep] = []
    package var rollbacks: [PlannedStep] = []
    package var rollbackStrategy: RollbackStrategy = .always
    package var aborts: [PlannedAbort] = []
    package var bounds = BlastRadius()
    /// What the method hits, each once, in order.
    package var targets: [TargetSelector] = []
    /// The manifests of the plugins that the steps use.
    package var plugins: [PluginManifest] = []

    package init(title: String, description: String, file: String, seed: UInt64) {
        self.title = title
        self.description = description
        self.file = file
        self.seed = seed
    }
}

/// The steady state with probes that can be read.
package struct PlannedHypothesis: Sendable {
    package var title: String
    package var strategy: HypothesisStrategy
    /// How often probes are read while the method runs.
    package var frequency: Duration
    package var recoversWithin: Duration?
    package var probes: [PlannedStep]

    package init(_ hypothesis: Hypothesis, probes: [PlannedStep]) {
        title = hypothesis.title
        strategy = hypothesis.strategy
        frequency = hypothesis.frequency
        recoversWithin = hypothesis.recoversWithin
        self.probes = probes
    }
}

/// A probe that stops the run when its tolerance is met.
package struct PlannedAbort: Sendable {
    package var probe: PlannedStep
    package var period: Duration

    package init(probe: PlannedStep, period: Duration) {
        self.probe = probe
        self.period = period
    }
}

/// A step with everything that it takes to carry it out.
package struct PlannedStep: Sendable {
    /// Its arguments are canonical: defaults filled in, durations in milliseconds, ratios 0…1,
    /// rates per second.
    package var step: Step
    package var function: PluginFunction
    package var target: TargetSelector?
    /// Among which instances the seed picked the target: `one of payments, payments-2`.
    package var pick: String?
    /// How long a fault stays in effect; `nil` for everything else.
    package var hold: Duration?
    /// 53 bits, so that every reader of JSON keeps it.
    package var seed: UInt64
    /// When a probe of the hypothesis is read.
    package var phases: Set<ProbePhase> = []
    /// The arguments in words: `latency 200ms`.
    package var argumentTexts: [String] = []
    /// By what the fault works on the machine that planned it, where there is a choice.
    package var backend: String?
    /// Why the fault would hit the machine that planned it as a whole; `nil`: it would not.
    package var hostReach: String?

    package init(step: Step, function: PluginFunction, seed: UInt64) {
        self.step = step
        self.function = function
        self.seed = seed
    }

    /// Whether the runner undoes it.
    package var isFault: Bool { function.kind == .fault }
}

extension Plan {
    /// When each step of the method starts and ends, in time since the method began; probes and
    /// actions take none.
    package var schedule: [Range<Duration>] {
        var now = Duration.zero
        return steps.map { planned in
            now += planned.step.pauseBefore ?? .zero
            let start = now
            let end = start + (planned.hold ?? .zero)
            if !planned.step.background { now = end }
            now += planned.step.pauseAfter ?? .zero
            return start..<end
        }
    }

    /// How long the method takes at least.
    package var methodDuration: Duration {
        let pauses = steps.reduce(Duration.zero) { total, planned in
            total + (planned.step.pauseBefore ?? .zero) + (planned.step.pauseAfter ?? .zero)
                + (planned.step.background ? .zero : planned.hold ?? .zero)
        }
        return max(pauses, schedule.map(\.upperBound).max() ?? .zero)
    }

    /// How long the run takes at least: warm-up, baseline, method, traffic after it.
    ///
    /// What cannot be known is not in it: starting the system, the time that probes take, recovery
    /// and settling.
    package var estimate: Duration {
        guard let load else { return methodDuration }
        return load.warmUp + load.baseline + methodDuration + load.after
    }
}
