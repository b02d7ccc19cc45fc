import ChaosJournal
import ChaosModel
import ChaosPluginAPI
import EventLoop
import Glibc
import JSON
import LinuxSystem
import ProcessClock
import RunnerFixtures
import Testing

@testable import ChaosRunner

/// A fault with something real to hit, and an eye on it that knows nothing of the fault's own code.
struct CrashSubject: Sendable {
    var specification: FaultSpecification
    /// Whether nothing of the fault can be seen.
    var isClean: @Sendable () async throws -> Bool
    /// Whether the kernel ends it with the runner; the table shows it where both are killed.
    var diesWithRunner = false
    /// Stops what was started for it.
    var stop: @Sendable () async throws -> Void
}

extension CrashSubject {
    /// Starts what the fault shall hit; on a loop.
    ///
    /// - Throws: `MarkerError` for a fault of the registry that it knows nothing to hit with.
    static func start(_ fault: CrashFault, _ sandbox: Sandbox) async throws -> CrashSubject {
        switch (fault.plugin, fault.function) {
        case ("process", "pause"): try paused(fault, sandbox)
        case ("process", "freeze"): try frozen(fault, sandbox)
        case ("clock", _): try clock(fault, sandbox)
        case ("resource", "cpu"), ("resource", "memory"): burden(fault, sandbox)
        case ("resource", "descriptors"): try descriptors(fault, sandbox)
        case ("resource", "connections"): try await connections(fault)
        case ("resource", "disk-full"): try disk(fault, sandbox)
        case ("resource", _) where fault.diesWithPipe: try flush(fault, sandbox)
        case ("resource", _) where fault.limited != nil: try limit(fault, sandbox)
        case ("toxic", _): try await toxic(fault)
        case ("shop", _): try await processor(fault)
        case ("partition", "host"): try partition(fault)
        case ("partition", _): try division(fault)
        case ("netem", _) where fault.isOfLab: try discipline(fault)
        case ("netem", _): try queue(fault)
        default:
            throw MarkerError(
                description: "the crash table has nothing that \(fault.title) could hit: add a"
                    + " subject to Tests/ChaosRunnerTests/Crash, or a reason to withoutRow"
            )
        }
    }

    /// What a plan of the fault says, with a process as its target or none.
    static func specification(_ fault: CrashFault, _ child: ChildProcess? = nil)
        -> FaultSpecification
    {
        var specification = FaultSpecification(fault.plugin, fault.function, fault.arguments)
        specification.target = child.map { .process("\($0.pid)") }
        return specification
    }

    static func sleeper(_ sandbox: Sandbox, _ environment: [String]? = nil) throws
        -> ChildProcess
    {
        var request = SpawnRequest(executable: "/bin/sleep", arguments: ["3600"])
        request.newSession = true
        request.dieWithParent = true
        request.environment = environment
        return try ChildProcess.spawn(request)
    }

    static func ending(_ child: ChildProcess) -> @Sendable () async throws -> Void {
        {
            child.signal(SIGKILL)
            _ = try await child.wait()
        }
    }

    private static func paused(_ fault: CrashFault, _ sandbox: Sandbox) throws -> CrashSubject {
        let child = try sleeper(sandbox)
        return CrashSubject(
            specification: specification(fault, child),
            // Let go, it may wait for a processor before it sleeps again.
            isClean: { ["S", "R"].contains(ProcessTable.entry(child.pid)?.state) },
            stop: ending(child)
        )
    }

    private static func frozen(_ fault: CrashFault, _ sandbox: Sandbox) throws -> CrashSubject {
        let child = try sleeper(sandbox)
        let home = ControlGroup.name(of: child.pid)
        return CrashSubject(
            specification: specification(fault, child),
            isClean: { ControlGroup.name(of: child.pid) == home },
            stop: ending(child)
        )
    }

    private static func clock(_ fault: CrashFault, _ sandbox: Sandbox) throws -> CrashSubject {
        let isUnderShim = fault.manner == "preload"
        let control = "\(sandbox.directory)/control"
        var environment: [String]?
        if isUnderShim {
            try ControlFile.create(control)
            let shim = try ClockShim.install(in: sandbox.directory)
            let base = Environment.all()
            environment = ClockShim.environment(shim: shim, control: control, base: base)
        }
        let child = try sleeper(sandbox, environment)
        return CrashSubject(
            specification: specification(fault, child),
            isClean: {
                isUnderShim
                    ? try !ControlFile.read(control).setting.isMoved
                    : VDSOPatch.state(of: child.pid) == nil
            },
            stop: ending(child)
        )
    }

    private static func toxic(_ fault: CrashFault) async throws -> CrashSubject {
        let rig = try await LinkRig(fault.wireProtocol)
        var specification = specification(fault)
        specification.target = .link(LinkRig.link)
        specification.system = await rig.system
        return CrashSubject(
            specification: specification,
            isClean: { try await rig.isClean },
            stop: { await rig.stop() }
        )
    }
}
