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
                let (isInEffect, certainty) = self.live.withLock {
                    (!$0.certain.isEmpty, $0.certainty)
                }
                guard needsFault else {
                    await self.readHypothesis(.during)
                    continue
                }
                guard isInEffect else { continue }
                // A reading that the undo overtook says nothing about either state.
                await self.readHypothesis(.during) {
                    self.live.withLock { $0.certainty == certainty }
                }
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
