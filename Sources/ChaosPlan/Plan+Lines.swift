import ChaosModel
import ChaosPluginAPI
import JSON

// Rounding lives in libm, which only this import links.
import func Glibc.round

extension Plan {
    /// The plan for a tired person: what starts, what traffic, what is judged when, each step with
    /// its end and its undo, and the limits.
    package var lines: [String] {
        var lines = [
            title,
            "  \(file), seed \(seed), at least \(Self.rounded(estimate))",
            "",
        ]
        lines += Self.section("System", systemLines)
        lines += Self.section("Traffic", trafficLines)
        lines += Self.section("Judged", hypothesisLines)
        lines += Self.section("Steps", stepLines)
        lines += Self.section("Rollbacks", rollbackLines)
        lines += Self.section("Stops if", abortLines)
        lines += Self.section("Bounds", boundLines)
        return lines + ["", "This is a plan: nothing has been touched."]
    }

    private static let labelWidth = 11

    private static func section(_ label: String, _ lines: [String]) -> [String] {
        lines.enumerated().map { index, line in
            let head = index == 0 ? label : ""
            let padding = String(repeating: " ", count: labelWidth - head.utf8.count)
            return line.isEmpty ? "" : head + padding + line
        }
    }

    /// Seconds are enough for a reader.
    private static func rounded(_ duration: Duration) -> String {
        let seconds = Int64(duration.seconds.rounded(.up))
        guard seconds >= 60, seconds % 60 != 0 else { return Duration.seconds(seconds).text }
        return "\(seconds / 60)m \(seconds % 60)s"
    }

    private var systemLines: [String] {
        let counts = replicas.sorted { $0.key < $1.key }.map { "\($0.value) of \($0.key)" }
        let instances = counts.isEmpty ? [] : ["instances: " + counts.joined(separator: ", ")]
        let disks = disks.sorted { $0.key < $1.key }.map {
            "a file system of \($0.value) for the database of \($0.key) (root)"
        }
        return nameLines + instances + disks + (broker.map { ["broker: \($0)"] } ?? [])
    }

    private var nameLines: [String] {
        switch system {
        case nil: ["none is named; nothing is started"]
        case "shop": ["the bundled shop; if none runs it is started, and stopped at the end"]
        case "shop-netns":
            ["the bundled shop in network namespaces (root); started if none runs, then stopped"]
        case let path?: ["as described in \(path); it must be running"]
        }
    }

    private var trafficLines: [String] {
        guard let load else { return ["none"] }
        return [
            "\(Quantity.digits(load.ratePerSecond)) \(load.scenario)s a second, "
                + "\(load.arrivals.rawValue) arrivals, given up after \(load.timeout.text)",
            "\(load.warmUp.text) warm-up, \(load.baseline.text) undisturbed baseline, "
                + "\(methodDuration.text) method, \(load.after.text) after it",
        ] + mixLines(load.mix)
    }

    private func mixLines(_ mix: LoadProfile.Mix) -> [String] {
        let shares = LoadProfile.Mix.members.compactMap { name, path in
            mix[keyPath: path] > 0 ? "\(Quantity.text(mix[keyPath: path], .ratio)) \(name)" : nil
        }
        return shares.isEmpty ? [] : ["among them " + shares.joined(separator: ", ")]
    }

    private var hypothesisLines: [String] {
        guard let hypothesis, !hypothesis.probes.isEmpty else {
            return ["nothing: there is no hypothesis"]
        }
        var lines = ["\(hypothesis.title)", "  \(hypothesis.strategy.sentence)"]
        if hypothesis.strategy.readsDuringMethod {
            lines[1] += ", read every \(hypothesis.frequency.text) meanwhile"
        }
        for probe in hypothesis.probes {
            let tolerance = probe.step.tolerance.map { ": \($0.text)" } ?? ""
            lines.append("  - \(probe.step.name)\(tolerance)")
            lines.append("    \(probe.phaseText): \(probe.callText)")
        }
        if let within = hypothesis.recoversWithin {
            lines.append("  back within \(within.text) of the end of the last fault")
        }
        return lines
    }

    private var stepLines: [String] {
        guard !steps.isEmpty else { return ["none: only the hypothesis is judged"] }
        return zip(steps, schedule).enumerated().flatMap { index, entry in
            entry.0.lines(number: index + 1, schedule: entry.1)
        }
    }

