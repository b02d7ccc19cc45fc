package import EventLoop

/// A control group of ours that limits one resource, in cgroup v2, or in v1 where v2 does not have
/// the controller (cgroups(7)).
package struct LimitGroup: Sendable, Hashable {
    package enum Resource: String, Sendable, CaseIterable {
        case processor = "cpu"
        case memory
        case processes = "pids"
    }

    /// Where groups for a resource are made.
    package struct Hierarchy: Sendable, Hashable {
        package let resource: Resource
        package let mount: String
        /// 1 or 2.
        package let version: Int

        package init(resource: Resource, mount: String, version: Int) {
            self.resource = resource
            self.mount = mount
            self.version = version
        }
    }

    /// How often the kernel shares out processor time, microseconds.
    private static let period = 100_000

    package let hierarchy: Hierarchy
    private let group: ControlGroup

    package init(_ hierarchy: Hierarchy, name: String) {
        self.hierarchy = hierarchy
        group = ControlGroup(mount: hierarchy.mount, name: name)
    }

    package var path: String { group.path }
    package var exists: Bool { group.exists }
    /// The processes in it.
    package var processes: [Int32] { group.processes }

    /// Whether groups at the root have the controller; in v1 they always do.
    package var isHandedDown: Bool {
        guard hierarchy.version == 2 else { return true }
        let root = ControlGroup(mount: hierarchy.mount, name: "/")
        let given = (root.read("cgroup.subtree_control") ?? "").words
        return given.contains(hierarchy.resource.rawValue)
    }

    /// Makes it; in v2 the controller is handed down from the root if it was not.
    ///
    /// Throws `SystemError` (EACCES, EROFS).
    package func create() throws(SystemError) {
        if !isHandedDown {
            let root = ControlGroup(mount: hierarchy.mount, name: "/")
            try root.write("+\(hierarchy.resource.rawValue)", to: "cgroup.subtree_control")
        }
        try group.create()
    }

    /// Takes a process in, with its threads; one that has ended is fine.
    package func add(_ pid: Int32) throws(SystemError) { try group.add(pid) }

    /// Sets the limit: percent of one processor, bytes, or how many more processes there may be.
    package func limit(_ amount: Int64) throws(SystemError) {
        let isFirst = hierarchy.version == 1
        switch hierarchy.resource {
        case .processor:
            let quota = max(1_000, amount * Int64(Self.period) / 100)
            guard isFirst else { return try group.write("\(quota) \(Self.period)", to: "cpu.max") }
            try group.write("\(Self.period)", to: "cpu.cfs_period_us")
            try group.write("\(quota)", to: "cpu.cfs_quota_us")
        case .memory:
            try group.write("\(amount)", to: isFirst ? "memory.limit_in_bytes" : "memory.max")
            // What is limited must not be swapped out instead; without swap there is no such file.
            if !isFirst, group.read("memory.swap.max") != nil {
                try group.write("0", to: "memory.swap.max")
            }
        case .processes:
            let present = Int64((group.read("pids.current") ?? "").words.first ?? "") ?? 0
            try group.write("\(present + amount)", to: "pids.max")
        }
    }

    /// How often the kernel has held something back because of the limit.
    package var refusals: Int {
        let isFirst = hierarchy.version == 1
        switch hierarchy.resource {
        case .processor: return figure("nr_throttled", in: "cpu.stat")
        case .memory:
            guard isFirst else { return figure("max", in: "memory.events") }
            return Int((group.read("memory.failcnt") ?? "").words.first ?? "") ?? 0
        case .processes: return figure("max", in: "pids.events")
        }
    }

    private func figure(_ name: String, in file: String) -> Int {
        for line in (group.read(file) ?? "").split(separator: "\n") {
            let words = String(line).words
            if words.count == 2, words[0] == name { return Int(words[1]) ?? 0 }
        }
        return 0
    }

    /// Puts a process into the group where it belongs, or at the root when that is gone.
    package func release(_ pid: Int32, to former: String) throws(SystemError) {
        let home = ControlGroup(mount: hierarchy.mount, name: former)
        try (home.exists ? home : ControlGroup(mount: hierarchy.mount, name: "/")).add(pid)
    }

    /// Removes it; only an empty one goes.
    ///
    /// `handsDown`: the controller stays handed down.
    package func remove(handsDown: Bool) throws(SystemError) {
        try group.remove()
        guard hierarchy.version == 2, !handsDown else { return }
        let root = ControlGroup(mount: hierarchy.mount, name: "/")
        // Somebody else may use it by now: then it stays.
        try? root.write("-\(hierarchy.resource.rawValue)", to: "cgroup.subtree_control")
    }
}

extension LimitGroup.Hierarchy {
    /// Where a resource can be limited on this host; `nil`: nowhere.
    package static func of(_ resource: LimitGroup.Resource) -> LimitGroup.Hierarchy? {
        all.first { $0.resource == resource }
    }

    /// Everything that can be limited here; v2 before v1.
    package static var all: [LimitGroup.Hierarchy] {
        let bytes = (try? SystemFiles.read("/proc/self/mounts")) ?? []
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        let found = lines.flatMap { line -> [LimitGroup.Hierarchy] in
            let fields = String(line).words
            guard fields.count > 3 else { return [] }
            let (mount, kind) = (fields[1], fields[2])
            switch kind {
            case "cgroup2":
                let root = ControlGroup(mount: mount, name: "/")
                let controllers = (root.read("cgroup.controllers") ?? "").words
                return LimitGroup.Resource.allCases.filter { controllers.contains($0.rawValue) }
                    .map { LimitGroup.Hierarchy(resource: $0, mount: mount, version: 2) }
            case "cgroup":
                let options = fields[3].split(separator: ",").map(String.init)
                return LimitGroup.Resource.allCases.filter { options.contains($0.rawValue) }
                    .map { LimitGroup.Hierarchy(resource: $0, mount: mount, version: 1) }
            default: return []
            }
        }
        return found.sorted { $0.version > $1.version }
    }

    /// The group in which a process is; the root when it is gone.
    package func group(of pid: Int32) -> String {
        let bytes = (try? SystemFiles.read("/proc/\(pid)/cgroup")) ?? []
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let controllers = parts[1].split(separator: ",").map(String.init)
            let isOurs =
                version == 2 ? parts[0] == "0" : controllers.contains(resource.rawValue)
            if isOurs { return String(parts[2]) }
        }
        return "/"
    }
}

extension String {
    fileprivate var words: [String] {
        split { $0 == " " || $0 == "\n" || $0 == "\t" }.map(String.init)
    }
}
