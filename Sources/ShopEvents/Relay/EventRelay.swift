import EventLoop
import JSON
import Postgres
package import ShopBroker
package import ShopCore
import Telemetry

/// Carries one outbox to the broker, at least once, as long as it holds the outbox's lease.
package final class EventRelay: ShopService {
    /// The most events in one publication.
    static let batchMax = 1000
    /// How old a renewal of the lease may become.
    static let renewalAge: Int64 = 1_000_000_000
    /// How long after a renewal was begun the lease is ours.
    static let leaseNanoseconds: Int64 = 3_000_000_000

    private let context: ServiceContext
    private let broker: any Broker
    /// The topic, and the name under which all relays of this outbox publish.
    private let topic: String
    private let work: LongWork
    private let published: Counter
    private let failures: Counter

    package init(_ context: ServiceContext, broker: any Broker, topic: String) {
        self.context = context
        self.broker = broker
        self.topic = topic
        work = LongWork(on: context.loop)
        published = context.metrics.counter(
            "relay_events_total",
            help: "Events that the broker has taken.",
            [("topic", topic)]
        )
        failures = context.metrics.counter(
            "relay_failures_total",
            help: "Rounds that failed and were begun again.",
            [("topic", topic)]
        )
    }

    /// Starts the relay of a role on the current loop.
    package static func start(
        _ configuration: ShopServiceConfiguration
    ) async throws -> RunningService {
        try await RunningService.start(configuration) { context in
            let broker = try BrokerAddress.broker(
                at: configuration.broker,
                connectionsMax: 1,
                mutants: configuration.mutants
            )
            let topic = configuration.role.databases.first?.rawValue ?? ""
            return EventRelay(context, broker: broker, topic: topic)
        }
    }

    package var routes: [Route] { [] }

    package func begin() async {
        work.begin { [self] in try await run() }
    }

    package func drain(grace: Duration) async {
        await work.stop(grace: grace)
        await broker.close()
    }
}

extension EventRelay {
    /// What a round knows of the lease.
    private struct Tenure {
        /// New for each life, and after each refusal by the broker.
        var incarnation = UUIDText.random()
        var token: Int64?
        /// Monotonic nanoseconds at which the last renewal was begun.
        var renewedAt: Int64 = 0
        /// What is published and not deleted yet.
        var done: [Int64] = []
    }

    private func run() async throws {
        var tenure = Tenure()
        var pace = RelayPace()
        var failuresInRow = 0
        while !work.isStopping {
            do {
                let count = try await round(&tenure)
                failuresInRow = 0
                try await context.loop.sleep(for: pace.rest(after: count, of: Self.batchMax))
            } catch is CancellationError {
                break
            } catch {
                failuresInRow += 1
                failures.add()
                note(error, &tenure)
                let delay = Backoff().delay(afterFailures: failuresInRow)
                try await context.loop.sleep(for: delay)
            }
        }
        await leave(tenure)
    }

    /// One look: publishes what is there; returns how many events there were.
    private func round(_ tenure: inout Tenure) async throws -> Int {
        guard let token = try await hold(&tenure) else { return 0 }
        let events = try await next(after: tenure.done)
        if !context.has(.outboxByNumber) { tenure.done = [] }
        guard !events.isEmpty else { return 0 }
        if context.has(.deletedBeforePublished) {
            try await query(OutboxStatements.delete, [.ints(events.map(\.sequence))])
        }
        try await publish(events.map(\.message), by: BrokerPublisher(name: topic, token: token))
        tenure.done = events.map(\.sequence)
        published.add(events.count)
        return events.count
    }

    /// Publishes; each message that belongs to a trace as a step of it.
    private func publish(_ messages: [BrokerMessage], by publisher: BrokerPublisher) async throws {
        var messages = messages
        let spans = context.tracer.sending(&messages, to: topic, of: broker.system)
        do {
            try await broker.publish(messages, to: topic, by: publisher)
            context.tracer.end(spans)
        } catch {
            context.tracer.end(spans, error)
            throw error
        }
    }

    /// The token while the lease is ours; `nil` when another relay has it.
    private func hold(_ tenure: inout Tenure) async throws -> Int64? {
        let now = Loop.monotonicNanoseconds()
        if let token = tenure.token, now - tenure.renewedAt < Self.renewalAge { return token }
        let rows = try await query(
            OutboxStatements.claim,
            [.string(context.configuration.name), .string(tenure.incarnation)]
        )
        let token = try rows.first?.int("token")
        if let token, token != tenure.token {
            context.logger.info("holds the outbox", ["token": .integer(token)])
        }
        if token == nil { tenure.done = [] }
        tenure.token = token
        tenure.renewedAt = now
        return token
    }

    private func next(
        after done: [Int64]
    ) async throws -> [(sequence: Int64, message: BrokerMessage)] {
        let rows = try await query(
            OutboxStatements.next(for: context),
            [.ints(done), .int(Int64(Self.batchMax))]
        )
        return try rows.map { row throws in
            (
                try row.int("sequence"),
                BrokerMessage(
                    id: row.text(at: 1) ?? "",
                    key: row.text(at: 2) ?? "",
                    type: row.text(at: 3) ?? "",
                    version: try row.int("version"),
                    payload: row.text(at: 5) ?? "",
                    trace: row.text(at: 6)
                )
            )
        }
    }

    private func note(_ error: any Error, _ tenure: inout Tenure) {
        // What was read is read again; what was published is known by its numbers.
        guard (error as? BrokerError) == .fenced else {
            context.logger.debug("a round failed: \(error)")
            return
        }
        context.logger.warning(
            "another relay has taken over; nothing was published",
            ["token": tenure.token.map { .integer($0) } ?? .null]
        )
        tenure.token = nil
        tenure.done = []
        tenure.incarnation = UUIDText.random()
    }

    private func leave(_ tenure: Tenure) async {
        guard tenure.token != nil else { return }
        do {
            if !tenure.done.isEmpty {
                try await query(OutboxStatements.delete, [.ints(tenure.done)])
            }
            try await query(OutboxStatements.giveBack, [.string(tenure.incarnation)])
        } catch {
            context.logger.debug("the lease was not given back and ends by itself: \(error)")
        }
    }

    @discardableResult
    private func query(_ sql: String, _ parameters: [PostgresValue?]) async throws -> PostgresRows {
        try await context.pool.query(sql, parameters, timeout: ServiceContext.databasePatience)
    }
}
