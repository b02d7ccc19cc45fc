/// Where spans go and which, by OpenTelemetry's standard variables; a value.
package struct TracingSettings: Sendable, Hashable {
    /// The URL of a request, `/v1/traces` included.
    package var url: String
    package var sampler = Sampler()
    /// The most spans that wait (`OTEL_BSP_MAX_QUEUE_SIZE`), 1…1,000,000.
    package var queueMax = 8192
    /// The most spans in a request (`OTEL_BSP_MAX_EXPORT_BATCH_SIZE`), 1…10,000.
    package var batchMax = 512
    /// How long a span waits at most for company (`OTEL_BSP_SCHEDULE_DELAY`), milliseconds.
    package var delayMilliseconds = 1000
    /// How long a request may take (`OTEL_EXPORTER_OTLP_TIMEOUT`), milliseconds.
    package var timeoutMilliseconds = 10_000
    /// What else is said of the process (`OTEL_RESOURCE_ATTRIBUTES`).
    package var resource: [Fact] = []

    /// A name with its value.
    package struct Fact: Sendable, Hashable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Settings for a collector by its base URL.
    package init(collector: String) {
        url = collector.hasSuffix("/") ? collector + "v1/traces" : collector + "/v1/traces"
    }
}

extension TracingSettings {
    /// What the environment asks for, and what was wrong with it; `nil`: no traces.
    ///
    /// A mistake never keeps a process from its work: what can be used is used.
    package static func read(
        _ variable: (String) -> String?
    ) -> (settings: TracingSettings?, problems: [String]) {
        let isOff =
            variable("OTEL_SDK_DISABLED") == "true" || variable("OTEL_TRACES_EXPORTER") == "none"
        guard !isOff, var settings = endpoint(variable) else { return (nil, []) }
        var problems: [String] = []
        guard settings.url.hasPrefix("http://") || settings.url.hasPrefix("unix:") else {
            let problem =
                "\(settings.url): traces go to http:// or unix: only. Name a collector "
                + "on this host, which passes them on."
            return (nil, [problem])
        }
        if let name = variable("OTEL_EXPORTER_OTLP_PROTOCOL"), name != "http/json" {
            problems.append("OTEL_EXPORTER_OTLP_PROTOCOL: \(name) is not spoken, http/json is.")
        }
        if let name = variable("OTEL_TRACES_SAMPLER") {
            let argument = variable("OTEL_TRACES_SAMPLER_ARG")
            if let sampler = Sampler(named: name, argument: argument) {
                settings.sampler = sampler
            } else {
                problems.append(
                    "OTEL_TRACES_SAMPLER: \(name) with \(argument ?? "no argument") is no sampler. "
                        + "Use always_on, always_off, traceidratio with a ratio from 0 to 1, or "
                        + "one of them after parentbased_."
                )
            }
        }
        func number(
            _ name: String,
            _ range: ClosedRange<Int>,
            _ path: WritableKeyPath<TracingSettings, Int>
        ) {
            guard let text = variable(name) else { return }
            guard let number = Int(text), range.contains(number) else {
                let bounds = "\(range.lowerBound) to \(range.upperBound)"
                problems.append("\(name): \(text) is out of range. Use an integer from \(bounds).")
                return
            }
            settings[keyPath: path] = number
        }
        number("OTEL_BSP_MAX_QUEUE_SIZE", 1...1_000_000, \.queueMax)
        number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 1...10_000, \.batchMax)
        number("OTEL_BSP_SCHEDULE_DELAY", 1...60_000, \.delayMilliseconds)
        number("OTEL_EXPORTER_OTLP_TIMEOUT", 1...60_000, \.timeoutMilliseconds)
        settings.resource = facts(variable("OTEL_RESOURCE_ATTRIBUTES") ?? "")
        return (settings, problems)
    }

    private static func endpoint(_ variable: (String) -> String?) -> TracingSettings? {
        if let url = variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") {
            var settings = TracingSettings(collector: "")
            settings.url = url
            return settings
        }
        return variable("OTEL_EXPORTER_OTLP_ENDPOINT").map { TracingSettings(collector: $0) }
    }

    /// `name=value,name=value`.
    private static func facts(_ text: String) -> [Fact] {
        text.split(separator: ",").compactMap { pair in
            let parts = pair.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            return Fact(name: String(parts[0]), value: String(parts[1]))
        }
    }
}
