import EventLoop
import JSON
import Postgres
import ShopCore
import Synchronization
import Telemetry

/// Carries the outbox to the other services, at least once, and the saga on with each answer.
///
/// ```
/// commit ─take─▶ lane ─▶ delivery ─certain answer─▶ advance (one transaction) ─▶ next command
///                 ▲          └─uncertain─▶ backoff with full jitter ─┐
///                 └──────────────────────────────────────────────────┘
/// every 250 ms: claim what nobody delivers (a crashed process's, when their lease is over)
/// ```
/// A held command costs nothing in the database until its answer: only its lease is renewed, for
/// all commands at once. Never cancels on an uncertain answer.
final class Relay: Sendable {
    static let pollPeriod: Duration = .milliseconds(250)
    static let claimMax = 500
    /// An order whose stock could not even be asked for in this time is given up; never later.
    static let reserveDeadline: Duration = .seconds(300)

    private let context: ServiceContext
    private let store: OrderStore
    private let delivery: Delivery
    private let endings: Endings
    private let backoff = Backoff()
    private let state = Mutex(RelayState())
    private let poller = Mutex<Task<Void, any Error>?>(nil)
    private let idle = Wakeups.Ticket()
    private let metrics: RelayMetrics

    init(context: ServiceContext, store: OrderStore, delivery: Delivery, endings: Endings) {
        self.context = context
        self.store = store
        self.delivery = delivery
        self.endings = endings
        metrics = RelayMetrics(context.metrics)
    }

    /// Begins to claim commands that nobody delivers; its task is owned by the relay until `stop`.
    func begin() {
        let task = context.loop.spawn { [self] in
            while !Task.isCancelled {
                await poll()
                try await context.loop.sleep(for: Self.pollPeriod)
            }
        }
        poller.withLock { $0 = task }
    }

    /// Takes a command that this process has just written, and delivers it at once.
    func take(_ command: OutboxCommand) {
        let now = Loop.monotonicNanoseconds()
        state.withLock { $0.take(command, now: now) }
        pump()
    }

    /// Lets running deliveries end, within bounds, and gives all other commands back.
    func stop(grace: Duration) async {
        let isBusy = state.withLock { state in
            state.isStopping = true
            return state.running > 0
        }
        poller.withLock { $0 }?.cancel()
        if isBusy { await idle.wait(atMost: grace) }
        let claims = state.withLock { $0.claims }
        do {
            let held = claims.map { (sequence: $0.key, attempts: $0.value.attempts) }
            try await store.giveBack(held)
        } catch {
            context.logger.warning("commands were not given back; their leases end by themselves")
        }
    }

    /// How long a new order should stay away; `nil` when it is welcome.
    var refusal: Duration? {
        guard !context.has(.withoutLoadShedding) else { return nil }
        let now = Loop.monotonicNanoseconds()
        return state.withLock { $0.shedder.refusal(held: $0.claims.count, now: now) }
    }

    private func poll() async {
        let now = Loop.monotonicNanoseconds()
        let (room, renewals) = state.withLock { ($0.room, $0.renewals(now: now)) }
        do {
            let ended = try await store.renew(renewals)
            state.withLock { state in
                for sequence in ended { state.drop(sequence) }
            }
            guard room > 0, !context.has(.neverReclaims) else { return }
            let claimed = try await store.claim(atMost: min(room, Self.claimMax))
            state.withLock { state in
                for command in claimed { state.take(command, now: now) }
            }
            if !claimed.isEmpty {
                context.logger.info(
                    "claimed commands that nobody delivered",
                    ["count": .integer(Int64(claimed.count))]
                )
            }
            pump()
        } catch {
            context.logger.debug("polling the outbox failed: \(error)")
        }
        metrics.held.set(state.withLock { $0.claims.count })
    }

    private func pump() {
        let started = state.withLock { $0.start() }
        for command in started {
            // Owned by the relay: counted in its lane until it ends, waited for by `stop`.
            _ = context.loop.spawn { [self] in
                await run(command)
                let isLast = state.withLock { state in
                    state.withLane(of: command.type) { $0.finished() }
                    return state.isStopping && state.running == 0
                }
                if isLast { idle.fire() }
                pump()
            }
        }
    }
}

// One delivery.
extension Relay {
    /// Delivers in the order's trace: who began this task may have been busy with another order.
    private func run(_ command: OutboxCommand) async {
        guard command.trace != nil || TraceContext.current != nil else {
            return await deliver(command)
        }
        await TraceContext.task.withValue(command.trace) { await deliver(command) }
    }

    private func deliver(_ command: OutboxCommand) async {
        let now = Loop.monotonicNanoseconds()
        if let wait = delivery.wait(for: command, now: now) {
            // Not an attempt; spread over the time after which a breaker lets a probe through, or
            // the peer's budget has a retry.
            retry(command, in: backoff.delay(afterFailures: 3, atLeast: wait))
            return
        }
        if command.type == .reserve, await age(of: command) > Self.reserveDeadline {
            await settle(command, .expired)
            return
        }
        if context.has(.sentBeforeDelivered) { try? await store.finish(command) }
        guard var span = context.tracer.child("deliver \(command.type)", .internal) else {
            await attempt(command)
            return
        }
        span.set("shop.order.id", .string(command.orderID))
        span.set("messaging.message.id", .string(command.messageID))
        span.set("shop.command.attempt", .integer(Int64(command.attempts)))
        let doubt = await TraceContext.task.withValue(span.context) { await attempt(command) }
        if let doubt { span.fail(doubt, type: "uncertain") }
        context.tracer.end(span)
    }

