import ChaosModel
import ChaosPluginAPI

extension StepResolver {
    /// The step's target if it exists, is of the function's kind and lies within the blast radius.
    func target(of planned: PlannedStep, isDeclared: Bool) -> TargetSelector? {
        let (step, function) = (planned.step, planned.function)
        let label = "\(step.provider.type) \(function.name)"
        guard let kind = function.target else {
            if step.target != nil {
                problems.report(
                    path: "\(step.path).target",
                    "\(label) has no target",
                    "Remove \"target\"."
                )
            }
            return nil
        }
        let known = names(of: kind)
        guard let target = step.target else {
            problems.report(
                path: step.path,
                "\(label) needs a target",
                "Add \"target\": {\"\(kind.rawValue)\": …}. \(Self.list(known, kind))"
            )
            return nil
        }
        // A service stands for its process, and a link for the interfaces at its ends.
        let isHit =
            Self.kind(of: target) == kind || kind == .process && target.isService
            || kind == .interface && target.isLink
        guard isHit else {
            problems.report(
                path: "\(step.path).target",
                "\(label) hits \(kind.words), not \(Self.kind(of: target).words)",
                "Use {\"\(kind.rawValue)\": …}. \(Self.list(known, kind))"
            )
            return nil
        }
        let named = Self.kind(of: target)
        if !target.isOutsideSystem {
            checkExists(target, named, names(of: named), "\(step.path).target.\(named.rawValue)")
        }
        checkRadius(target, step, isDeclared: isDeclared)
        return target
    }

    /// Whether a target stands in the declared radius, or none is declared.
    func isDeclared(_ target: TargetSelector) -> Bool {
        let declared = experiment.blastRadius.targets
        return declared.isEmpty || declared.contains(target)
    }

    /// Reports a target outside the declared radius.
    func checkRadius(_ target: TargetSelector, _ step: Step, isDeclared isAllowed: Bool) {
        guard !isAllowed, !isDeclared(target) else { return }
        let declared = experiment.blastRadius.targets.map(\.text).joined(separator: ", ")
        problems.report(
            path: "\(step.path).target.\(Self.kind(of: target).rawValue)",
            "the \(target.text) lies outside the blast radius",
            "Hit one of \(declared), or add it to \"blast-radius\"."
        )
    }

    private func checkExists(
        _ target: TargetSelector,
        _ kind: PluginFunction.TargetKind,
        _ known: [String],
        _ path: String
    ) {
        guard system != nil else {
            return problems.report(
                path: path,
                "the experiment names no system in which \(target.name) could be found",
                "Add \"system\": \"shop\" or the path of a system.json."
            )
        }
        guard !known.contains(target.name) else { return }
        let nearest = Spelling.nearest(to: target.name, among: known)
        problems.report(
            path: path,
            "the system has no \(kind.rawValue) \"\(target.name)\"",
            (nearest.map { "Did you mean \"\($0)\"? " } ?? "") + Self.list(known, kind)
        )
    }

    private func names(of kind: PluginFunction.TargetKind) -> [String] {
        switch kind {
        case .link: system?.links.map(\.name) ?? []
        case .service: system?.services.map(\.name) ?? []
        case .process: system?.databases.map { $0.service + "-db" } ?? []
        case .interface: []
        }
    }

    private static func kind(of target: TargetSelector) -> PluginFunction.TargetKind {
        switch target {
        case .link: .link
        case .service: .service
        case .process: .process
        case .interface: .interface
        }
    }

    private static func list(_ known: [String], _ kind: PluginFunction.TargetKind) -> String {
        if kind == .interface { return "Name one of this machine: ip link." }
        let plural = kind == .process ? "processes" : "\(kind.rawValue)s"
        return known.isEmpty
            ? "The system has no \(plural)."
            : "Known \(plural): \(known.joined(separator: ", "))."
    }

    /// How long a fault stays; every fault needs an end, whatever else may happen.
    func hold(of planned: PlannedStep, _ role: Role) -> Duration? {
        let step = planned.step
        let label = "\(step.provider.type) \(planned.function.name)"
        guard planned.isFault else {
            for (name, isThere) in [
                ("duration", step.duration != nil), ("effect", step.effectMinimum != 1),
            ] where isThere {
                problems.report(
                    path: "\(step.path).\(name)",
                    "\(label) is no fault and has no \(name)",
                    "Remove \"\(name)\"."
                )
            }
            return nil
        }
        guard let duration = step.duration else {
            problems.report(
                path: step.path,
                "the fault \(label) has no end",
                "Add \"duration\", such as \"20s\"."
            )
            return nil
        }
        let most = experiment.blastRadius.maxDuration
        if duration > most {
            problems.report(
                path: "\(step.path).duration",
                "\(duration.text) is longer than the blast radius allows",
                "Use at most \(most.text), or raise \"max-duration\" in \"blast-radius\"."
            )
        }
        return duration
    }

    /// What can only be seen of the plan as a whole.
    func checkWhole(_ plan: Plan) {
        for target in plan.bounds.targets where system != nil {
            let kind = Self.kind(of: target)
            let isKnown = target.isOutsideSystem || names(of: kind).contains(target.name)
            guard !isKnown else { continue }
            let index = plan.bounds.targets.firstIndex(of: target) ?? 0
            problems.report(
                path: "blast-radius.targets[\(index)].\(kind.rawValue)",
                "the system has no \(kind.rawValue) \"\(target.name)\"",
                Self.list(names(of: kind), kind)
            )
        }
        // A step that could not be resolved may have been the fault.
        let isWhole = Set(plan.steps.map(\.step.path)).count == experiment.method.count
        if isWhole, plan.hypothesis?.strategy == .onFault, !plan.steps.contains(where: \.isFault) {
            problems.report(
                path: "steady-state-hypothesis.strategy",
                "the hypothesis is judged while a fault is in effect, and the method has none",
                "Add a fault, or use another strategy.",
                severity: .warning
            )
        }
    }
}

extension TargetSelector {
    fileprivate var isService: Bool {
        if case .service = self { true } else { false }
    }

    fileprivate var isLink: Bool {
        if case .link = self { true } else { false }
    }

    /// A process that is told by its pid or pid file, or an interface: no system has to know it.
    fileprivate var isOutsideSystem: Bool {
        switch self {
        case .process(let name): name.hasPrefix("/") || Int32(name) != nil
        case .interface: true
        case .link, .service: false
        }
    }
}
