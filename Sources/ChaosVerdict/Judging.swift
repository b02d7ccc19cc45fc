package import ChaosJournal

/// Judges a run while its journal is read, event by event, so that no more is held than counts.
package struct Judging {
    private var facts = RunFacts()

    package init() {}

    /// Takes the next event, in the order of the journal.
    package mutating func take(_ event: JournalEvent) {
        facts.take(event)
    }

    /// The clients' operations so far.
    package var operations: OperationColumns { facts.operations }

    /// What the events so far prove.
    package func verdict() -> Verdict {
        Judge.judge(facts)
    }
}
