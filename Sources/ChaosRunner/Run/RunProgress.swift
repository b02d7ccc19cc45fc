package import ChaosJournal
package import ChaosModel
package import JSON

/// What a run tells a terminal while it goes on.
package enum RunProgress: Sendable {
    /// Where the journal is being written.
    case directory(String)
    /// An earlier run had left something that is now undone.
    case recovered(RecoveryReport)
    case phase(PhaseChange.Phase)
    case probe(ProbeReading)
    case action(ActionOutcome)
    case fault(FaultTransition)
    case invariant(InvariantResult)
    case note(String)
    /// The run is on its way out; undoing what is in effect.
    case stopping(RunEnded.Reason, String)
    /// About once a second.
    case snapshot(RunSnapshot)
}

/// A run at a glance.
package struct RunSnapshot: Sendable {
    /// Seconds since the run began.
    package var elapsed: Double
    package var phase: PhaseChange.Phase
    package var inEffect: [FaultInEffect]
    package var figures: [Figure]

    /// A fault that is in effect now.
    package struct FaultInEffect: Sendable {
        package var faultID: String
        package var step: String
        package var function: String
        package var target: String
        package var since: Timestamp
        /// When the runner means to revert it.
        package var until: Timestamp
    }

    /// The latest value of a probe of the hypothesis.
    package struct Figure: Sendable {
        package var name: String
        package var value: JSONValue
        package var unit: String
        package var met: Bool?
    }
}
