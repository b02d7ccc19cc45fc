import JSON
import LinuxSystem

/// Who supervises a shop, and which processes belong to it; on disk before the first of them runs.
struct SupervisorRecord: Equatable, Sendable {
    /// A process that cannot be confused with a later one of the same number.
    struct Process: Equatable, Sendable {
        var name: String
        var pid: Int32
        /// The kernel's start time in clock ticks since boot (proc(5), stat field 22).
        var startTime: UInt64

        init(name: String, pid: Int32, startTime: UInt64) {
            self.name = name
            self.pid = pid
            self.startTime = startTime
        }

        /// A process that runs now; `nil` when it is gone already.
        init?(name: String, pid: Int32) {
            guard let startTime = ProcessIdentity.startTime(pid) else { return nil }
            self.init(name: name, pid: pid, startTime: startTime)
        }

        var isAlive: Bool { ProcessIdentity.isAlive(pid, startTime: startTime) }

        func signal(_ number: Int32) {
            ProcessIdentity.signal(pid, startTime: startTime, number)
        }
    }

    var supervisor: Process
    /// The folder that goes with the shop.
    var directory: String
    /// The run that started the shop, when one did.
    var startedBy: String?
    var children: [Process] = []
    /// What the names of the shop's network namespaces begin with; `nil` when it has none.
    var network: String?

    /// The file by which `down --keep` asks the supervisor to leave the databases.
    var keepMark: String { directory + "/keep" }

    var json: JSONValue {
        var object: JSONObject = [
            "supervisor": Self.json(supervisor),
            "directory": .string(directory),
            "children": .array(children.map(Self.json)),
        ]
        object["started-by"] = startedBy.map { .string($0) }
        object["network"] = network.map { .string($0) }
        return .object(object)
    }

    init(supervisor: Process, directory: String, startedBy: String?) {
        self.supervisor = supervisor
        self.directory = directory
        self.startedBy = startedBy
    }

    /// `nil` when the document is not such a record.
    init?(json: JSONValue) {
        guard let supervisor = Self.process(json["supervisor"]),
            let directory = json["directory"]?.stringValue, directory.hasPrefix("/")
        else { return nil }
        self.supervisor = supervisor
        self.directory = directory
        startedBy = json["started-by"]?.stringValue
        network = json["network"]?.stringValue.flatMap { ShopNetwork.isPrefix($0) ? $0 : nil }
        children = (json["children"]?.arrayValue ?? []).compactMap { Self.process($0) }
    }

    private static func json(_ process: Process) -> JSONValue {
        [
            "name": .string(process.name),
            "pid": .integer(Int64(process.pid)),
            "start-time": .integer(Int64(clamping: process.startTime)),
        ]
    }

    private static func process(_ json: JSONValue?) -> Process? {
        guard let name = json?["name"]?.stringValue,
            let pid = json?["pid"]?.integerValue.flatMap({ Int32(exactly: $0) }), pid > 1,
            let start = json?["start-time"]?.integerValue.flatMap({ UInt64(exactly: $0) })
        else { return nil }
        return Process(name: name, pid: pid, startTime: start)
    }
}

extension SupervisorRecord {
    /// Reads the record; `nil` when there is none or it is unreadable (a torn write of a crash).
    static func read(_ path: String) -> SupervisorRecord? {
        guard let bytes = try? SystemFiles.read(path),
            let json = try? JSONValue.parse(bytes)
        else { return nil }
        return SupervisorRecord(json: json)
    }

    func write(to path: String) throws {
        let text = json.serialized(pretty: true) + "\n"
        try SystemFiles.writeAtomically(path, Array(text.utf8), mode: 0o600)
    }
}
