import EventLoop
import JSON
package import ShopBroker
package import ShopCore
import Telemetry

/// Reads a group's lanes and has each event's effect once.
///
/// ```
/// batch ─▶ BEGIN · offsets, inbox · effect · COMMIT ─▶ acknowledge
///   │ the effect fails for good: event by event, with a few tries each, then the dead letters
///   │ the database is away: the same batch again, for as long as it takes
///   └ the lanes are another's: forget the batch, look where the group is
/// ```
package final class EventConsumer: Sendable {
    /// The most events in one transaction.
    static let batchMax = 1000
    /// How often an event is tried that fails by itself.
    package static let triesMax = 5
    /// The rests between those tries: short, for the lane waits.
    static let triesBackoff = ShopCore.Backoff(base: .milliseconds(20), cap: .milliseconds(300))

    let context: ServiceContext
    private let broker: any Broker
    private let handler: any EventHandler
    let ledger: ConsumerLedger
    private let work: LongWork
    /// Called after each round; whether there was nothing more to be had.
    private let onRound: @Sendable (_ count: Int, _ isAll: Bool) -> Void
    private let handled: Counter
    private let parked: Counter
    private let retries: Counter

    package init(
        _ context: ServiceContext,
        broker: any Broker,
        handler: any EventHandler,
        onRound: @escaping @Sendable (_ count: Int, _ isAll: Bool) -> Void = { _, _ in }
    ) {
        self.context = context
        self.broker = broker
        self.handler = handler
        self.onRound = onRound
        work = LongWork(on: context.loop)
        ledger = ConsumerLedger(context, handler)
        handled = context.metrics.counter("consumer_events_total", help: "Events handled.")
        parked = context.metrics.counter("consumer_parked_total", help: "Dead letters written.")
        retries = context.metrics.counter(
            "consumer_retries_total",
            help: "Batches that had no effect and come again."
        )
    }

    package func begin() {
        work.begin { [self] in try await run() }
    }

    /// Finishes the batch that is being handled, within bounds, and leaves the group.
    package func stop(grace: Duration) async {
        await work.stop(grace: grace)
        await broker.close()
    }
}

extension EventConsumer {
    private func run() async throws {
        let request = BrokerSubscriptionRequest(
            consumer: handler.consumer,
            member: "\(context.configuration.name)/\(UUIDText.random())",
            topics: handler.topics,
            positions: { [ledger] in try await ledger.positions(of: $0) },
            claims: { [ledger] in try await ledger.claims(of: $0) }
        )
        var failures = 0
        while !work.isStopping {
            do {
                let subscription = try await broker.subscribe(request)
                failures = 0
                await consume(subscription)
                await subscription.close()
            } catch {
                failures += 1
                context.logger.debug("the broker does not answer: \(error)")
                try await context.loop.sleep(for: Backoff().delay(afterFailures: failures))
            }
        }
    }

    /// Handles batches until the consumer stops.
    private func consume(_ subscription: any BrokerSubscription) async {
        var failures = 0
        while !work.isStopping, !Task.isCancelled {
            do {
                let batch = try await subscription.next(
                    atMost: Self.batchMax,
                    within: .milliseconds(500)
                )
                try await handle(batch, subscription)
                failures = 0
                onRound(batch.deliveries.count, batch.isAll)
            } catch {
                failures += 1
                retries.add()
                context.logger.debug("a batch comes again: \(error)")
                await ledger.forget()
                await subscription.rewind()
                try? await context.loop.sleep(for: Backoff().delay(afterFailures: failures))
            }
        }
    }

    /// Has a batch's effect and acknowledges it; when it had none, throws and acknowledges nothing.
    func handle(
        _ batch: BrokerBatch,
        _ subscription: any BrokerSubscription
    ) async throws {
        guard !batch.deliveries.isEmpty else { return }
        let positions = try await ledger.positions(of: batch)
        for extent in batch.extents {
            guard let position = positions[extent.lane.place], position < extent.first else {
                continue
            }
            // The group's note is ahead of what this database has: go back to it.
            await subscription.rewind()
            await subscription.seek(extent.lane.place, to: position)
            return
        }
        let spans = processing(batch)
        do {
            try await ledger.apply(batch)
            context.tracer.end(spans)
        } catch  where ConsumerLedger.isPermanent(error) && !context.has(.poisonInPlace) {
            for delivery in batch.deliveries {
                let trace = delivery.message.trace.flatMap { TraceContext(stored: $0) }
                try await TraceContext.task.withValue(trace) { try await handleAlone(delivery) }
            }
        }
        handled.add(batch.deliveries.count)
        try await subscription.acknowledge(batch)
    }

    private func processing(_ batch: BrokerBatch) -> [Span] {
        context.tracer.processing(batch, by: handler.consumer, of: broker.system)
    }

    /// Tries one event a few times and parks it then.
    private func handleAlone(_ delivery: BrokerDelivery) async throws {
        let batch = BrokerBatch([delivery])
        var tries = 0
        while true {
            let spans = processing(batch)
            do {
                try await ledger.apply(batch)
                context.tracer.end(spans)
                return
            } catch  where ConsumerLedger.isPermanent(error) {
                context.tracer.end(spans, error)
                tries += 1
                guard tries < Self.triesMax else {
                    try await ledger.park(delivery, tries: tries, reason: "\(error)")
                    parked.add()
                    context.logger.error(
                        "an event was parked: \(error)",
                        [
                            "event": .string(delivery.message.id),
                            "key": .string(delivery.message.key),
                        ]
                    )
                    return
                }
                try await context.loop.sleep(for: Self.triesBackoff.delay(afterFailures: tries))
            }
        }
    }
}
