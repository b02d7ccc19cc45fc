// ChaosRunner: carries out a plan and writes down what happened; undoes what it did, whatever happens.
//
//     Plan ─▶ ExperimentRunner ─▶ RunSession ── stages (RunStages): start ▶ warm-up ▶ baseline ▶ method
//                │                    │           ▶ recovery ▶ drain ▶ rollbacks ▶ settle ▶ ended
//                │                    ├─ HypothesisReader   probes against tolerances, by phase
//                │                    ├─ MethodPerformer    steps in order; faults through FaultDriver
//                │                    ├─ AbortWatch         stops the run when it becomes too much
//                │                    └─ JournalWriter ─▶ journal.jsonl, the only thing a verdict reads
//                │
//                ├─ Ledger            <state>/ledger/<run>/<fault>.json, fsynced before each effect
//                ├─ GuardianLease ─── pipe ──▶ Guardian, a process that undoes when the runner is lost
//                └─ Recovery          cleans up what even the guardian could not; called before each run
//
// Logic is in values (FaultLifecycle, RunStages) that are tested as tables; the rest performs what
// they say. A fault's own task is never cancelled: it is told to end, and its undo runs to the end.
// Everything runs on the caller's event loop; only the journal and the stop switch may be used from
// other threads, which is what the load generator does.
