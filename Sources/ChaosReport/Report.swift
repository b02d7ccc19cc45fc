package import ChaosJournal
package import ChaosVerdict
internal import JSON

/// What every format renders: a run's events, their verdict, and what was wrong with the journal.
package struct Report: Sendable {
    /// The events in order; the clients' operations may be left out but for those of `storyKeys`.
    package var events: [JournalEvent]
    /// All operations of the clients, for pictures and figures.
    package var operations: OperationColumns
    /// How many events the journal holds.
    package var eventCount: Int
    package var verdict: Verdict
    package var problems: [JournalProblem]

    /// A report from a whole journal in memory.
    package init(events: [JournalEvent], verdict: Verdict, problems: [JournalProblem] = []) {
        var operations = OperationColumns()
        for event in events {
            guard case .operation(let operation) = event.payload else { continue }
            operations.append(operation, at: event.elapsed)
        }
        self.init(
            events: events,
            operations: operations,
            eventCount: events.count,
            verdict: verdict,
            problems: problems
        )
    }

    /// A report from a journal that was read as a stream.
    package init(
        events: [JournalEvent],
        operations: OperationColumns,
        eventCount: Int,
        verdict: Verdict,
        problems: [JournalProblem]
    ) {
        self.events = events
        self.operations = operations
        self.eventCount = eventCount
        self.verdict = verdict
        self.problems = problems
    }

    /// The idempotency keys of the orders whose story is told: those that invariants name.
    package static func storyKeys(_ verdict: Verdict) -> Set<String> {
        var keys: Set<String> = []
        for witness in verdict.invariants.flatMap(\.witnesses) {
            keys.formUnion(witness["keys"]?.arrayValue?.compactMap(\.stringValue) ?? [])
        }
        return keys
    }
}
