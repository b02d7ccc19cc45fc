import ChaosModel
import ChaosPluginAPI

// One step of the file that hits several instances becomes as many planned steps, each of which is
// recorded, proven and undone by itself.
extension StepResolver {
    /// The planned steps of a step of the method: none when it cannot be resolved, several when
    /// several instances are picked; they begin together.
    func resolveAll(_ step: Step, _ seed: UInt64) -> [PlannedStep] {
        guard let pick = step.pick, let target = step.target else {
            return [resolve(step, seed)].compactMap(\.self)
        }
        let instances = instances(of: target)
        let number = pick.number(of: instances.count)
        guard !instances.isEmpty, number <= instances.count else {
            problems.report(
                path: "\(step.path).target.pick",
                instances.isEmpty
                    ? "the system has no instance of the \(target.text)"
                    : "\(number) of \(instances.count) cannot be picked",
                instances.isEmpty
                    ? "Name a service or a link of the system."
                    : "Pick fewer, or start more: \"replicas\": {…}."
            )
            return []
        }
        var seeds = SplitMix64(seed: seed)
        let chosen = Set(instances.shuffled(using: &seeds).prefix(number))
        let hit = instances.filter(chosen.contains)
        guard let first = hit.first else { return [] }
        var alone = step
        alone.target = first
        guard let planned = resolve(alone, seeds.nextSeed(), isDeclared: isDeclared(target)) else {
            return []
        }
        let names = instances.map(\.name).joined(separator: ", ")
        return hit.enumerated().map { index, instance in
            var each = planned
            if index > 0 {
                checkRadius(instance, step, isDeclared: isDeclared(target))
                each.seed = seeds.nextSeed()
                each.step.pauseBefore = nil
            }
            if index < hit.count - 1 {
                each.step.background = true
                each.step.pauseAfter = nil
            }
            each.step.pick = nil
            each.step.target = instance
            each.target = instance
            each.pick = "\(pick.text) of \(names)"
            if hit.count > 1 { each.step.name += " (\(instance.name))" }
            return each
        }
    }

    /// What the target stands for: the services of that role, or the links between instances of
    /// the roles at its ends.
    private func instances(of target: TargetSelector) -> [TargetSelector] {
        switch target {
        case .service(let name):
            let services = system?.services ?? []
            return services.map(\.name).filter { role(of: $0) == name }.map { .service($0) }
        case .link(let name):
            let links = (system?.links ?? []).map(\.name)
            return links.filter { roles(of: $0) == roles(of: name) }.map { .link($0) }
        case .process, .interface: return []
        }
    }

    /// The role of a service, which without one of its own is its name.
    private func role(of service: String) -> String {
        system?.services.first { $0.name == service }?.role ?? service
    }

    /// The roles at the ends of a link.
    private func roles(of link: String) -> [String] {
        link.split(separator: ">", maxSplits: 1)
            .map { role(of: String($0.hasSuffix("-") ? $0.dropLast() : $0)) }
    }
}
