internal import ChaosJournal

/// Every fault must prove its effect and its undo.
enum FaultRule {
    static func reasons(_ faults: [FaultRow], _ facts: RunFacts) -> [Reason] {
        faults.flatMap { [undoReason($0), proofReason($0, facts)].compactMap { $0 } }
    }

    private static func undoReason(_ fault: FaultRow) -> Reason? {
        let name = "\(fault.function) on \(fault.target)"
        switch fault.undo {
        case .undone, .notNeeded: return nil
        case .failed(let reason):
            let text =
                "UNDO INCOMPLETE: \(name) may still be in effect: \(reason) Run `chaos recover`."
            return Reason(.undoIncomplete, .blocks, text)
        case .missing:
            let text =
                "UNDO INCOMPLETE: nothing shows that \(name) was undone. Run `chaos recover`."
            return Reason(.undoIncomplete, .blocks, text)
        case .unknown:
            let text =
                "The journal ends before the undo of \(name); the guardian undoes it. "
                + "`chaos status` shows what is left."
            return Reason(.cut, .informs, text)
        }
    }

    /// A run that was stopped owes no proof: it is inconclusive anyway.
    private static func proofReason(_ fault: FaultRow, _ facts: RunFacts) -> Reason? {
        guard facts.isComplete || facts.ended?.reason == .failed else { return nil }
        switch fault.proof {
        case .proven: return nil
        case .unproven(let reason), .notInjected(let reason):
            return Reason(.faultNotProven, .blocks, reason)
        }
    }
}
