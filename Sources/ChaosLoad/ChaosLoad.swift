// Load: clients that do not wait for the system before they come (open loop), and their history.
//
//     seed ─▶ ArrivalSchedule ─▶ planned starts ─▶ LoadDriver ─▶ Scenario ─▶ HTTP ─▶ system
//                                      │ lag            │ ends
//                                      ▼                ▼
//                 LoadGenerator ◀─ LoadTallies ─▶ ClientOperation, LoadSecond ─▶ journal
//
// Arrivals are planned from the seed alone; a slow system does not slow them down. Latency counts
// from the planned start, so that a stall is felt by every arrival that it delays (no coordinated
// omission); how late the generator itself was is recorded apart, as lag. An operation belongs to
// the phase and the second in which it was planned. What the generator cannot carry fails as
// "generator saturated"; nothing is dropped.
//
// Three ends, in Jepsen's words: `ok`, `fail` (certainly not), `info` (the client does not know).
//
// A scenario is one file in `Scenarios/` and one line in `Scenarios/ScenarioRegistry.swift`.
