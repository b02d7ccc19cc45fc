import ShopCore

/// What a relay holds: the lanes and the claims; a value.
struct RelayState: Sendable {
    /// The most commands in memory; further ones stay in the outbox until there is room.
    static let heldMax = 20_000
    /// A claim is renewed when it is older than this: half of the lease.
    static let renewalAge: Int64 = 2_500_000_000

    /// A claimed command in memory, wherever it is: queued, on its way, or waiting for its next
    /// try.
    struct Claim: Sendable, Equatable {
        var attempts: Int
        /// Monotonic nanoseconds.
        var leasedAt: Int64
    }

    var inventory = Lane(limit: 16)
    var payments = Lane(limit: 64)
    private(set) var claims: [Int64: Claim] = [:]
    var isStopping = false
    /// Whether new orders are welcome.
    var shedder = LoadShedder()

    /// Changes the lane of a type of command in place: a copy of its queue would cost too much.
    mutating func withLane<T>(of type: SagaCommand, _ body: (inout Lane) -> T) -> T {
        type.isForPayments ? body(&payments) : body(&inventory)
    }

    var running: Int { inventory.running + payments.running }
    var room: Int { max(0, Self.heldMax - claims.count) }

    /// Takes a claimed command unless it is held already, or there is no room, or work ends.
    mutating func take(_ command: OutboxCommand, now: Int64) {
        guard !isStopping, claims[command.sequence] == nil, room > 0 else { return }
        claims[command.sequence] = Claim(attempts: command.attempts, leasedAt: now)
        withLane(of: command.type) { $0.add(command) }
    }

    /// Queues a held command for its next try.
    mutating func again(_ command: OutboxCommand) {
        guard claims[command.sequence] != nil else { return }
        withLane(of: command.type) { $0.add(command) }
    }

    /// Remembers how many deliveries were begun.
    mutating func note(_ command: OutboxCommand) {
        claims[command.sequence]?.attempts = command.attempts
    }

    /// The command needs no further delivery by this process.
    mutating func drop(_ command: OutboxCommand) {
        drop(command.sequence)
    }

    mutating func drop(_ sequence: Int64) {
        claims[sequence] = nil
    }

    /// The next commands that may be delivered now.
    mutating func start() -> [OutboxCommand] {
        var started: [OutboxCommand] = []
        guard !isStopping else { return started }
        while let command = inventory.start() { started.append(command) }
        while let command = payments.start() { started.append(command) }
        return started
    }

    /// The claims that must be renewed, marked as renewed now.
    mutating func renewals(now: Int64) -> [(sequence: Int64, attempts: Int)] {
        var due: [(sequence: Int64, attempts: Int)] = []
        for (sequence, claim) in claims where now - claim.leasedAt >= Self.renewalAge {
            due.append((sequence, claim.attempts))
            claims[sequence]?.leasedAt = now
        }
        return due
    }
}
