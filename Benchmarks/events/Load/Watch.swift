import EventLoop
import Glibc
import LinuxSystem
import PostgresServer

/// Looks at the pipeline from outside: what waits in it, and what its processes cost.
struct Watch {
    /// How long the pipeline may take to come to rest, in seconds.
    private static let drainMax = 120

    private let stage: Stage
    private let measurement: Measurement

    init(_ stage: Stage, _ measurement: Measurement) {
        self.stage = stage
        self.measurement = measurement
    }

    /// Messages written and not yet consumed.
    private func lag() async throws -> Int64 {
        let waiting = try await stage.number("orders", "SELECT count(*) FROM event_outbox")
        let logged = try await stage.number(
            "broker",
            "SELECT sum(next_offset) FROM broker_partitions WHERE topic = 'orders'"
        )
        let consumed = try await stage.number(
            "ledger",
            "SELECT coalesce(sum(next_offset), 0) FROM consumer_offsets"
        )
        return waiting + logged - consumed
    }

    /// The lag once a second until the producer ends, which throws when it failed.
    func untilEnd(of producer: ManagedProcess) async throws -> [Int64] {
        var lags: [Int64] = []
        while producer.status == nil {
            try await Loop.current?.sleep(for: .seconds(1))
            lags.append(try await lag())
        }
        guard producer.status == .exited(0) else { throw StageError("the producer failed") }
        return lags
    }

    /// Waits until nothing is on its way; returns the seconds.
    func untilDrained() async throws -> Double {
        let begin = Loop.monotonicNanoseconds()
        for _ in 0..<Self.drainMax * 20 {
            if try await lag() == 0 { return Double(Loop.monotonicNanoseconds() - begin) / 1e9 }
            try await Loop.current?.sleep(for: .milliseconds(50))
        }
        throw StageError("\(try await lag()) messages are still on their way")
    }

    /// Processor seconds so far by part.
    func seconds() -> [String: Double] {
        var used: [String: Double] = [:]
        used["source server"] = tree(stage.source.process.pid)
        used["event server"] = tree(stage.events.process.pid)
        for (name, process) in stage.processes {
            let part = String(name.prefix { $0 != "-" })
            used[part, default: 0] += own(process.pid)
        }
        // The producer has ended when this is asked for the last time, and nobody else has.
        used["producer", default: 0] += ticks(getpid(), 13...14)
        return used
    }

    func used(since before: [String: Double]) -> [String: Double] {
        seconds().merging(before) { $0 - $1 }
    }

    private func tree(_ pid: Int32) -> Double {
        ProcessTable.descendants(of: pid).reduce(own(pid)) { $0 + own($1.pid) }
    }

    /// A process's own time and that of its children that ended.
    private func own(_ pid: Int32) -> Double { ticks(pid, 11...14) }

    /// Seconds from fields of `/proc/PID/stat`, counted behind the name (proc_pid_stat(5)).
    private func ticks(_ pid: Int32, _ columns: ClosedRange<Int>) -> Double {
        let bytes = (try? SystemFiles.read("/proc/\(pid)/stat")) ?? []
        let text = String(decoding: bytes, as: UTF8.self)
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 15 else { return 0 }
        let ticks = fields[columns].compactMap { Double($0) }.reduce(0, +)
        return ticks / Double(ProcessTable.ticksPerSecond)
    }
}

struct StageError: Error, CustomStringConvertible {
    let description: String
    init(_ text: String) { description = text }
}
