import ChaosPluginAPI
import EventLoop
import JSON
import LinuxSystem
import Netlink

/// One function of the plugin.
///
/// ```
/// prepare: what stands there? ─▶ record ─▶ inject: prio or ifb, netem, filters ─▶ confirm: its
/// counters
///     revert: neutral, no filters ─▶ held packets leave (at most 0.6 s) ─▶ remove ─▶
/// confirmReverted
/// ```
///
/// Without netem in the kernel a process of ours does the same; see `QueuedPackets`.
struct NetemFault: Fault {
    let function: String
    /// What a hit is.
    let unit: String

    /// How long held packets get to leave before their discipline is removed; what is held then is
    /// lost.
    ///
    /// An undo has 1.2 s in all.
    static let drainMax = Duration.milliseconds(600)
    private static let drainPoll = Duration.milliseconds(5)

    func prepare(_ context: StepContext) async throws -> UndoRecord {
        let backend = try Backend.choose(context.arguments, seed: context.seed)
        let aim = try Aim(context, backend)
        let site = try Site.find(aim.interface, in: aim.namespace)
        var record = FaultRecord(
            site: SiteRecord(site),
            mark: Mark.new(),
            directions: aim.directions,
            before: try KernelState.read(site)
        )
        switch backend {
        case .netem:
            for path in record.paths(site) { try path.checkFree() }
            try NetemSupport.check(record.directions)
        case .nfqueue: record.tables = try QueuedPackets.tables(record, run: context.runID)
        }
        return record.undo(function: function, target: aim.name)
    }

    func inject(_ context: StepContext, _ undo: UndoRecord) async throws {
        var netem = try Impairment(context.arguments, seed: context.seed).netem
        let record = try FaultRecord(undo)
        guard let site = try Site.find(undo) else { throw vanished(undo) }
        guard record.tables.isEmpty else {
            let selection = try Aim(context, .nfqueue).selection
            return try await QueuedPackets(record, site).start(netem, selection)
        }
        netem.tag = record.mark.tag
        let selection = try Aim(context, .netem).selection
        for path in record.paths(site) { try path.install(netem, selection) }
    }

    func confirm(_ context: StepContext, _ undo: UndoRecord) async throws -> Effect {
        let record = try FaultRecord(undo)
        guard let site = try Site.find(undo) else { throw vanished(undo) }
        let netem = try Impairment(context.arguments, seed: context.seed).netem
        guard record.tables.isEmpty else {
            return try await QueuedPackets(record, site).effect(netem, unit: unit)
        }
        var counts: [QdiscStatistics] = []
        for path in record.paths(site) {
            guard let discipline = try path.discipline() else { throw vanished(undo) }
            counts.append(discipline.statistics)
        }
        return NetemEffect(netem: netem, counts: counts).effect(unit: unit)
    }

    func revert(_ undo: UndoRecord) async throws {
        let record = try FaultRecord(undo)
        guard let site = try Site.find(undo) else { return }
        guard record.tables.isEmpty else { return try await QueuedPackets(record, site).end() }
        let paths = record.paths(site)
        for path in paths { try path.neutralise() }
        try await drain(paths)
        for path in paths { try path.remove() }
    }

    func confirmReverted(_ undo: UndoRecord) async throws {
        let record = try FaultRecord(undo)
        guard let site = try Site.find(undo) else { return }
        try QueuedPackets(record, site).confirmEnded()
        for path in record.paths(site) where record.tables.isEmpty {
            guard try path.discipline() == nil else {
                throw NetemError(
                    "the netem discipline is still there — \(undo.target). Remove it: chaos"
                        + " recover."
                )
            }
        }
        guard let before = record.before else { return }
        let now = try KernelState.read(site)
        guard now != before else { return }
        let differences =
            before.lines.filter { !now.lines.contains($0) }.map { "- \($0)" }
            + now.lines.filter { !before.lines.contains($0) }.map { "+ \($0)" }
        throw NetemError(
            "the disciplines are not as they were — \(undo.target): "
                + differences.joined(separator: "; ")
                + ". If somebody else changed them meanwhile, nothing of ours is left; else look"
                + " with tc qdisc and tc filter."
        )
    }
}

extension NetemFault {
    /// Waits until no packet is held any more, or the time for that is over.
    private func drain(_ paths: [any Path]) async throws {
        guard let loop = Loop.current else { preconditionFailure("an undo runs on a loop") }
        let end = Loop.monotonicNanoseconds() + Self.drainMax.nanosecondsClamped
        while try paths.contains(where: { try $0.discipline()?.statistics.held ?? 0 > 0 }) {
            guard Loop.monotonicNanoseconds() < end else { return }
            try await loop.sleep(for: Self.drainPoll)
        }
    }

    private func vanished(_ undo: UndoRecord) -> NetemError {
        NetemError(
            "the discipline, its interface or its namespace is gone — \(undo.target). Someone"
                + " removed it while the fault was in effect; run again undisturbed."
        )
    }
}
