import ChaosModel
package import ChaosPluginAPI
package import JSON
package import LinuxSystem

/// A process that a fault hits: its number together with its start, which name it for ever.
package struct TargetProcess: Sendable, Hashable {
    /// In the words of the experiment: `payments`, `/run/app.pid`.
    package var name: String
    package var pid: Int32
    /// Clock ticks since boot, field 22 of proc_pid_stat(5).
    package var startTime: UInt64

    package init(name: String, pid: Int32, startTime: UInt64) {
        self.name = name
        self.pid = pid
        self.startTime = startTime
    }

    /// Finds the process that the context's target means *now*.
    ///
    /// - Throws: `TargetError` when there is none, or one that must not be hit.
    package static func find(_ context: StepContext) throws -> TargetProcess {
        guard let target = context.target else {
            throw TargetError(
                "there is no process to hit — target. Write {\"service\": \"a\"} or"
                    + " {\"process\": \"/run/a.pid\"}."
            )
        }
        let pid = try pid(of: target, SystemFile.current(context.system))
        guard let handle = try ProcessHandle.open(pid), handle.isAlive else {
            throw TargetError(
                "the process is not there — \(target.text), process \(pid)."
                    + " Start it, or correct the target."
            )
        }
        if let why = OwnBranch.objection(to: pid) {
            throw TargetError("\(target.text) (process \(pid)) must not be hit: \(why).")
        }
        return TargetProcess(name: target.name, pid: pid, startTime: handle.startTime)
    }

    /// Why a fault of the target would hit the whole host; `nil`: it would not.
    package static func hostReach(_ context: StepContext) -> String? {
        guard let target = try? find(context), let role = OwnBranch.service(of: target.pid) else {
            return nil
        }
        return "process \(target.pid) is \(role)"
    }

    /// The process that bears the target's name now, which after a restart is another one.
    package static func successor(
        of former: TargetProcess,
        _ context: StepContext
    ) -> TargetProcess? {
        guard let target = context.target,
            let pid = try? pid(of: target, SystemFile.current(context.system)),
            let start = ProcessIdentity.startTime(pid),
            pid != former.pid || start != former.startTime,
            ProcessIdentity.isAlive(pid, startTime: start)
        else { return nil }
        return TargetProcess(name: former.name, pid: pid, startTime: start)
    }

    /// A handle on it; `nil` when it has ended.
    package func handle() throws -> ProcessHandle? {
        try ProcessHandle.open(pid, startTime: startTime)
    }

    /// What `/proc` says of it; `nil` when it has ended.
    package var entry: ProcessTable.Entry? {
        guard let entry = ProcessTable.entry(pid), entry.startTime == startTime, entry.state != "Z"
        else { return nil }
        return entry
    }

    private static func pid(
        of target: TargetSelector,
        _ system: SystemDescription?
    ) throws -> Int32 {
        switch target {
        case .service(let name):
            if let pid = system?.services.first(where: { $0.name == name })?.pid { return pid }
        case .process(let name):
            if let pid = Int32(name) { return pid }
            if name.hasPrefix("/") { return try pid(file: name) }
            let database = system?.databases.first { $0.service + "-db" == name }
            if let pid = database?.pid { return pid }
        case .link, .interface:
            break
        }
        throw TargetError(
            "no process is known — \(target.text). Start the system first (chaos shop up), or name"
                + " a pid or a pid file: {\"process\": \"/run/a.pid\"}."
        )
    }

    /// The number in the first line, which is how pid files are written (PostgreSQL's as well).
    private static func pid(file: String) throws -> Int32 {
        let bytes = try SystemFiles.read(file)
        let line = String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
        guard let pid = Int32(line.filter { !$0.isWhitespace }), pid > 0 else {
            throw TargetError("there is no pid in its first line — \(file). Name a pid file.")
        }
        return pid
    }
}

extension TargetProcess {
    /// The form in an undo record: `{"pid", "pid-started"}`.
    package var state: JSONObject {
        ["pid": .integer(Int64(pid)), "pid-started": .integer(Int64(clamping: startTime))]
    }

    /// Reads what `state` writes.
    ///
    /// - Throws: `TargetError` when the record names no process.
    package init(undo: UndoRecord) throws {
        guard let pid = undo.state["pid"]?.integerValue.flatMap(Int32.init(exactly:)),
            let start = undo.state["pid-started"]?.integerValue.flatMap(UInt64.init(exactly:))
        else {
            throw TargetError(
                "the undo record names no process — \(undo.plugin) \(undo.function) on"
                    + " \(undo.target). Undo it by hand and remove the record."
            )
        }
        self.init(name: undo.target, pid: pid, startTime: start)
    }
}

/// Why a process cannot be found or must not be hit.
package struct TargetError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}

/// The description of a running system, which changes when something of it is restarted.
enum SystemFile {
    /// What `system.json` in its directory says now; the given one when there is no such file.
    static func current(_ system: SystemDescription?) -> SystemDescription? {
        guard let directory = system?.directory,
            let bytes = try? SystemFiles.read(directory + "/system.json"),
            let json = try? JSONValue.parse(bytes),
            let read = try? SystemDescription(json: json)
        else { return system }
        return read
    }
}
