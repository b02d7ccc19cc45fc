import Glibc
import JSON

/// The kinds of settings, each with the figure by which it is judged.
extension MeasuredSetting {
    static func delay(
        _ name: String,
        _ arguments: JSONObject,
        _ expected: Double,
        packets: Int = 1_000,
        interval: Double = 1,
        bytes: Int = 64,
        quiet: Double = 500,
        function: String = "delay"
    ) -> MeasuredSetting {
        MeasuredSetting(
            name: name,
            function: function,
            arguments: arguments,
            packets: packets,
            interval: interval,
            bytes: bytes,
            quiet: quiet,
            expected: expected
        ) { measured in
            // What varies has a mean that varies: netem's draws cannot be seeded before Linux 6.6.
            let error = measured.deviation / Double(max(1, measured.delays.count)).squareRoot()
            return Figure(
                value: measured.meanDelay,
                tolerance: 0.1 + 3 * error,
                unit: "ms",
                remark: "standard deviation \(MeasuredRow.text(measured.deviation)) ms"
            )
        }
    }

    /// Adds the standard deviation of the delays.
    func spread(_ expected: Double) -> MeasuredSetting {
        var setting = self
        setting.second = Second(name: "its standard deviation", expected: expected) { measured in
            Figure(value: measured.deviation, tolerance: 0.1, unit: "ms")
        }
        return setting
    }

    /// Adds the mean length of the bursts.
    func bursts(_ expected: Double) -> MeasuredSetting {
        var setting = self
        setting.second = Second(name: "the mean length of its bursts", expected: expected) {
            measured in
            Figure(value: measured.burstLength, tolerance: 0.15 * expected, unit: "packets")
        }
        return setting
    }

    static func loss(
        _ name: String,
        _ function: String,
        _ arguments: JSONObject,
        _ expected: Double,
        packets: Int
    ) -> MeasuredSetting {
        MeasuredSetting(
            name: name,
            function: function,
            arguments: arguments,
            packets: packets,
            interval: function == "delay" ? 1 : 0.2,
            expected: expected
        ) { measured in
            let independent = Probe.Measured.threeErrors(expected, packets)
            return Figure(
                value: measured.lossPercent,
                tolerance: max(3 * measured.lossError, independent, 0.01),
                unit: "%"
            )
        }
    }

    static func share(
        _ name: String,
        _ function: String,
        _ arguments: JSONObject,
        _ expected: Double,
        bytes: Int = 64,
        _ value: @escaping @Sendable (Probe.Measured) -> Double
    ) -> MeasuredSetting {
        MeasuredSetting(
            name: name,
            function: function,
            arguments: arguments,
            packets: 5_000,
            bytes: bytes,
            expected: expected
        ) { measured in
            let tolerance = Probe.Measured.threeErrors(expected, 5_000)
            return Figure(value: value(measured), tolerance: tolerance, unit: "%")
        }
    }

    /// The share of time in the two lossy states of the chain, percent.
    static func statesLoss(
        p13: Double,
        p31: Double,
        p32: Double,
        p23: Double,
        p14: Double
    ) -> Double {
        let (good, burst) = (1.0, p13 / p31)
        let (spell, single) = (burst * p32 / p23, p14)
        return 100 * (burst + single) / (good + burst + spell + single)
    }
}

extension MeasuredSetting {
    /// The lines of the table that the packets give.
    func rows(_ measured: Probe.Measured) -> [MeasuredRow] {
        let first = MeasuredRow(
            name: name,
            packets: packets,
            expected: expected,
            figure: figure(measured)
        )
        guard let second else { return [first] }
        let other = MeasuredRow(
            name: second.name,
            packets: packets,
            expected: second.expected,
            figure: second.figure(measured)
        )
        return [first, other]
    }
}
