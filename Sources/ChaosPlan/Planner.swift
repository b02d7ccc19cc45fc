package import ChaosModel
package import ChaosPluginAPI
package import JSON

/// Makes a plan of an experiment, or says everything that stands against it.
package enum Planner {
    /// Resolves providers, arguments, targets and bounds; touches nothing.
    ///
    /// `file` and `bytes` are the experiment's file, for the places of problems. `system` is `nil`
    /// when the experiment names none. `configuration` holds resolved values for `${name}`; without
    /// it literals and defaults are used. Secrets stay as they are written. `plan` is `nil` when
    /// one of the problems is an error.
    package static func plan(
        _ experiment: Experiment,
        file: String,
        bytes: [UInt8],
        system: SystemDescription?,
        plugins: [PluginManifest],
        seed: UInt64,
        configuration: JSONObject? = nil
    ) -> (plan: Plan?, problems: [Problem]) {
        let problems = ProblemCollector(document: JSONDocument(file: file, bytes: bytes))
        let values = configuration ?? literals(of: experiment)
        let resolver = StepResolver(
            experiment: experiment,
            system: system,
            plugins: plugins,
            substitution: Substitution(configuration: values),
            problems: problems
        )
        let plan = Assembly(experiment: experiment, resolver: resolver).plan(file: file, seed: seed)
        let found = problems.problems.sortedByPosition
        return (found.hasErrors ? nil : plan, found)
    }

    /// The seed of a run: what the user gave, else what the file says, else `derived`.
    package static func seed(
        explicit: UInt64?,
        experiment: Experiment,
        derived: UInt64
    ) -> UInt64 {
        explicit ?? experiment.seed ?? derived
    }

    /// Without an environment no variable is set, so only a wrong type of a default could be wrong.
    private static func literals(of experiment: Experiment) -> JSONObject {
        let resolved = try? ConfigurationResolver.configuration(experiment.configuration) { _ in nil
        }
        return resolved ?? [:]
    }

    private struct Assembly {
        let experiment: Experiment
        let resolver: StepResolver

        func plan(file: String, seed: UInt64) -> Plan {
            var seeds = SplitMix64(seed: seed)
            let title = resolver.substitution.apply(to: experiment.title)
            var plan = Plan(
                title: PythonRules.text(title),
                description: experiment.description,
                file: file,
                seed: seed
            )
            plan.system = experiment.system
            plan.replicas = experiment.replicas
            plan.disks = experiment.disks
            plan.broker = experiment.broker
            plan.load = experiment.load
            plan.bounds = experiment.blastRadius
            plan.rollbackStrategy = experiment.rollbackStrategy
            plan.steps = experiment.method.flatMap { resolver.resolveAll($0, seeds.nextSeed()) }
            plan.rollbacks = experiment.rollbacks.compactMap {
                resolver.resolve($0, seeds.nextSeed(), role: .rollback)
            }
            plan.hypothesis = experiment.hypothesis.map { hypothesis in
                PlannedHypothesis(
                    hypothesis,
                    probes: hypothesis.probes.compactMap {
                        resolver.resolve($0, seeds.nextSeed(), role: .hypothesis)
                    }
                )
            }
            plan.aborts = experiment.abortWhen.compactMap { condition in
                let probe = resolver.resolve(condition.probe, seeds.nextSeed(), role: .abort)
                return probe.map { PlannedAbort(probe: $0, period: condition.period) }
            }
            plan.targets = plan.steps.compactMap(\.target).reduce(into: []) { targets, target in
                if !targets.contains(target) { targets.append(target) }
            }
            let all =
                plan.steps + plan.rollbacks + (plan.hypothesis?.probes ?? [])
                + plan.aborts.map(\.probe)
            let used = Set(all.map(\.step.provider.type))
            plan.plugins = resolver.plugins.filter { used.contains($0.name) }
            resolver.checkWhole(plan)
            return plan
        }
    }
}
