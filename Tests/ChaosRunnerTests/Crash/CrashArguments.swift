import ChaosPluginAPI
import JSON

extension CrashFault {
    /// Arguments that will do: the registry's defaults, and something small where it has none.
    var arguments: JSONObject {
        var object = JSONObject()
        let registered = Self.registry.first { $0.plugin == plugin && $0.function.name == function }
        for argument in registered?.function.arguments ?? [] {
            if let value = argument.defaultValue {
                object[argument.name] = try? argument.canonical(value)
            } else if argument.isRequired {
                object[argument.name] = argument.sample
            }
        }
        for member in chosen.members { object[member.name] = member.value }
        return object
    }

    /// Where the sample would have no effect, or too much of it.
    private var chosen: JSONObject {
        switch (plugin, function) {
        case ("clock", "drift"): ["ppm": 100_000]
        case ("clock", _): ["by": -3_600_000.0]
        case ("netem", "impair"): ["delay": 100.0, "loss": 0.1]
        case ("partition", "groups"): ["groups": [["a"], ["b", "c"]]]
        case ("resource", "cpu"): ["workers": 2, "share": 0.1]
        case ("shop", _): ["fail": "after"]
        case ("toxic", "loss"): ["share": 0.1]
        default: [:]
        }
    }
}

extension ArgumentSchema {
    fileprivate var sample: JSONValue {
        switch type {
        case .duration: 100.0
        case .ratio: 0.1
        case .rate: 100_000.0
        case .bytes: .integer(8 << 20)
        case .number: 0.5
        default: 1
        }
    }
}
