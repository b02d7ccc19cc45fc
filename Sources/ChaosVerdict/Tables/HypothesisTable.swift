package import ChaosModel
package import JSON

/// The hypothesis: its probes, each with what was observed in each phase.
package struct HypothesisTable: Sendable, Equatable {
    package var title: String
    package var strategy: HypothesisStrategy
    package var rows: [HypothesisRow]
}

/// One probe of the hypothesis.
package struct HypothesisRow: Sendable, Equatable {
    package var name: String
    /// `steady-state-hypothesis.probes[0]`.
    package var path: String
    /// As the author wrote it, for example `at most 300ms`.
    package var tolerance: String
    package var unit: String
    package var isCumulative: Bool
    /// In the order before, during, after, settled; phases without a reading are left out.
    package var cells: [HypothesisCell]

    /// Whether its value is made of the clients' times: a generator that is late makes it worse.
    package var isOfTime: Bool { unit == "ms" || unit == "/s" }

    /// Whether it is made of what clients see: a machine so busy that the generator is late may
    /// make it worse.
    package var isOfClients: Bool { isOfTime || unit == "ratio" }

    /// Over the phases that count; `nil`: not judged.
    package var met: Bool? {
        let judged = cells.filter(\.isJudged)
        if judged.contains(where: { $0.met == false }) { return false }
        return judged.isEmpty || judged.contains { $0.met == nil } ? nil : true
    }

    /// What was observed in a phase.
    package func cell(_ phase: ProbePhase) -> HypothesisCell? {
        cells.first { $0.phase == phase }
    }
}

/// What one probe observed in one phase.
package struct HypothesisCell: Sendable, Equatable {
    package var phase: ProbePhase
    /// The value that decided: the last one.
    ///
    /// Of a probe that is read anew each time it is the last unmet one, if there is one.
    package var observed: JSONValue
    package var readings: Int
    package var readingsMet: Int
    package var readingsFailed: Int
    /// `nil`: could not be judged.
    package var met: Bool?
    /// Whether the strategy lets this phase decide.
    package var isJudged: Bool
    package var error: String?
    /// Seconds since the run started, of the value that decided.
    package var elapsed: Double
}

/// The return to the steady state after the last fault was undone.
package struct Recovery: Sendable, Equatable {
    /// Seconds that the author allows; `nil`: at once.
    package var limit: Double?
    /// Seconds from the last undo to the first reading from which on all were met; `nil`: never.
    package var measured: Double?
    /// Seconds since the run started.
    package var lastUndo: Double
}
