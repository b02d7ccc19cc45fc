import BundledPlugins
import ChaosModel
import ChaosPluginAPI
import LinuxSystem
import ProcessTrace
import RunnerFixtures
import Testing

@testable import ChaosRunner

/// A row of the crash table: a fault of the registry, or several that share one undo, in one of the
/// manners they work.
struct CrashFault: Sendable, Hashable, CustomTestStringConvertible {
    var plugin: String
    /// Those of one row, which take turns in its cells.
    var functions: [String]
    /// What tells the rows of one fault apart, such as `nfqueue`; `nil`: there is one way only.
    var manner: String?

    init(_ plugin: String, _ functions: [String], _ manner: String? = nil) {
        self.plugin = plugin
        self.functions = functions
        self.manner = manner
    }

    /// The one that is hit with; a cell has only one.
    var function: String { functions[0] }

    /// Whose turn it is in a cell.
    func turn(_ point: KillPoint, _ victims: Victims) -> CrashFault {
        let (points, all) = (KillPoint.allCases, Victims.allCases)
        let row = all.firstIndex(of: victims) ?? 0
        let number = row * points.count + (points.firstIndex(of: point) ?? 0)
        return CrashFault(plugin, [functions[number % functions.count]], manner)
    }

    /// As it stands in the table.
    var title: String {
        let names = functions.joined(separator: ", ")
        return manner.map { "\(plugin) \(names) (\($0))" } ?? "\(plugin) \(names)"
    }
    var testDescription: String { title }

    /// Whether a process of ours carries it, which ends with the runner's pipe.
    var diesWithPipe: Bool { manner == Self.queue || function.hasSuffix("-fsync") }

    /// Whether it takes a kernel with netem, or control groups of version 2: it is of the lab then.
    var isOfLab: Bool { [Self.egress, Self.ingress, Self.second].contains(manner) }

    /// Whether nothing else may be killed meanwhile: its `recover` could find this one by its tag.
    var isAlone: Bool {
        switch (plugin, function) {
        case ("toxic", _), ("shop", _), ("process", "pause"): false
        case ("clock", _): manner == "patch"
        case ("resource", _):
            !["cpu", "memory", "descriptors", "disk-full"].contains(function)
        default: true
        }
    }
}

extension CrashFault {
    static let pause = CrashFault("process", ["pause"])
    static let descriptors = CrashFault("resource", ["descriptors"])
    static let partition = CrashFault("partition", ["host"])

    private static let queue = "nfqueue"
    private static let egress = "kernel, egress"
    static let ingress = "kernel, ingress"
    private static let second = "cgroup v2"

    /// A fault as the registry knows it.
    struct Registered: Sendable {
        var plugin: String
        var function: PluginFunction
        var name: String { "\(plugin) \(function.name)" }
    }

    /// Every fault that is compiled in.
    static let registry: [Registered] = bundledPlugins.flatMap { plugin in
        plugin.manifest.functions.filter { $0.kind == .fault }
            .map { Registered(plugin: plugin.manifest.name, function: $0) }
    }

    /// The faults that have no row, and why.
    static let withoutRow: [(name: String, reason: String)] = [
        ("process kill", "one signal; nothing of ours is in effect after it"),
        ("process restart", "one or two signals; nothing of ours is in effect after them"),
        ("process crash-loop", "the runner itself kills, so that the killing ends with it"),
    ]

    /// Each fault that can leave something behind is in a row, or in several.
    static let all: [CrashFault] = {
        var rows: [CrashFault] = []
        for fault in registry where !withoutRow.contains(where: { $0.name == fault.name }) {
            for manner in manners(fault) {
                let row = rows.firstIndex { $0.shares(fault, manner) }
                if let row {
                    rows[row].functions.append(fault.function.name)
                } else {
                    rows.append(CrashFault(fault.plugin, [fault.function.name], manner))
                }
            }
        }
        return rows
    }()

    /// Whether a fault differs from those of a row only in what kernel, proxy or our process are
    /// told; delay, latency and down have rows of their own.
    private func shares(_ fault: Registered, _ manner: String?) -> Bool {
        guard plugin == fault.plugin, self.manner == manner else { return false }
        if plugin == "toxic" {
            let own = ["latency", "down"]
            return !own.contains(function) && !own.contains(fault.function.name)
                && wireProtocol == CrashFault("toxic", [fault.function.name]).wireProtocol
        }
        return manner == Self.second || (plugin == "netem" && function != "delay")
    }

    static let ofLab = all.filter(\.isOfLab)
    static let ofHost = all.filter { !$0.isOfLab }

    /// What a link must speak for it.
    var wireProtocol: SystemDescription.Link.WireProtocol {
        let registered = Self.registry.first { $0.plugin == plugin && $0.function.name == function }
        let bounds = registered?.function.bounds ?? ""
        return bounds.contains("PostgreSQL") ? .postgres : bounds.contains("HTTP") ? .http : .tcp
    }

    /// Those that this machine and user can have.
    static let possible = ofHost.filter(\.isPossible)

    /// One of every kind of undo, for the ordinary test run.
    static let representative: [CrashFault] = possible.filter { fault in
        switch (fault.plugin, fault.function) {
        case ("toxic", _): ["latency", "down"].contains(fault.function)
        case ("partition", _): fault == .partition
        case ("netem", _): fault.function == "delay"
        case ("clock", _): fault.function == "offset"
        case ("resource", _):
            !["failing-fsync", "memory-limit", "process-count"]
                .contains(fault.function)
        default: true
        }
    }

    private static func manners(_ fault: Registered) -> [String?] {
        switch (fault.plugin, fault.function.name) {
        case ("clock", _): ["patch", "preload"]
        // A process cannot limit a rate or form slots.
        case ("netem", "rate"), ("netem", "slot"): [egress]
        case ("netem", "delay"): [queue, egress, ingress]
        case ("netem", _): [queue, egress]
        // Whichever version the host has, the lab has the second.
        case ("resource", "cpu-quota"), ("resource", "memory-limit"),
            ("resource", "process-count"):
            [nil, second]
        default: [nil]
        }
    }

    private var isPossible: Bool {
        switch (plugin, function) {
        case ("partition", _), ("netem", _): UserAccount.isRoot
        case ("process", "freeze"): UserAccount.isRoot && ControlGroup.mount != nil
        case ("resource", "disk-full"): UserAccount.isRoot
        case ("resource", _) where diesWithPipe: FlushTraceProcess.isPossible
        case ("resource", _):
            limited.map { UserAccount.isRoot && LimitGroup.Hierarchy.of($0) != nil } ?? true
        default: true
        }
    }

    /// What a control group of ours limits; `nil`: it needs none.
    var limited: LimitGroup.Resource? {
        switch function {
        case "cpu-quota": .processor
        case "memory-limit": .memory
        case "process-count": .processes
        default: nil
        }
    }
}
