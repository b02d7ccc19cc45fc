// ChaosRunner: carries out a plan, writes down what happened, and undoes what it did.
//
//     Plan ─▶ ExperimentRunner ─▶ RunSession ── stages (RunStages): start ▶ warm-up ▶ baseline
//                │                    │           ▶ method ▶ recovery ▶ drain ▶ rollbacks ▶ settle
//                │                    ├─ HypothesisReader   probes against tolerances, by phase
//                │                    ├─ MethodPerformer    steps in order; faults: FaultDriver
//                │                    ├─ AbortWatch         stops the run when it becomes too much
//                │                    └─ JournalWriter ─▶ journal.jsonl, all that a verdict reads
//                │
//                ├─ Ledger            <state>/ledger/<run>/<fault>.json, fsynced before each effect
//                ├─ GuardianLease ─── pipe ──▶ Guardian, a process that undoes for a lost runner
//                └─ Recovery          cleans up what even the guardian could not, before each run
//
// Logic is in values (FaultLifecycle, RunStages) that are tested as tables; the rest performs what
// they say. A fault's own task is never cancelled: it is told to end, and its undo runs to the end.
// Everything runs on the caller's event loop; only the journal and the stop switch may be used from
// other threads, which is what the load generator does.
