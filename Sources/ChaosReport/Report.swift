package import ChaosJournal
package import ChaosVerdict

/// What every format renders: a run's events, their verdict, and what was wrong with the journal.
package struct Report: Sendable {
    package var events: [JournalEvent]
    package var verdict: Verdict
    package var problems: [JournalProblem]

    package init(events: [JournalEvent], verdict: Verdict, problems: [JournalProblem] = []) {
        self.events = events
        self.verdict = verdict
        self.problems = problems
    }
}
