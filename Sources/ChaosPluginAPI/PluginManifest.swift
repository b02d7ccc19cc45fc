package import JSON

/// What `plugin.json` and `schema.json` say: drives validation, help and the reference page.
package struct PluginManifest: Sendable {
    package var name: String
    package var version: String
    package var summary: String
    /// What it needs of the machine, in words; empty when nothing.
    package var needs: [String]
    package var functions: [PluginFunction]

    package init(
        name: String,
        version: String,
        summary: String,
        needs: [String] = [],
        functions: [PluginFunction]
    ) {
        self.name = name
        self.version = version
        self.summary = summary
        self.needs = needs
        self.functions = functions
    }
}

/// One function of a plugin.
package struct PluginFunction: Sendable {
    package enum Kind: String, Sendable { case probe, action, fault }
    /// What a function hits; one for a `process` hits a service as well, which is one.
    package enum TargetKind: String, Sendable {
        case link, service, process, interface

        /// `a link`, `an interface`.
        package var words: String { self == .interface ? "an interface" : "a \(rawValue)" }
    }
    package var name: String
    package var kind: Kind
    package var summary: String
    package var target: TargetKind?
    package var arguments: [ArgumentSchema] = []
    /// Only faults: what a hit is, how it is undone, what bounds it.
    package var effect: String?
    package var undo: String?
    package var bounds: String?
    /// Only probes: the unit of the output (`ms`, `ratio`, `/s`, ``), whether a phase has one
    /// cumulative value of which the last counts, and the phases read by default.
    package var unit: String = ""
    package var isCumulative = false
    package var phases: [String] = ["before", "during", "after"]

    package init(name: String, kind: Kind, summary: String) {
        self.name = name
        self.kind = kind
        self.summary = summary
    }
}

/// One argument: its type with unit, range and default.
package struct ArgumentSchema: Sendable {
    package enum ValueType: String, Sendable {
        case string, boolean, integer, number, duration, ratio, rate, bytes, array, object, any
    }
    package var name: String
    package var type: ValueType
    package var summary: String
    package var isRequired = false
    package var defaultValue: JSONValue?
    package var minimum: JSONValue?
    package var maximum: JSONValue?
    package var choices: [String] = []

    package init(name: String, type: ValueType, summary: String) {
        self.name = name
        self.type = type
        self.summary = summary
    }
}
