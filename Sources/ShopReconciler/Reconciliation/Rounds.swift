import EventLoop
import HTTP
import JSON
import ShopCore
import Telemetry

/// Looks at the orders, a page at a time, for as long as the service runs.
///
/// ```
/// round: fresh ── the next page of orders that are old enough
///        due ──── what was on its way or different at the last look
///        sweep ── the next page of all orders, from the first one, once a minute
/// ```
struct Rounds: Sendable {
    /// The most repairs in one round.
    static let repairsMax = 50

    private let context: ServiceContext
    private let store: ConflictStore
    private let pace: ReconcilerPace
    private let reader: StatementReader
    private let repairs: Repairs
    private let looked: Counter
    private let repaired: Counter
    /// With a deliberate bug switched on nothing is mended: what it does is to be seen.
    private let mayRepair: Bool

    init(_ context: ServiceContext, _ store: ConflictStore, _ pace: ReconcilerPace) {
        self.context = context
        self.store = store
        self.pace = pace
        let client = HTTPClient(maxConnectionsPerHost: 4, loop: context.loop)
        reader = StatementReader(context, client: client)
        repairs = Repairs(context, client: client)
        let bugs = Set(Mutant.all.map(\.name))
        mayRepair = !context.configuration.mutants.contains { bugs.contains($0.name) }
        looked = context.metrics.counter(
            "reconciler_orders_total",
            help: "Orders that were compared, each time counted."
        )
        repaired = context.metrics.counter(
            "reconciler_repairs_total",
            help: "Differences that a service was told to mend."
        )
    }

    /// Runs until its task is cancelled.
    func run() async {
        var sweepsAt = Loop.monotonicNanoseconds()
        while !Task.isCancelled {
            var isBehind = false
            do {
                if try await store.holdsLease() {
                    isBehind = try await fresh()
                    try await revisit()
                    if Loop.monotonicNanoseconds() >= sweepsAt, try await sweep() {
                        sweepsAt = Loop.monotonicNanoseconds() + pace.sweep.nanosecondsClamped
                    }
                }
            } catch {
                // What could not be read is not missing: the next round begins anew.
                context.logger.debug("a round ended early: \(error)")
            }
            try? await context.loop.sleep(for: isBehind ? min(pace.busy, pace.idle) : pace.idle)
        }
    }

    /// The next page of orders that are old enough; whether there are more.
    private func fresh() async throws -> Bool {
        let quiet = pace.quiet.nanosecondsClamped / 1_000_000
        let until = UUIDText.first(milliseconds: Loop.wallMicroseconds() / 1000 - quiet)
        let after = try await store.position(.fresh)
        guard after < until else { return false }
        let reading = try await reader.read(after: after, until: until)
        try await examine(reading, lookedAt: reading.window.orders.map(\.id))
        try await store.move(.fresh, to: reading.window.end)
        return reading.window.isFull
    }

    private func revisit() async throws {
        let due = try await store.due(atMost: StatementReader.idsMax)
        guard !due.isEmpty else { return }
        try await examine(try await reader.read(due), lookedAt: due)
    }

    /// The next page of all orders; whether it was the last.
    private func sweep() async throws -> Bool {
        let after = try await store.position(.sweep)
        let until = try await store.position(.fresh)
        guard after < until else {
            try await store.move(.sweep, to: StatementDesk.first)
            return true
        }
        let reading = try await reader.read(after: after, until: until)
        try await examine(reading, lookedAt: reading.window.orders.map(\.id))
        let isLast = !reading.window.isFull
        try await store.move(.sweep, to: isLast ? StatementDesk.first : reading.window.end)
        return isLast
    }

    private func examine(
        _ reading: StatementReader.Reading,
        lookedAt: [String]
    ) async throws {
        let comparison = Comparison(pace: pace, isModelFresh: reading.isModelFresh)
        let orders = reading.window.orders
        let noted = try await store.note(
            orders.flatMap(comparison.findings),
            lookedAt: lookedAt,
            open: orders.filter(comparison.isOpen).map(\.id),
            undecided: comparison.undecided
        )
        looked.add(orders.count)
        guard mayRepair else { return }
        let old = pace.confirmation.nanosecondsClamped / 1_000_000
        let due = noted.filter { $0.finding.rule != nil && $0.ageMilliseconds >= old }
        for entry in due.prefix(Self.repairsMax) {
            guard let order = orders.first(where: { $0.id == entry.finding.order })?.order else {
                continue
            }
            try await repair(entry.finding, order)
        }
    }

    private func repair(_ finding: Finding, _ order: OrderFacts.Order) async throws {
        guard let rule = finding.rule else { return }
        let failure = await repairs.perform(rule, order, id: finding.order)
        try await store.tried(finding, failure: failure)
        if failure == nil { repaired.add() }
        context.logger.log(
            failure == nil ? .info : .warning,
            "\(rule.name): \(failure ?? "done")",
            ["order": .string(finding.order), "kind": .string(finding.kind.rawValue)]
        )
    }
}
