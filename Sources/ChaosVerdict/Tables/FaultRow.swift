package import ChaosModel
package import JSON

/// One fault of the run: where, when, with what proof, and whether it was undone.
package struct FaultRow: Sendable, Equatable {
    /// Whether the fault did something.
    package enum Proof: Sendable, Equatable {
        case proven
        /// It was in effect but hit nothing, or too little.
        case unproven(reason: String)
        case notInjected(reason: String)
    }
    package enum Undo: Sendable, Equatable {
        case undone
        /// It never came into effect.
        case notNeeded
        case failed(reason: String)
        /// The run ended by itself without undoing it.
        case missing
        /// The journal ends first; the guardian undoes it.
        case unknown
    }

    package var faultID: String
    package var step: String
    package var path: String
    package var plugin: String
    package var function: String
    package var target: String
    /// Seconds since the run started.
    package var injectedAt: Double?
    package var undoneAt: Double?
    package var hits: Int?
    package var hitsMinimum: Int
    /// What a hit is: `acknowledgements lost`.
    package var unit: String
    package var proof: Proof
    package var undo: Undo
    /// What was written down before the effect, to undo it.
    package var undoRecord: JSONObject
    package var firings: Int
    package var firstFiring: Timestamp?
    package var lastFiring: Timestamp?

    /// `27 acknowledgements lost on payments->payments-db`.
    package var effect: String {
        guard let hits else { return "\(function) on \(target)" }
        return "\(NumberText.integer(hits)) \(unit.isEmpty ? "hits" : unit) on \(target)"
    }
}
