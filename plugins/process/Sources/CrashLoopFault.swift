import ChaosModel
import ChaosPluginAPI
import ChaosTargets
import EventLoop
import Glibc
import JSON
import LinuxSystem
import Synchronization

/// Kills a process and each one that takes its place; the killing dies with the runner.
///
/// With equal lives the first dies at once; with lives drawn by the seed the first lives as its
/// successors do, so that several loops beside each other are random kills.
final class CrashLoopFault: Fault {
    private struct Progress {
        var kills: [Firing] = []
        /// Owned by the fault from `inject` to `revert`.
        var task: Task<Void, any Error>?
    }

    /// How often is looked for the next process.
    private static let period = Duration.milliseconds(20)
    private let progress = Mutex(Progress())

    func prepare(_ context: StepContext) async throws -> UndoRecord {
        try TargetProcess.find(context).record("crash-loop")
    }

    func inject(_ context: StepContext, _ undo: UndoRecord) async throws {
        guard let loop = Loop.current else { preconditionFailure("faults run on a loop") }
        let first = try TargetProcess(undo: undo)
        let lives = Lives(context.arguments, seed: context.seed)
        if lives.areEqual {
            guard try kill(first) else { throw first.hasGone }
        }
        let times = Int(context.arguments["times"]?.integerValue ?? 5)
        let task = loop.spawn { [self, lives] in
            var (lives, last) = (lives, first)
            if !lives.areEqual {
                try await loop.sleep(for: lives.next())
                try kill(first)
            }
            for _ in 0..<max(0, times - 1) {
                last = try await successor(of: last, context, loop)
                try await loop.sleep(for: lives.next())
                try kill(last)
            }
        }
        progress.withLock { $0.task = task }
    }

    func confirm(_ context: StepContext, _ undo: UndoRecord) async throws -> Effect {
        let kills = progress.withLock { $0.kills }
        let unit = kills.count == 1 ? "process ended" : "processes ended"
        return Effect(hits: kills.count, unit: unit, firings: kills)
    }

    /// In another process than the runner's there is nothing to stop: the killing died with it.
    func revert(_ undo: UndoRecord) async throws {
        let task = progress.withLock { progress in
            defer { progress.task = nil }
            return progress.task
        }
        task?.cancel()
        _ = await task?.result
    }

    func confirmReverted(_ undo: UndoRecord) async throws {}

    @discardableResult
    private func kill(_ target: TargetProcess) throws -> Bool {
        guard try target.handle()?.signal(SIGKILL) == true else { return false }
        progress.withLock { progress in
            progress.kills.append(
                Firing(
                    ordinal: progress.kills.count + 1,
                    at: Timestamp(microseconds: Loop.wallMicroseconds()),
                    detail: ["pid": .integer(Int64(target.pid))]
                )
            )
        }
        return true
    }

    /// Waits for the next process as long as the fault lasts: `revert` cancels the wait.
    private func successor(
        of last: TargetProcess,
        _ context: StepContext,
        _ loop: Loop
    ) async throws -> TargetProcess {
        while true {
            if let next = TargetProcess.successor(of: last, context) { return next }
            try await loop.sleep(for: Self.period)
        }
    }
}

/// How long each process of a crash loop may live.
struct Lives {
    /// Every life is as long as the mean.
    let areEqual: Bool
    /// Milliseconds.
    private let mean: Double
    private var generator: SplitMix64

    init(_ arguments: JSONObject, seed: UInt64) {
        areEqual = arguments["lives"]?.stringValue != "exponential"
        mean = arguments["life"]?.doubleValue ?? 500
        generator = SplitMix64(seed: seed)
    }

    /// Exponential draws are cut off at ten times the mean.
    mutating func next() -> Duration {
        guard !areEqual else { return .milliseconds(mean) }
        let draw = -log(1 - Double.random(in: 0..<1, using: &generator))
        return .milliseconds(mean * min(draw, 10))
    }
}
