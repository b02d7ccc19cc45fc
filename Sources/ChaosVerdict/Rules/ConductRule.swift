internal import ChaosJournal

/// What the author's own actions and the load generator say about the run's worth.
enum ConductRule {
    static func reasons(
        _ facts: RunFacts,
        _ observer: ObserverHealth,
        _ hypothesis: HypothesisTable
    ) -> [Reason] {
        var reasons = facts.actions.filter { $0.error != nil }.map { action in
            let text = "The action “\(action.step)” failed: \((action.error ?? "").sentence)"
            return Reason(.actionFailed, .blocks, text)
        }
        if observer.isBlind {
            // Money and answers are as true as ever; only figures of time are not.
            let isNeeded = hypothesis.rows.contains(where: \.isOfTime)
            let isGrave = observer.lagWorst > ObserverHealth.lagGrave
            let end = isNeeded || isGrave ? "" : " No probe of the hypothesis is about time."
            let text =
                "Blind observer: the load generator itself ran more than "
                + "\(NumberText.milliseconds(ObserverHealth.lagMax)) late in "
                + "\(observer.secondsLate) of \(observer.seconds) seconds (at worst "
                + "\(NumberText.milliseconds(observer.lagWorst))), so its latencies prove nothing."
                + end
            let effect: Reason.Effect = end.isEmpty ? .blocks : .informs
            reasons.append(Reason(.blindObserver, effect, text))
        }
        return reasons
    }
}
