internal import ChaosJournal

/// What the author's own actions and the load generator say about the run's worth.
enum ConductRule {
    static func reasons(_ facts: RunFacts, _ observer: ObserverHealth) -> [Reason] {
        var reasons = facts.actions.filter { $0.error != nil }.map { action in
            let text = "The action “\(action.step)” failed: \((action.error ?? "").sentence)"
            return Reason(.actionFailed, .blocks, text)
        }
        if observer.isBlind {
            let text =
                "Blind observer: the load generator itself ran more than "
                + "\(NumberText.milliseconds(ObserverHealth.lagMax)) late in "
                + "\(observer.secondsLate) of \(observer.seconds) seconds (at worst "
                + "\(NumberText.milliseconds(observer.lagWorst))), so its latencies prove nothing."
            reasons.append(Reason(.blindObserver, .blocks, text))
        }
        return reasons
    }
}
