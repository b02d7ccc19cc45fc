import ChaosModel
package import ChaosPluginAPI
import ChaosTargets
import EventLoop
import JSON
import LinuxSystem
import ProcessTrace

/// Limits a process, and what is below it if wanted, in a control group of our own; afterwards all
/// are back in the groups where they were.
struct LimitFault: Fault {
    let resource: LimitGroup.Resource

    init(_ resource: LimitGroup.Resource) {
        self.resource = resource
    }

    private var function: String {
        switch resource {
        case .processor: "cpu-quota"
        case .memory: "memory-limit"
        case .processes: "process-count"
        }
    }

    func prepare(_ context: StepContext) async throws -> UndoRecord {
        let target = try TargetProcess.find(context)
        guard let hierarchy = LimitGroup.Hierarchy.of(resource) else {
            throw ResourceError(
                "no control group of this host limits it — resource \(function). Mount cgroup v2"
                    + " with the controller \(resource.rawValue)."
            )
        }
        var members = [target]
        if context.arguments["children"]?.boolValue ?? true {
            members += ProcessTable.descendants(of: target.pid).filter { $0.state != "Z" }.map {
                TargetProcess(name: target.name, pid: $0.pid, startTime: $0.startTime)
            }
        }
        let limited = LimitedProcesses(
            hierarchy,
            name: LimitedProcesses.name(seed: context.seed),
            members: members
        )
        var state = target.state
        for name in limited.state.names { state[name] = limited.state[name] }
        return UndoRecord(
            plugin: "resource",
            function: function,
            target: target.name,
            state: state
        )
    }

    func inject(_ context: StepContext, _ undo: UndoRecord) async throws {
        let limited = try LimitedProcesses(undo)
        guard try TargetProcess(undo: undo).entry != nil else { throw hasGone(undo) }
        try limited.group.create()
        // What they fork from now on is in the group as well.
        for member in limited.members where member.process.entry != nil {
            try limited.group.add(member.process.pid)
        }
        try limited.group.limit(amount(context.arguments))
    }

    private func amount(_ arguments: JSONObject) -> Int64 {
        switch resource {
        case .processor: Int64(((arguments["share"]?.doubleValue ?? 1) * 100).rounded())
        case .memory: Int64(arguments["spare"]?.doubleValue ?? 0)
        case .processes: arguments["spare"]?.integerValue ?? 0
        }
    }

    func confirm(_ context: StepContext, _ undo: UndoRecord) async throws -> Effect {
        let group = try LimitedProcesses(undo).group
        guard group.exists else {
            throw ResourceError(
                "our control group is gone — \(undo.target). Somebody removed it while the fault"
                    + " was in effect; run again undisturbed."
            )
        }
        let unit =
            switch resource {
            case .processor: "periods of 100 ms in which it had to wait"
            case .memory: "times at the limit"
            case .processes: "forks refused"
            }
        return Effect(
            hits: group.refusals,
            unit: unit,
            detail: [
                "group": .string(group.path),
                "processes": .integer(Int64(group.processes.count)),
            ]
        )
    }

    func revert(_ undo: UndoRecord) async throws { try await LimitedProcesses(undo).release() }

    func confirmReverted(_ undo: UndoRecord) async throws {
        let group = try LimitedProcesses(undo).group
        guard group.exists else { return }
        throw ResourceError(
            "the control group is still there — \(group.path). Move its processes out (echo PID >"
                + " \(group.hierarchy.mount)/cgroup.procs) and remove it: rmdir \(group.path)"
        )
    }

    private func hasGone(_ undo: UndoRecord) -> ResourceError {
        ResourceError(
            "the process has ended — \(undo.target). See its log; it may not have survived the"
                + " fault."
        )
    }
}

/// The group in which processes are limited, and the groups where they belong.
struct LimitedProcesses {
    private static let prefix = "chaos-limit-"

    let group: LimitGroup
    let name: String
    /// Whether the controller is handed down without us as well.
    let handsDown: Bool
    var members: [(process: TargetProcess, group: String)] = []

    /// Names the runner, so that a group without a ledger tells whether its owner lives.
    static func name(seed: UInt64) -> String {
        let pid = ProcessIdentity.current
        let start = ProcessIdentity.startTime(pid) ?? 0
        return "\(prefix)\(pid)-\(start)-\(String(seed, radix: 36))"
    }

    /// The runner in the name of a group; `nil` when it is none of ours.
    static func owner(of name: String) -> (pid: Int32, startTime: UInt64)? {
        guard name.hasPrefix(prefix) else { return nil }
        let parts = name.dropFirst(prefix.count).split(separator: "-")
        guard parts.count == 3, let pid = Int32(parts[0]), let start = UInt64(parts[1]) else {
            return nil
        }
        return (pid, start)
    }