    /// Returns why it is not certain what the attempt brought; `nil` when it is.
    @discardableResult
    private func attempt(_ command: OutboxCommand) async -> String? {
        switch await delivery.attempt(command) {
        case .event(let event):
            metrics.delivered(command.type, isCertain: true)
            await settle(command, event)
            return nil
        case .uncertain(let reason, let after):
            metrics.delivered(command.type, isCertain: false)
            if isGivenUp(command) {
                await settle(command, .declined)
            } else {
                failed(command, reason, after: after)
            }
            return reason
        }
    }

    /// Two mutants read an uncertain charge as a refused one, sooner or later.
    private func isGivenUp(_ command: OutboxCommand) -> Bool {
        guard command.type == .charge else { return false }
        return context.has(.singleAttempt)
            || context.has(.timeoutIsCancel) && command.attempts >= 3
    }

    private func age(of command: OutboxCommand) async -> Duration {
        guard context.has(.expiryByLocalClock) else { return command.age }
        let placed = try? await store.placed(command)
        return placed.map { .microseconds(Loop.wallMicroseconds() - $0) } ?? command.age
    }

    private func settle(_ command: OutboxCommand, _ event: OrderSaga.Event) async {
        var saga = OrderSaga(state: OrderSaga.state(awaiting: command.type))
        do {
            switch saga.handle(event) {
            case .advance(let to, let next, let reason):
                let follower = try await store.advance(
                    command,
                    to: to,
                    next: next,
                    reason: reason
                )
                let now = Loop.monotonicNanoseconds()
                state.withLock { state in
                    state.drop(command)
                    if to.isFinal { state.shedder.ended(now: now) }
                }
                metrics.reached(to)
                if let follower { take(follower) }
                let isTold = to.isFinal || to == .reserved && context.has(.confirmedTooEarly)
                if isTold { endings.tell(command.orderID) }
            case .alreadyDone:
                try await store.finish(command)
                state.withLock { $0.drop(command) }
            case .keepTrying:
                failed(command, "\(event) decides nothing", after: .zero)
            }
        } catch {
            // Whether the order moved is unknown: the whole command again finds out, harmlessly.
            let isRefused = (error as? PostgresError)?.code == .server
            if isRefused { context.logger.error("the database refused a step: \(error)") }
            failed(command, "noting the answer failed: \(error)", after: .zero)
        }
    }

    private func failed(_ command: OutboxCommand, _ reason: String, after: Duration) {
        let delay: Duration =
            context.has(.retryStorm)
            ? .milliseconds(5) : backoff.delay(afterFailures: command.attempts, atLeast: after)
        let isNotable = command.attempts >= 8 && command.attempts & (command.attempts - 1) == 0
        context.logger.log(
            isNotable ? .warning : .debug,
            "\(command.type) is uncertain: \(reason)",
            [
                "order": .string(command.orderID),
                "attempts": .integer(Int64(command.attempts)),
            ]
        )
        var next = command
        next.attempts += 1
        next.isRetry = !context.has(.retryStorm)
        next.age += delay
        state.withLock { $0.note(next) }
        retry(next, in: delay)
    }

    private func retry(_ command: OutboxCommand, in delay: Duration) {
        context.loop.after(delay) { [self] in
            state.withLock { $0.again(command) }
            pump()
        }
    }
}

/// What the relay counts.
private struct RelayMetrics: Sendable {
    let held: Gauge
    private let certain: [SagaCommand: Counter]
    private let uncertain: [SagaCommand: Counter]
    private let states: [OrderState: Counter]

    init(_ registry: MetricsRegistry) {
        held = registry.gauge("relay_commands_held", help: "Commands claimed and not yet answered.")
        func counters(_ answer: String) -> [SagaCommand: Counter] {
            var counters: [SagaCommand: Counter] = [:]
            for type in SagaCommand.allCases {
                counters[type] = registry.counter(
                    "relay_deliveries_total",
                    help: "Deliveries by command and whether the answer was certain.",
                    [("type", type.rawValue), ("answer", answer)]
                )
            }
            return counters
        }
        certain = counters("certain")
        uncertain = counters("uncertain")
        var states: [OrderState: Counter] = [:]
        for state in OrderState.allCases {
            states[state] = registry.counter(
                "saga_states_total",
                help: "Orders that reached a state.",
                [("state", state.rawValue)]
            )
        }
        self.states = states
    }

    func delivered(_ type: SagaCommand, isCertain: Bool) {
        (isCertain ? certain : uncertain)[type]?.add()
    }

    func reached(_ state: OrderState) { states[state]?.add() }
}
