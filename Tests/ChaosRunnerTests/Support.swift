import ChaosModel
import ChaosPluginAPI
import EventLoop
import JSON
import LinuxSystem
import RunnerFixtures

@testable import ChaosRunner

/// A directory of its own for one test, removed at the end.
struct Sandbox: Sendable {
    let directory: String

    var ledger: Ledger { Ledger(directory: "\(directory)/ledger") }
    var marker: String { "\(directory)/marker" }
    var runDirectory: String { "\(directory)/run" }

    init() throws {
        directory = try SystemFiles.makeTemporaryDirectory(prefix: "chaos-runner-")
        try SystemFiles.createDirectory(runDirectory, mode: 0o755, parents: true)
    }

    func remove() {
        try? SystemFiles.removeTree(directory)
    }

    /// A run's account; by default of a process that is long gone.
    func open(_ runID: String, pid: Int32 = 1, processStart: UInt64 = 1) throws {
        try ledger.open(
            LedgerRun(
                runID: runID,
                title: "A test",
                pid: pid,
                processStart: processStart,
                since: Timestamp(microseconds: 1_000_000),
                directory: runDirectory
            )
        )
    }

    /// A record of a marker, left on disk.
    @discardableResult
    func record(
        _ runID: String,
        _ faultID: String,
        plugin: String = "marker",
        path: String? = nil,
        former: String? = nil,
        since: Int64 = 1_000_000
    ) throws -> LedgerEntry {
        let path = path ?? marker
        var state: JSONObject = ["path": .string(path)]
        if let former { state["former"] = .string(former) }
        let entry = LedgerEntry(
            runID: runID,
            faultID: faultID,
            step: "leave a marker",
            path: "method[0]",
            undo: UndoRecord(plugin: plugin, function: "leave", target: path, state: state),
            since: Timestamp(microseconds: since),
            until: Timestamp(microseconds: since + 1_000_000)
        )
        try ledger.record(entry)
        return entry
    }

    func write(_ text: String, to path: String? = nil) throws {
        try SystemFiles.writeAtomically(path ?? marker, Array(text.utf8), mode: 0o600)
    }

    func text(_ path: String? = nil) -> String? {
        (try? SystemFiles.read(path ?? marker)).map { String(decoding: $0, as: UTF8.self) }
    }
}

/// Runs a body on a loop of its own.
func onLoop<Value: Sendable>(
    _ body: @escaping @Sendable (Loop) async throws -> Value
) async throws -> Value {
    let loop = try Loop.start(label: "runner test")
    defer { loop.stop() }
    return try await loop.spawn { try await body(loop) }.value
}
