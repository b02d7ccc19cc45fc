// ChaosTargets: which process of this host a target means, and whether it may be hit.
//
//     {"service": "payments"} ─▶ system.json, read anew ─▶ pid, start time ─┐
//     {"process": "/run/x.pid" | "4711" | "payments-db"} ──────────────────┼▶ TargetProcess
//                                                                          │
//     never: process 1, kernel threads, ourselves, our guardian, whatever we run under
//
// Shared by the plugins that hit processes: process, resource, clock.
