/// A GameDay: people break a system on purpose, together, and write down what they learn; pure.
///
/// ```
/// gamedays/*.json ─▶ GameDayPlan ─▶ GameDay ◀─ events ── journal.jsonl (GameDayEvent)
///                                     │  ▲
///            what is due: Errand ◀────┘  └── commands of people: go, skip, note …
///                                     │
///     a round's own journal ─▶ LiveRun ─▶ DashboardState ─▶ the page (Dashboard/)
///                                     └─▶ ClosingDocument ─▶ closing.html · closing.md
/// ```
///
/// The GameDay is nothing but its events: a command is either refused with a reason or becomes
/// events; each is written down before it counts; replaying the journal gives the same GameDay on
/// any day. The program owns the clock, the processes, the terminal and the socket.
package enum ChaosGameDay {}
