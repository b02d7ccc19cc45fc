import ChaosJournal
import ChaosModel
import ChaosPluginAPI
import ChaosProxy
import EventLoop
import Glibc
import JSON
import LinuxSystem
import ProcessClock
import ProcessTrace
import RunnerFixtures
import Testing

@testable import ChaosRunner

/// A fault with something real to hit, and an eye on it that knows nothing of the fault's own code.
struct CrashSubject: Sendable {
    enum Name: String, CaseIterable, CustomTestStringConvertible {
        case pause = "process pause"
        case freeze = "process freeze"
        case cpu = "resource cpu"
        case memory = "resource memory"
        case descriptors = "resource descriptors"
        case patch = "clock offset (patch)"
        case preload = "clock offset (preload)"
        case latency = "toxic latency"
        case down = "toxic down"
        case partition = "partition host"
        case queue = "netem delay (nfqueue)"
        case flush = "resource slow-fsync"
        case quota = "resource cpu-quota"
        case connections = "resource connections"
        case egress = "netem delay (kernel, egress)"
        case ingress = "netem delay (kernel, ingress)"
        var testDescription: String { rawValue }

        /// Whether a process of ours carries it, which ends with the runner's pipe.
        var diesWithPipe: Bool { self == .queue || self == .flush }

        /// Those that take a kernel with netem, and are measured in the lab.
        static let ofLab: [Name] = [.egress, .ingress]
        static let ofHost = allCases.filter { !ofLab.contains($0) }

        /// Those that this machine and user can have.
        static let possible: [Name] = {
            ofHost.filter { name in
                switch name {
                case .freeze: UserAccount.isRoot && ControlGroup.mount != nil
                case .partition, .queue: UserAccount.isRoot
                case .flush: FlushTraceProcess.isPossible
                case .quota:
                    UserAccount.isRoot && LimitGroup.Hierarchy.of(.processor) != nil
                default: true
                }
            }
        }()
    }

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
    static func start(_ name: Name, _ sandbox: Sandbox) async throws -> CrashSubject {
        switch name {
        case .pause: try paused(sandbox)
        case .freeze: try frozen(sandbox)
        case .cpu: burden("cpu", ["workers": 2, "share": 0.1], sandbox)
        case .memory: burden("memory", ["size": .integer(8 << 20)], sandbox)
        case .descriptors: try descriptors(sandbox)
        case .patch: try clock(sandbox, isUnderShim: false)
        case .preload: try clock(sandbox, isUnderShim: true)
        case .latency:
            try await toxic("latency", ["latency": 50.0, "jitter": 0.0, "toxicity": 1])
        case .down: try await toxic("down", [:])
        case .partition: try partition()
        case .queue: try queue()
        case .flush: try flush(sandbox)
        case .quota: try quota(sandbox)
        case .connections: try await connections()
        case .egress, .ingress: try discipline(name.rawValue.contains("ingress"))
        }
    }

    private static func flush(_ sandbox: Sandbox) throws -> CrashSubject {
        let child = try sleeper(sandbox)
        var specification = FaultSpecification(
            "resource",
            "slow-fsync",
            ["delay": 100, "every": 1]
        )
        specification.target = .process("\(child.pid)")
        return CrashSubject(
            specification: specification,
            isClean: { ProcessTable.tracer(of: child.pid) == nil },
            diesWithRunner: true,
            stop: ending(child)
        )
    }

    private static func quota(_ sandbox: Sandbox) throws -> CrashSubject {
        let child = try sleeper(sandbox)
        let hierarchy = try #require(LimitGroup.Hierarchy.of(.processor))
        let home = hierarchy.group(of: child.pid)
        var specification = FaultSpecification(
            "resource",
            "cpu-quota",
            ["share": 0.5, "children": true]
        )
        specification.target = .process("\(child.pid)")
        return CrashSubject(
            specification: specification,
            isClean: { hierarchy.group(of: child.pid) == home },
            stop: ending(child)
        )
    }

