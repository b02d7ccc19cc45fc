import ChaosPluginAPI
import JSON
import ProcessClock

/// How a clock is to be wrong, from the arguments of a step.
struct ClockMovement: Sendable {
    enum Kind: String, Sendable { case offset, drift, jump }

    var kind: Kind
    /// Nanoseconds.
    var by: Int64
    /// Parts per billion.
    var drift: Int64
    /// How long a jump lasts.
    var every: Duration

    /// Arguments in canonical form: durations in milliseconds.
    init(_ kind: Kind, _ arguments: JSONObject) {
        self.kind = kind
        by = Int64((arguments["by"]?.doubleValue ?? 0) * 1e6)
        drift = Int64((arguments["ppm"]?.doubleValue ?? 0) * 1e3)
        every = .milliseconds(arguments["every"]?.doubleValue ?? 1_000)
    }

    /// The setting with which it begins at `now`, nanoseconds since 1970.
    func setting(at now: Int64) -> ClockSetting {
        switch kind {
        case .offset, .jump: ClockSetting(offset: by)
        case .drift: ClockSetting(base: now, drift: drift)
        }
    }
}
