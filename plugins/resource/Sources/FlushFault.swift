import ChaosModel
import ChaosPluginAPI
import ChaosTargets
import JSON
import LinuxSystem
import ProcessTrace
import Synchronization

/// Slows or fails what a running process, and all below it, flushes to its disk.
final class FlushFault: Fault {
    let function: String
    let unit: String
    /// Ours from `inject` to `revert`; the tracer dies with the runner.
    private let hold = Mutex<FlushHold?>(nil)

    init(function: String, unit: String) {
        self.function = function
        self.unit = unit
    }

    func prepare(_ context: StepContext) async throws -> UndoRecord {
        let target = try TargetProcess.find(context)
        guard FlushTraceProcess.isPossible else {
            throw ResourceError(
                "flushes can be traced on x86-64 only — resource \(function). Use disk-full."
            )
        }
        if let tracer = ProcessTable.tracer(of: target.pid) {
            throw ResourceError(
                "it is traced already — \(target.name), process \(target.pid), by process"
                    + " \(tracer). A process has one tracer: end that one, or the other fault."
            )
        }
        var state = target.state
        state["tag"] = .string(TraceTag.text(context))
        return UndoRecord(
            plugin: "resource",
            function: function,
            target: target.name,
            state: state
        )
    }

    func inject(_ context: StepContext, _ undo: UndoRecord) async throws {
        let target = try TargetProcess(undo: undo)
        var impairment = FlushImpairment()
        impairment.every = Int(context.arguments["every"]?.integerValue ?? 1)
        if function == "slow-fsync" {
            let milliseconds = context.arguments["delay"]?.doubleValue ?? 0
            impairment.delay = .microseconds(Int64((milliseconds * 1_000).rounded()))
        } else {
            let word = context.arguments["error"]?.stringValue ?? ""
            impairment.failure = FlushImpairment.Failure(rawValue: word) ?? .inputOutput
        }
        let started = try await FlushHold.start(
            target.pid,
            startTime: target.startTime,
            impairment,
            tag: try undo.text("tag")
        )
        hold.withLock { $0 = started }
    }

    func confirm(_ context: StepContext, _ undo: UndoRecord) async throws -> Effect {
        guard let hold = hold.withLock({ $0 }) else {
            throw ResourceError(
                "the tracer is not ours — \(undo.target). Only the run that started it can ask it."
            )
        }
        let counts = try await hold.counts()
        return Effect(
            hits: counts.hit,
            unit: unit,
            detail: [
                "flushes": .integer(Int64(counts.seen)),
                "threads": .integer(Int64(counts.threads)),
            ]
        )
    }

    /// Ends the tracer; whoever it traced is let go by the kernel.
    func revert(_ undo: UndoRecord) async throws {
        let ours = hold.withLock { hold in
            defer { hold = nil }
            return hold
        }
        try? await ours?.end()
        LeasedChild.killAll(command: FlushHold.command, tag: try undo.text("tag"))
    }

    func confirmReverted(_ undo: UndoRecord) async throws {
        let left = LeasedChild.running(command: FlushHold.command, tag: try undo.text("tag"))
        guard let tracer = left.first else { return }
        throw ResourceError(
            "the tracer still runs — process \(tracer.pid), on \(undo.target). Kill it: kill -9"
                + " \(tracer.pid)"
        )
    }
}

/// The name that a tracer bears among its words: run, runner, step.
enum TraceTag {
    /// What a tag says.
    struct Owner {
        var tag: String
        var run: String
        var pid: Int32
        var isAlive: Bool
    }

    private static let prefix = "chaos-trace"

    static func text(_ context: StepContext) -> String {
        let pid = ProcessIdentity.current
        let start = ProcessIdentity.startTime(pid) ?? 0
        let seed = String(context.seed, radix: 36)
        return "\(prefix)_\(context.runID)_\(pid)_\(start)_\(seed)"
    }

    /// The run and the runner in the options of a tracer; `nil` when they bear no tag.
    static func owner(_ options: String) -> Owner? {
        guard let tag = (try? JSONValue.parse(options))?["tag"]?.stringValue else { return nil }
        let parts = tag.split(separator: "_")
        guard parts.count == 5, parts[0] == prefix, let pid = Int32(parts[2]),
            let start = UInt64(parts[3])
        else { return nil }
        let isAlive = ProcessIdentity.isAlive(pid, startTime: start)
        return Owner(tag: tag, run: String(parts[1]), pid: pid, isAlive: isAlive)
    }
}
