package import ChaosModel
package import JSON

/// What the ledger keeps of a run: who carries it out, so that others can tell whether it still
/// lives.
///
/// JSON form, version 1: `{"version":1,"run","title","pid","pid-started","since","directory"}`.
package struct LedgerRun: Sendable, Hashable {
    package var runID: String
    package var title: String
    /// The runner's process; a pid alone is reused, pid and start time together are not.
    package var pid: Int32
    /// Clock ticks since boot, field 22 of proc_pid_stat(5).
    package var processStart: UInt64
    package var since: Timestamp
    /// The run's directory with its journal.
    package var directory: String

    package init(
        runID: String,
        title: String,
        pid: Int32,
        processStart: UInt64,
        since: Timestamp,
        directory: String
    ) {
        self.runID = runID
        self.title = title
        self.pid = pid
        self.processStart = processStart
        self.since = since
        self.directory = directory
    }

    /// The form on disk.
    package var json: JSONValue {
        [
            "version": 1,
            "run": .string(runID),
            "title": .string(title),
            "pid": .integer(Int64(pid)),
            "pid-started": .integer(Int64(clamping: processStart)),
            "since": .string(since.rfc3339),
            "directory": .string(directory),
        ]
    }

    /// Reads the form on disk; `nil` when a member is missing or ill-typed.
    package init?(json: JSONValue) {
        guard json["version"]?.integerValue == 1,
            let runID = json["run"]?.stringValue,
            let pid = json["pid"]?.integerValue.flatMap(Int32.init(exactly:)),
            let start = json["pid-started"]?.integerValue.flatMap(UInt64.init(exactly:)),
            let directory = json["directory"]?.stringValue
        else { return nil }
        self.init(
            runID: runID,
            title: json["title"]?.stringValue ?? "",
            pid: pid,
            processStart: start,
            since: json["since"]?.stringValue.flatMap { Timestamp(rfc3339: $0) }
                ?? Timestamp(microseconds: 0),
            directory: directory
        )
    }
}