    private static func sleeper(_ sandbox: Sandbox, _ environment: [String]? = nil) throws
        -> ChildProcess
    {
        var request = SpawnRequest(executable: "/bin/sleep", arguments: ["3600"])
        request.newSession = true
        request.dieWithParent = true
        request.environment = environment
        return try ChildProcess.spawn(request)
    }

    private static func ending(_ child: ChildProcess) -> @Sendable () async throws -> Void {
        {
            child.signal(SIGKILL)
            _ = try await child.wait()
        }
    }

    private static func paused(_ sandbox: Sandbox) throws -> CrashSubject {
        let child = try sleeper(sandbox)
        var specification = FaultSpecification("process", "pause")
        specification.target = .process("\(child.pid)")
        return CrashSubject(
            specification: specification,
            isClean: { ProcessTable.entry(child.pid)?.state == "S" },
            stop: ending(child)
        )
    }

    private static func frozen(_ sandbox: Sandbox) throws -> CrashSubject {
        let child = try sleeper(sandbox)
        let home = ControlGroup.name(of: child.pid)
        var specification = FaultSpecification("process", "freeze")
        specification.target = .process("\(child.pid)")
        return CrashSubject(
            specification: specification,
            isClean: { ControlGroup.name(of: child.pid) == home },
            stop: ending(child)
        )
    }

    /// Children of a run that is still to come: it writes their name into its journal first.
    private static func burden(
        _ function: String,
        _ arguments: JSONObject,
        _ sandbox: Sandbox
    ) -> CrashSubject {
        CrashSubject(
            specification: FaultSpecification("resource", function, arguments),
            isClean: {
                guard let events = try? sandbox.events() else { return true }
                let names = events.compactMap { event -> String? in
                    guard case .fault(let transition) = event.payload else { return nil }
                    return transition.detail["undo"]?["name"]?.stringValue
                }
                let running = ProcessTable.all().filter { $0.state != "Z" }.map(\.name)
                return names.allSatisfy { !running.contains($0) }
            },
            diesWithRunner: true,
            stop: {}
        )
    }

    private static func descriptors(_ sandbox: Sandbox) throws -> CrashSubject {
        let child = try sleeper(sandbox)
        let former = try OpenFileLimit.of(child.pid)
        var specification = FaultSpecification("resource", "descriptors", ["spare": 0])
        specification.target = .process("\(child.pid)")
        return CrashSubject(
            specification: specification,
            isClean: { try OpenFileLimit.of(child.pid) == former },
            stop: ending(child)
        )
    }

    private static func clock(_ sandbox: Sandbox, isUnderShim: Bool) throws -> CrashSubject {
        let control = "\(sandbox.directory)/control"
        var environment: [String]?
        if isUnderShim {
            try ControlFile.create(control)
            let shim = try ClockShim.install(in: sandbox.directory)
            let base = Environment.all()
            environment = ClockShim.environment(shim: shim, control: control, base: base)
        }
        let child = try sleeper(sandbox, environment)
        var specification = FaultSpecification("clock", "offset", ["by": -3_600_000.0])
        specification.target = .process("\(child.pid)")
        return CrashSubject(
            specification: specification,
            isClean: {
                isUnderShim
                    ? try !ControlFile.read(control).setting.isMoved
                    : VDSOPatch.state(of: child.pid) == nil
            },
            stop: ending(child)
        )
    }

    private static func toxic(
        _ function: String,
        _ arguments: JSONObject
    ) async throws -> CrashSubject {
        let rig = try await LinkRig()
        var specification = FaultSpecification("toxic", function, arguments)
        specification.target = .link(LinkRig.link)
        specification.system = await rig.system
        return CrashSubject(
            specification: specification,
            isClean: { try await rig.isClean },
            stop: { await rig.stop() }
        )
    }
}