    init(_ hierarchy: LimitGroup.Hierarchy, name: String, members: [TargetProcess]) {
        group = LimitGroup(hierarchy, name: name)
        self.name = name
        handsDown = group.isHandedDown
        self.members = members.map { ($0, hierarchy.group(of: $0.pid)) }
    }

    /// - Throws: `ResourceError` when the record is not one of ours.
    init(_ undo: UndoRecord) throws {
        let state = undo.state
        guard let word = state["controller"]?.stringValue,
            let resource = LimitGroup.Resource(rawValue: word),
            let mount = state["mount"]?.stringValue,
            let version = state["version"]?.integerValue,
            let name = state["group"]?.stringValue, Self.owner(of: name) != nil
        else {
            throw ResourceError(
                "the undo record names no control group — \(undo.plugin) \(undo.function) on"
                    + " \(undo.target). Undo it by hand and remove the record."
            )
        }
        let hierarchy = LimitGroup.Hierarchy(
            resource: resource,
            mount: mount,
            version: Int(version)
        )
        group = LimitGroup(hierarchy, name: name)
        self.name = name
        handsDown = state["hands-down"]?.boolValue ?? true
        for value in state["former"]?.arrayValue ?? [] {
            guard let pid = value["pid"]?.integerValue.flatMap(Int32.init(exactly:)),
                let start = value["pid-started"]?.integerValue.flatMap(UInt64.init(exactly:))
            else { continue }
            let process = TargetProcess(name: undo.target, pid: pid, startTime: start)
            members.append((process, value["group"]?.stringValue ?? "/"))
        }
    }

    /// The form in the undo record.
    var state: JSONObject {
        let former = members.map { member -> JSONValue in
            var state = member.process.state
            state["group"] = .string(member.group)
            return .object(state)
        }
        return [
            "controller": .string(group.hierarchy.resource.rawValue),
            "mount": .string(group.hierarchy.mount),
            "version": .integer(Int64(group.hierarchy.version)), "group": .string(name),
            "hands-down": .bool(handsDown), "former": .array(former),
        ]
    }

    /// How often it is tried to empty the group, and the pause between two tries.
    private static let triesMax = 50
    private static let pause = Duration.milliseconds(10)

    /// Puts everything where it was, and removes the group; on a loop.
    func release() async throws {
        guard group.exists else { return }
        for attempt in 1...Self.triesMax {
            do throws(SystemError) {
                try empty()
                return try group.remove(handsDown: handsDown)
            } catch {
                // Somebody was born into it meanwhile, or is still dying in it.
                guard error.name == "EBUSY", attempt < Self.triesMax else { throw error }
            }
            try await Loop.current?.sleep(for: Self.pause)
        }
    }

    private func empty() throws(SystemError) {
        // Whoever was forked meanwhile goes where its elders were.
        let home = members.first?.group ?? "/"
        for pid in group.processes {
            let member = members.first { $0.process.pid == pid && $0.process.entry != nil }
            try group.release(pid, to: member?.group ?? home)
        }
    }
}

extension ResourcePlugin {
    /// Control groups by their names and tracers by their words, without any ledger.
    package func leftovers() async throws -> [Leftover] {
        let groups = LimitGroup.Hierarchy.all.flatMap { hierarchy -> [Leftover] in
            let names = (try? SystemFiles.list(hierarchy.mount)) ?? []
            return names.compactMap { name in
                guard let owner = LimitedProcesses.owner(of: name) else { return nil }
                let limited = LimitedProcesses(hierarchy, name: name, members: [])
                return Leftover(
                    runID: name,
                    owner: owner.pid,
                    isOwnerAlive: ProcessIdentity.isAlive(owner.pid, startTime: owner.startTime),
                    undo: UndoRecord(
                        plugin: "resource",
                        function: "cpu-quota",
                        target: "a control group",
                        state: limited.state
                    )
                )
            }
        }
        let tracers = LeasedChild.all(command: FlushHold.command).compactMap { child -> Leftover? in
            guard let owner = TraceTag.owner(child.options) else { return nil }
            return Leftover(
                runID: owner.run,
                owner: owner.pid,
                isOwnerAlive: owner.isAlive,
                undo: UndoRecord(
                    plugin: "resource",
                    function: "slow-fsync",
                    target: "process \(child.pid)",
                    state: ["tag": .string(owner.tag)]
                )
            )
        }
        return groups + tracers
    }
}
