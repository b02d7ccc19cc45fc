import ChaosModel
import ChaosPlan
import EventLoop
import Synchronization

// Beside the method: readings while faults are in effect, and the conditions that end the run.
extension RunSession {
    /// Reads the `during` probes at the hypothesis's frequency; the task is the caller's to cancel.
    func startSampling() -> [Task<Void, any Error>] {
        guard let hypothesis = plan.hypothesis, judges(.during) else { return [] }
        let needsFault = hypothesis.strategy == .onFault
        let task = loop.spawn {
            while true {
                try await self.loop.sleep(for: hypothesis.frequency)
                let isInEffect = self.live.withLock { !$0.inEffect.isEmpty }
                if isInEffect || !needsFault { await self.readHypothesis(.during) }
            }
        }
        return [task]
    }

    /// Reads each abort condition in its own period; the tasks are the caller's to cancel.
    func startAbortWatches() -> [Task<Void, any Error>] {
        plan.aborts.map { condition in
            loop.spawn {
                while true {
                    try await self.loop.sleep(for: condition.period)
                    await self.check(condition)
                }
            }
        }
    }
}
