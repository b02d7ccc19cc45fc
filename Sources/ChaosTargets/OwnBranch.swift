import LinuxSystem

/// What we sit on ourselves and therefore never saw off.
package enum OwnBranch {
    /// Why a process must not be hit; `nil` when it may be.
    package static func objection(to pid: Int32) -> String? {
        if pid == 1 { return "it is process 1, without which nothing here runs" }
        let own = ProcessIdentity.current
        if pid == own { return "it is the runner itself, which has to undo the fault" }
        guard let entry = ProcessTable.entry(pid) else { return nil }
        if pid == 2 || entry.parent == 2 { return "it is a thread of the kernel" }
        if ProcessTable.ancestors(of: own).contains(pid) {
            return "the runner was started by it: with it goes who watches"
        }
        // A guardian or a burden: our own children are not the system under test, unless a test
        // made them so; those that carry our executable are ours.
        if entry.parent == own, isOurs(pid) {
            return "it belongs to the run, which needs it to undo the fault"
        }
        return nil
    }

    /// What a process does for the whole host; `nil`: nothing that is known.
    ///
    /// Such a process is hit only when whoever runs the experiment allows it.
    package static func service(of pid: Int32) -> String? {
        guard let name = ProcessTable.entry(pid)?.name else { return nil }
        if name == "sshd" { return "sshd, by which this host is reached" }
        let isManager = name == "systemd" || name.hasPrefix("systemd-") || managers.contains(name)
        return isManager ? "\(name), which serves the whole host" : nil
    }

    private static let managers: Set<String> = [
        "init", "dbus-daemon", "dbus-broker", "NetworkManager", "containerd", "dockerd", "kubelet",
    ]

    private static func isOurs(_ pid: Int32) -> Bool {
        let program = try? SystemFiles.linkDestination("/proc/\(pid)/exe")
        return program == executablePath()
    }
}
