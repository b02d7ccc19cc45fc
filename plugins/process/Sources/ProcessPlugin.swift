package import ChaosPluginAPI
import ChaosTargets
import LinuxSystem

/// Hits processes of this host, and runs programs: the Chaos Toolkit's `process` provider.
///
/// ```
/// provider {path, arguments, timeout} ─▶ CommandLineWords ─▶ child in a session of its own
///                                    │ stdout, stderr, exit ─▶ {status, stdout, stderr}
/// ```
///
/// The child leads a process group, so that a timeout or a cancelled run kills its children too.
///
/// ```
/// target ─▶ TargetProcess (pid, start) ─▶ pidfd ─▶ KILL · TERM · STOP ⇄ CONT
///                                          /proc ─▶ what became of it: the effect
/// ```
package struct ProcessPlugin: Plugin {
    package let manifest: PluginManifest

    /// Errors: the embedded manifest cannot be read (a mistake in the build).
    package init() throws {
        manifest = try PluginManifest(
            plugin: PackageResources.plugin_json,
            schema: PackageResources.schema_json
        )
    }

    package func action(_ function: String) -> (any Action)? {
        function == "run" ? ProgramRun() : nil
    }

    package func fault(_ function: String) -> (any Fault)? {
        switch function {
        case "kill": KillFault()
        case "restart": RestartFault()
        case "crash-loop": CrashLoopFault()
        case "pause": PauseFault()
        case "freeze": FreezeFault()
        default: nil
        }
    }

    package func hostReach(of function: String, _ context: StepContext) throws -> String? {
        TargetProcess.hostReach(context)
    }

    /// Whether the target stands still, and where it belongs.
    package func hostFacts(of function: String, _ context: StepContext) async throws -> [HostFact] {
        guard function != "read", function != "run",
            let target = try? TargetProcess.find(context), let entry = target.entry
        else { return [] }
        let group = ControlGroup.name(of: target.pid) ?? "/"
        return [
            HostFact("whether \(target.name) runs", entry.state == "T" ? "stopped" : "running"),
            HostFact("the control group (v2) of \(target.name)", group),
        ]
    }

    package func probe(_ function: String) -> (any Probe)? {
        function == "read" ? ProgramRun() : nil
    }
}

/// Why a program could not be run, or not to its end.
struct ProcessError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
