package import ChaosPluginAPI
import ChaosTargets
import JSON
import LinuxSystem

/// Freezes a process, and what is below it if wanted, in a control group of our own (cgroup v2).
///
/// Unlike a stopped one, a frozen process cannot be seen to stand still: neither by itself, nor by
/// its parent, nor in its state. Afterwards it is back in the group where it was.
struct FreezeFault: Fault {
    func prepare(_ context: StepContext) async throws -> UndoRecord {
        let target = try TargetProcess.find(context)
        guard let mount = ControlGroup.mount else {
            throw ProcessError(
                "cgroup v2 is not mounted — this host. Use pause, or mount it: mount -t cgroup2"
                    + " none /sys/fs/cgroup/unified"
            )
        }
        var members = [target]
        if context.arguments["children"]?.boolValue ?? false {
            members += ProcessTable.descendants(of: target.pid).filter { $0.state != "Z" }.map {
                TargetProcess(name: target.name, pid: $0.pid, startTime: $0.startTime)
            }
        }
        let former = members.map { member -> JSONValue in
            var state = member.state
            state["group"] = .string(ControlGroup.name(of: member.pid) ?? "/")
            return .object(state)
        }
        return target.record(
            "freeze",
            [
                "mount": .string(mount),
                "name": .string(FrozenGroup.name(seed: context.seed)),
                "former": .array(former),
            ]
        )
    }

    func inject(_ context: StepContext, _ undo: UndoRecord) async throws {
        let frozen = try FrozenGroup(undo)
        let target = try TargetProcess(undo: undo)
        guard target.entry != nil else { throw target.hasGone }
        try frozen.group.create()
        // What they fork from now on is in the group as well.
        for member in frozen.former where member.process.entry != nil {
            try frozen.group.add(member.process.pid)
        }
        try frozen.group.setFrozen(true)
    }

    func confirm(_ context: StepContext, _ undo: UndoRecord) async throws -> Effect {
        let frozen = try FrozenGroup(undo)
        let processes = frozen.group.processes
        guard try TargetProcess(undo: undo).entry != nil else {
            throw try TargetProcess(undo: undo).hasGone
        }
        return Effect(
            hits: frozen.group.isFrozen ? processes.count : 0,
            unit: "processes frozen",
            detail: ["group": .string(frozen.group.path)]
        )
    }

    func revert(_ undo: UndoRecord) async throws { try FrozenGroup(undo).thaw() }

    func confirmReverted(_ undo: UndoRecord) async throws {
        let group = try FrozenGroup(undo).group
        guard group.exists else { return }
        throw ProcessError(
            "the control group is still there — \(group.path). Let its processes go on:"
                + " echo 0 > \(group.path)/cgroup.freeze"
        )
    }
}

/// The group in which processes are frozen, and the groups where they belong.
struct FrozenGroup {
    let group: ControlGroup
    let mount: String
    var former: [(process: TargetProcess, group: String)] = []

    /// Names the runner, so that a group without a ledger tells whether its owner lives.
    static func name(seed: UInt64) -> String {
        let pid = ProcessIdentity.current
        let start = ProcessIdentity.startTime(pid) ?? 0
        return "chaos-\(pid)-\(start)-\(String(seed, radix: 36))"
    }

    /// The runner in the name of a group; `nil` when it is none of ours.
    static func owner(of name: String) -> (pid: Int32, startTime: UInt64)? {
        let parts = name.split(separator: "-")
        guard parts.count == 4, parts[0] == "chaos", let pid = Int32(parts[1]),
            let start = UInt64(parts[2])
        else { return nil }
        return (pid, start)
    }

    init(_ undo: UndoRecord) throws {
        guard let mount = undo.state["mount"]?.stringValue,
            let name = undo.state["name"]?.stringValue, Self.owner(of: name) != nil
        else {
            throw ProcessError(
                "the undo record names no control group — \(undo.plugin) \(undo.function) on"
                    + " \(undo.target). Undo it by hand and remove the record."
            )
        }
        self.mount = mount
        group = ControlGroup(mount: mount, name: name)
        for value in undo.state["former"]?.arrayValue ?? [] {
            guard let pid = value["pid"]?.integerValue.flatMap(Int32.init(exactly:)),
                let start = value["pid-started"]?.integerValue.flatMap(UInt64.init(exactly:))
            else { continue }
            let process = TargetProcess(name: undo.target, pid: pid, startTime: start)
            former.append((process, value["group"]?.stringValue ?? "/"))
        }
    }

    /// Lets everything go on, puts it where it was, and removes the group.
    func thaw() throws {
        guard group.exists else { return }
        try group.setFrozen(false)
        // Whoever was forked meanwhile goes where its elders were; a group that is gone leaves the
        // root.
        let home = former.first?.group ?? "/"
        for pid in group.processes {
            let name = former.first { $0.process.pid == pid && $0.process.entry != nil }?.group
            let target = ControlGroup(mount: mount, name: name ?? home)
            try (target.exists ? target : ControlGroup(mount: mount, name: "/")).add(pid)
        }
        try group.remove()
    }
}

extension ProcessPlugin {
    /// Frozen groups by their names, without any ledger.
    package func leftovers() async throws -> [Leftover] {
        guard let mount = ControlGroup.mount else { return [] }
        return try SystemFiles.list(mount).compactMap { name in
            guard let owner = FrozenGroup.owner(of: name) else { return nil }
            let isAlive = ProcessIdentity.isAlive(owner.pid, startTime: owner.startTime)
            return Leftover(
                runID: name,
                owner: owner.pid,
                isOwnerAlive: isAlive,
                undo: UndoRecord(
                    plugin: "process",
                    function: "freeze",
                    target: "a frozen control group",
                    state: ["mount": .string(mount), "name": .string(name)]
                )
            )
        }
    }
}
