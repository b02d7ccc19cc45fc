package import ChaosPluginAPI
import ChaosTargets
import LinuxSystem

extension ResourcePlugin {
    package func hostReach(of function: String, _ context: StepContext) throws -> String? {
        switch function {
        case "cpu": "everything on this host shares its processors"
        case "memory": "everything on this host shares its memory"
        default: TargetProcess.hostReach(context)
        }
    }

    /// What the function takes away, as it is now.
    package func hostFacts(of function: String, _ context: StepContext) async throws -> [HostFact] {
        switch function {
        case "cpu", "memory", "disk-full":
            let children = BurdenProcess.running(name: Tag.name(context)).count
            return [HostFact("children of ours for \(function)", "\(children)")]
        case "descriptors":
            return try facts(context) { target in
                let limit = try OpenFileLimit.of(target.pid)
                return [HostFact("the limit of open files of \(target.name)", "\(limit.soft)")]
            }
        case "slow-fsync", "failing-fsync":
            return try facts(context) { target in
                let isTraced = ProcessTable.tracer(of: target.pid) != nil
                return [HostFact("the tracer of \(target.name)", isTraced ? "there" : "none")]
            }
        case "cpu-quota", "memory-limit", "process-count":
            return try facts(context) { target in
                LimitGroup.Hierarchy.all.map { hierarchy in
                    HostFact(
                        "the control group (\(hierarchy.resource.rawValue)) of \(target.name)",
                        hierarchy.group(of: target.pid)
                    )
                }
            }
        default: return []
        }
    }

    /// Of a process that is gone nothing is to be told.
    private func facts(
        _ context: StepContext,
        _ read: (TargetProcess) throws -> [HostFact]
    ) throws -> [HostFact] {
        guard let target = try? TargetProcess.find(context), target.entry != nil else { return [] }
        do {
            return try read(target)
        } catch {
            guard target.entry != nil else { return [] }
            throw error
        }
    }
}
