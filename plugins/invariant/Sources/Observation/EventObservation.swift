extension Observation {
    /// What was seen of the way of events, from the outboxes over the broker to their effects.
    ///
    /// Consumers are read first, then the sources with their outboxes, then the log: an event that
    /// is in no outbox must be in the log, and an effect must have its cause, at every moment.
    struct Events: Sendable {
        /// What lies in the outboxes.
        var pending: [Pending] = []
        /// What the broker keeps; `nil` when it keeps nothing that can be read.
        var log: Log?
        var views: [View] = []
        /// How often the read model noted an event of an order.
        var moments: [Moment] = []
        var totals: [Total] = []
        var dashboard: [Tally] = []
        var notifications: [Notification] = []
        var deadLetters: [DeadLetter] = []
        var positions: [Position] = []
    }
}

extension Observation.Events {
    /// Where the read model stands, by name.
    static let projector = "projector"

    /// An event in its outbox.
    struct Pending: Sendable, Hashable {
        var topic: String
        var order: String
        var type: String
        var at: String
    }

    /// The broker's log.
    struct Log: Sendable {
        var partitions: [Partition] = []
        var trails: [Trail] = []
        var tenures: [Tenure] = []
    }

    struct Partition: Sendable, Hashable {
        var topic: String
        var number: Int64
        /// The offset that the next event will have.
        var end: Int64
        var count: Int64
        /// The least and the greatest offset; `nil` while it is empty.
        var first: Int64?
        var last: Int64?

        var name: String { "\(topic)/\(number)" }
    }

    /// The events of one order in one topic, each where it came first.
    struct Trail: Sendable, Hashable {
        var topic: String
        var order: String
        /// In the order of their offsets.
        var types: [String]
        /// The partitions in which they are.
        var partitions: [Int64]
        /// How often an event came again.
        var repeats: Int64
    }

    /// A stretch of a partition that one holder of the outbox's lease wrote.
    struct Tenure: Sendable, Hashable {
        var topic: String
        var partition: Int64
        var token: Int64
        /// The offset at which it begins, and the event there.
        var first: Int64
        var order: String
        var at: String
    }

    /// An order in the read model.
    struct View: Sendable, Hashable {
        var order: String
        var customer: String
        var sku: String
        var quantity: Int64
        var cents: Int64
        var state: String
        var version: Int64
        var reason: String?
    }

    struct Moment: Sendable, Hashable {
        var order: String
        var type: String
        var count: Int64
    }

    struct Total: Sendable, Hashable {
        var customer: String
        var placed: Int64 = 0
        var confirmed: Int64 = 0
        var cancelled: Int64 = 0
        var spentCents: Int64 = 0
    }

    struct Tally: Sendable, Hashable {
        var type: String
        var events: Int64
    }

    struct Notification: Sendable, Hashable {
        var order: String
        var outcome: String
        var at: String
    }

    /// An event that a consumer could not handle.
    struct DeadLetter: Sendable, Hashable {
        var consumer: String
        var order: String
        var type: String
        var tries: Int64
        var reason: String
        var isReplayed: Bool
    }

    /// Where a consumer's database is in a partition.
    struct Position: Sendable, Hashable {
        var consumer: String
        var topic: String
        var partition: Int64
        /// The offset that it handles next.
        var next: Int64
    }
}
