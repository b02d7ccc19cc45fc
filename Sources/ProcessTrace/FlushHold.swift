import JSON
import LinuxSystem

/// A process whose flushes are slowed or failed by a process of ours: started, asked and ended
/// here; on one loop.
package final class FlushHold: Sendable {
    /// What has happened so far.
    package struct Counts: Sendable, Hashable {
        /// All flushes, and those that were slowed or failed.
        package var seen: Int
        package var hit: Int
        /// How many threads are traced now.
        package var threads: Int
    }

    package static let command = "flush-trace"

    package let pid: Int32
    private let child: LeasedChild

    /// Starts to trace a process and all below it, and returns when it does; on a loop.
    ///
    /// Throws `SystemError` or `ProcessTraceError`; nothing is traced then.
    package static func start(
        _ pid: Int32,
        startTime: UInt64,
        _ impairment: FlushImpairment,
        tag: String,
        executable: String = LeasedChild.program
    ) async throws -> FlushHold {
        let options: JSONValue = [
            "pid": .integer(Int64(pid)), "pid-started": .integer(Int64(clamping: startTime)),
            "impairment": .object(impairment.json), "tag": .string(tag),
        ]
        let child = try LeasedChild.start(
            executable: executable,
            command: command,
            options: options.serialized()
        )
        guard let first = try await child.line(), (try? JSONValue.parse(first)) != nil else {
            let status = try await child.status()
            throw ProcessTraceError(
                "the process cannot be traced — process \(pid): chaos flush-trace ended with"
                    + " \(status). See its message above; end whatever else traces it (gdb,"
                    + " strace)."
            )
        }
        return FlushHold(child)
    }

    private init(_ child: LeasedChild) {
        self.child = child
        pid = child.pid
    }

    /// Asks for the counts.
    ///
    /// - Throws: `SystemError` or `ProcessTraceError` when the tracer is gone.
    package func counts() async throws -> Counts {
        guard let answer = try await child.ask().flatMap({ try? JSONValue.parse($0) }) else {
            throw ProcessTraceError(
                "the process that traces is gone — chaos flush-trace, process \(pid). Flushes are"
                    + " carried out; run again undisturbed."
            )
        }
        func number(_ name: String) -> Int { Int(answer[name]?.integerValue ?? 0) }
        return Counts(seen: number("seen"), hit: number("hit"), threads: number("threads"))
    }

    /// Lets go of everything, and waits until the tracer is gone.
    package func end() async throws { try await child.end() }
}