    private var rollbackLines: [String] {
        guard !rollbacks.isEmpty else { return ["none declared; faults are undone by themselves"] }
        let when =
            switch rollbackStrategy {
            case .always: "at the end, whatever happened:"
            case .standard: "at the end, unless the run failed or was interrupted:"
            case .deviated: "at the end, if the hypothesis deviated:"
            case .never: "declared, and never played (runtime.rollbacks.strategy):"
            }
        return [when] + rollbacks.map { "  - \($0.step.name): \($0.callText)" }
    }

    private var abortLines: [String] {
        guard !aborts.isEmpty else { return ["nothing but you, the lever or an error"] }
        return aborts.map { abort in
            let tolerance = abort.probe.step.tolerance.map { " is \($0.text)" } ?? ""
            return "\(abort.probe.step.name)\(tolerance), read every \(abort.period.text)"
        }
    }

    private var boundLines: [String] {
        let allowed = bounds.targets.isEmpty ? targets : bounds.targets
        let hit =
            targets.isEmpty
            ? "nothing is hit"
            : "hits \(targets.map(\.text).joined(separator: ", ")) and nothing else"
        return [
            "no fault lasts longer than \(bounds.maxDuration.text)", hit,
            bounds.targets.isEmpty
                ? "" : "allowed: \(allowed.map(\.text).joined(separator: ", "))",
        ].filter { !$0.isEmpty }
    }
}

extension PlannedStep {
    /// `toxic latency (latency 200ms, jitter 50ms)`.
    package var callText: String {
        let provider = step.provider
        var arguments = argumentTexts
        if arguments.isEmpty, let subject = provider.document["url"] ?? provider.document["path"] {
            arguments = [PythonRules.text(subject)]
        }
        let list = arguments.isEmpty ? "" : " (\(arguments.joined(separator: ", ")))"
        return "\(provider.type) \(function.name)\(list)"
    }

    /// `before, during, after`.
    fileprivate var phaseText: String {
        ProbePhase.allCases.filter(phases.contains).map(\.rawValue).joined(separator: ", ")
    }

    /// The step as it stands in a plan: what, at what, how long, how undone, what it must prove.
    fileprivate func lines(number: Int, schedule: Range<Duration>) -> [String] {
        let at = "at \(schedule.lowerBound.text)"
        let kind = isFault ? "fault" : function.kind.rawValue
        let meanwhile = step.background ? ", in the background" : ""
        var lines = ["\(number). \(step.name) (\(kind), \(at)\(meanwhile))"]
        lines.append("   does     \(callText)")
        if let backend { lines.append("   by       \(backend)") }
        if let target {
            let picked = pick.map { ", picked by the seed: \($0)" } ?? ""
            lines.append("   to       \(target.text)\(picked)")
        }
        if let hostReach {
            lines.append("   HOST     \(hostReach)")
            lines.append("            only with --allow-host")
        }
        if let hold { lines.append("   for      \(hold.text), until \(schedule.upperBound.text)") }
        if isFault {
            lines.append("   undone   \(function.undo ?? "by the plugin")")
            let effect = function.effect ?? "hits"
            lines.append("   proof    at least \(step.effectMinimum) \(effect); else inconclusive")
            if let bounds = function.bounds { lines.append("   bounded  \(bounds)") }
        }
        if let tolerance = step.tolerance { lines.append("   expects  \(tolerance.text)") }
        if let pause = step.pauseBefore, pause > .zero {
            lines.append("   waits    \(pause.text) before")
        }
        if let pause = step.pauseAfter, pause > .zero {
            lines.append("   waits    \(pause.text) after")
        }
        return lines
    }
}

extension HypothesisStrategy {
    /// When probes are judged, in words.
    fileprivate var sentence: String {
        switch self {
        case .standard: "before the method (or nothing is done) and after it"
        case .beforeMethodOnly: "only before the method"
        case .afterMethodOnly: "only after the method"
        case .duringMethodOnly: "only while the method runs"
        case .continuously: "before, while the method runs, and after"
        case .skip: "not at all (skip)"
        case .onFault: "before, while a fault is in effect, and after"
        }
    }

    fileprivate var readsDuringMethod: Bool {
        self == .duringMethodOnly || self == .continuously || self == .onFault
    }
}
