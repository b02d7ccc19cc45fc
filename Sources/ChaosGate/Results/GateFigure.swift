package import ChaosVerdict

/// A number of a run that can be compared with the same number of an earlier run.
package struct GateFigure: Sendable, Equatable {
    /// What kind of number it is; decides which tolerance applies and which way is worse.
    package enum Kind: String, Sendable, CaseIterable {
        /// Milliseconds; more is worse.
        case latency
        /// A share, 0…1; less is worse.
        case success
        /// Seconds until the steady state was back; more is worse.
        case recovery
    }

    /// `checkout p99 during the fault`.
    package var name: String
    package var kind: Kind
    package var value: Double

    package init(name: String, kind: Kind, value: Double) {
        self.name = name
        self.kind = kind
        self.value = value
    }

    /// The value with its unit.
    package var text: String { Self.text(value, kind) }

    static func text(_ value: Double, _ kind: Kind) -> String {
        switch kind {
        case .latency: NumberText.milliseconds(value)
        case .success: NumberText.percent(value)
        case .recovery: NumberText.seconds(value)
        }
    }

    /// The figures of a verdict: what clients met during the fault; without one, before it.
    package static func all(of verdict: Verdict) -> [GateFigure] {
        let hasFault = verdict.load.contains { $0.window == .during && $0.planned > 0 }
        let window: LoadSummary.Window = hasFault ? .during : .before
        let when = hasFault ? "during the fault" : "undisturbed"
        var figures: [GateFigure] = []
        for row in verdict.load where row.window == window && row.planned > 0 {
            if let p99 = row.p99 {
                figures.append(
                    GateFigure(name: "\(row.operation) p99 \(when)", kind: .latency, value: p99)
                )
            }
            if let share = row.availability {
                figures.append(
                    GateFigure(
                        name: "\(row.operation) success \(when)",
                        kind: .success,
                        value: share
                    )
                )
            }
        }
        if let measured = verdict.recovery?.measured {
            figures.append(
                GateFigure(name: "time to recover", kind: .recovery, value: measured)
            )
        }
        return figures
    }
}
