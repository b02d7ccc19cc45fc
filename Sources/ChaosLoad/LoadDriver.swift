import ChaosJournal
import ChaosModel
import EventLoop
import HTTP
import Synchronization

/// Lets arrivals come when they are due, and reports how they end.
///
/// `@unchecked Sendable` because it is confined to the generator's own loop; only `tallies` is read
/// from elsewhere, and it is a mutex.
final class LoadDriver: @unchecked Sendable {
    private let loop: Loop
    private let scenario: any Scenario
    private let operations: [String]
    private let client: HTTPClient
    private let settings: Settings
    private let tallies: TallyBox
    private let sink: LoadGenerator.Sink
    private var schedule: ArrivalSchedule
    private var start: Int64 = 0
    private var next: Int64 = 0
    private var number = 0
    private var isArriving = false
    private var tasks: [Int: Task<Void, any Error>] = [:]
    private var onIdle: [CheckedContinuation<Void, Never>] = []

    /// What does not change during a run.
    struct Settings {
        var seed: UInt64
        /// Nanoseconds after which a client gives up.
        var timeout: Int64
        /// More arrivals than this at a time are not begun.
        var inFlightMax: Int
        /// Begins every idempotency key; differs from run to run.
        var keyPrefix: String
    }

    /// Arrivals that are begun before the loop looks after other things again.
    private static let burstMax = 256

    init(
        loop: Loop,
        scenario: any Scenario,
        schedule: ArrivalSchedule,
        settings: Settings,
        tallies: TallyBox,
        sink: @escaping LoadGenerator.Sink
    ) {
        self.loop = loop
        self.scenario = scenario
        operations = type(of: scenario).operations
        self.schedule = schedule
        self.settings = settings
        self.tallies = tallies
        self.sink = sink
        // Every operation in flight may need a connection of its own: waiting for one would be the
        // generator's fault and would be counted as the system's.
        client = HTTPClient(maxConnectionsPerHost: settings.inFlightMax, loop: loop)
    }

    // MARK: - Arrivals

    func begin() {
        isArriving = true
        start = Loop.monotonicNanoseconds()
        next = start + schedule.next()
        arrive()
        reportSeconds()
    }

    func stopArrivals() { isArriving = false }

    /// Begins everything that is due, then waits for the next.
    private func arrive() {
        guard isArriving else { return }
        var begun = 0
        var now = Loop.monotonicNanoseconds()
        while next <= now, begun < Self.burstMax {
            launch(planned: next, now: now)
            next = start + schedule.next()
            begun += 1
            now = Loop.monotonicNanoseconds()
        }
        loop.after(.nanoseconds(max(0, next - now))) { [weak self] in self?.arrive() }
    }

    private func launch(planned: Int64, now: Int64) {
        number += 1
        let arrival = Arrival(
            number: number,
            planned: planned,
            deadline: planned + settings.timeout,
            key: key(number),
            random: Xoshiro256(seed: settings.seed, stream: 1 + UInt64(number))
        )
        let operations = self.operations + scenario.extras(of: arrival)
        let phase = tallies.state.withLock {
            $0.begin(operations, planned: planned, lag: now - planned)
        }
        let ends = OperationEnds(driver: self, number, key(number), phase, planned, operations)
        for operation in operations { ends.emit(.invoke, operation) }
        guard tasks.count < settings.inFlightMax else {
            tallies.state.withLock { $0.countSaturated() }
            ends.endAll(.fail, "generator saturated", isBegun: false)
            return
        }
        // Owned by `tasks` until it ends; `drain` cancels what is left.
        tasks[number] = loop.spawn { [self] in
            await scenario.run(arrival, client) { ends.end($0) }
            ends.endAll(.info, "the scenario did not say how it ended", isBegun: true)
            ended(arrival.number)
        }
    }

    private func key(_ number: Int) -> String { "\(settings.keyPrefix)-\(number)" }

    private func ended(_ number: Int) {
        tasks[number] = nil
        if tasks.isEmpty { resumeWaiters() }
    }

    // MARK: - Ends

    /// Counts an end and writes it to the history.
    func count(_ end: OperationEnd, of ends: OperationEnds, isBegun: Bool) {
        let latency = isBegun ? Loop.monotonicNanoseconds() - (end.began ?? ends.planned) : nil
        tallies.state.withLock {
            $0.end(
                end.operation,
                end.kind,
                phase: ends.phase,
                planned: ends.planned,
                latency: latency
            )
        }
        ends.emit(ClientOperation.Kind(end.kind), end.operation, end, latency)
    }

    func emit(_ operation: ClientOperation) { sink(.operation(operation)) }

    /// Reports the seconds that are complete, once a second.
    private func reportSeconds() {
        emitSeconds(evenPending: false)
        guard isArriving || !tasks.isEmpty else { return }
        loop.after(.seconds(1)) { [weak self] in self?.reportSeconds() }
    }

    private func emitSeconds(evenPending: Bool) {
        let now = Loop.monotonicNanoseconds()
        let seconds = tallies.state.withLock {
            $0.takeSeconds(before: now, evenPending: evenPending)
        }
        for second in seconds { sink(.load(second)) }
    }

    // MARK: - The end

    /// Waits for what is in flight, cuts what takes longer, reports what was not reported yet.
    func drain(within limit: Duration) async {
        isArriving = false
        await idle(within: limit)
        for task in tasks.values { task.cancel() }
        // A cancelled client ends at its next step; the limit is against a fault of ours only.
        await idle(within: .seconds(2))
        emitSeconds(evenPending: true)
        client.close()
    }

    private func idle(within limit: Duration) async {
        guard !tasks.isEmpty else { return }
        let timer = loop.after(limit) { [self] in resumeWaiters() }
        await withCheckedContinuation { onIdle.append($0) }
        loop.cancel(timer)
    }

    private func resumeWaiters() {
        let waiters = onIdle
        onIdle = []
        for waiter in waiters { waiter.resume() }
    }
}

/// The tallies, shared between the driver's loop and whoever asks for figures.
final class TallyBox: Sendable {
    let state: Mutex<LoadTallies>

    init(runStart: Int64) {
        state = Mutex(LoadTallies(runStart: runStart))
    }
}

extension ClientOperation.Kind {
    init(_ kind: OperationEnd.Kind) {
        switch kind {
        case .ok: self = .ok
        case .fail: self = .fail
        case .info: self = .info
        }
    }
}
