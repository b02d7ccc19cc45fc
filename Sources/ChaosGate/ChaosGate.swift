/// A suite of experiments as one gate of a release; pure.
///
/// ```
/// suite.json or a directory ─▶ GateSuite ─▶ GateSchedule ─▶ (the program runs them) ─▶ GateResult…
///                                                  baseline.json ─▶ GateComparison ─▶ ┐
///                                                  ResilienceScore, GateJudgement ◀───┘
///                                                  └─▶ JUnit · Markdown · annotations · JSON
/// ```
///
/// Nothing here starts a process or opens a file: the same results give the same judgement
/// anywhere. One experiment is judged by `ChaosVerdict`; the gate only weighs what it found.
package enum ChaosGate {}
