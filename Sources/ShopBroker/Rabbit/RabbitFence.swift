import EventLoop
import RabbitMQ
import ShopCore

/// What keeps a publisher with an older token out.
///
/// Each token publishes through an exchange of its own, its door. Who comes with a newer token
/// deletes the older doors before it begins: from then on RabbitMQ itself refuses the older ones,
/// however late they wake up. A queue remembers the newest token; an exclusive queue is the lock
/// under which tokens change, which goes with its holder's connection.
struct RabbitFence {
    let topology: RabbitTopology
    let topic: String
    let publisher: BrokerPublisher

    /// How long another publisher's change is waited for.
    static let lockPatience: Duration = .seconds(8)
    /// Longer than crashes in the middle of a change can make the queue.
    private static let tokensMax = 100

    /// Opens the publisher's door and removes the older ones.
    ///
    /// Throws `BrokerError.fenced` when a newer token was here.
    func open(on connection: RabbitConnection) async throws {
        try await lock(connection)
        do {
            try await change(connection)
        } catch {
            try? await unlock(connection)
            throw error
        }
        try await unlock(connection)
    }

    private func change(_ connection: RabbitConnection) async throws {
        let channel = try await connection.openPublisher()
        do {
            try await change(connection, channel)
        } catch {
            // The tokens that were taken go back with the channel.
            try? await connection.closeChannel(channel)
            throw error
        }
        try await connection.closeChannel(channel)
    }

    private func change(_ connection: RabbitConnection, _ channel: UInt16) async throws {
        let fence = topology.fence(topic, publisher)
        let door = topology.door(topic, publisher)
        try await connection.withChannel { declare throws(RabbitError) in
            try declare.quorumQueue(fence)
        }
        let found = try await connection.take(
            atMost: Self.tokensMax,
            from: fence,
            on: channel
        )
        let tokens = found.compactMap { Int64($0.message.body) }
        guard tokens.allSatisfy({ $0 <= publisher.token }) else { throw BrokerError.fenced }
        try await connection.withChannel { declare throws(RabbitError) in
            try declare.exchange(door, kind: "fanout")
            try declare.bind(exchange: topology.exchange(topic), to: door)
        }
        // The newest token is kept before the older ones are forgotten.
        let token = RabbitMessage(id: UUIDText.random(), body: "\(publisher.token)")
        try await connection.publish(
            [(fence, token)],
            to: "",
            on: channel,
            within: RabbitBroker.patience
        )
        try await connection.withChannel { declare throws(RabbitError) in
            for token in Set(tokens) where token < publisher.token {
                try declare.deleteExchange(topology.door(topic, publisher, token: token))
            }
        }
        if let last = found.last { try await connection.acknowledge(upTo: last.tag, on: channel) }
    }

    private func lock(_ connection: RabbitConnection) async throws {
        let name = topology.lock(topic, publisher)
        let end = Loop.monotonicNanoseconds() + Self.lockPatience.nanosecondsClamped
        var failures = 0
        while true {
            do {
                return try await connection.withChannel { channel throws(RabbitError) in
                    try channel.exclusiveQueue(name)
                }
            } catch {
                guard error.code == .locked else { throw error }
                guard Loop.monotonicNanoseconds() < end else {
                    throw BrokerError.refused("another publisher is changing the token")
                }
            }
            failures += 1
            let rest = Backoff(cap: .milliseconds(500)).delay(afterFailures: failures)
            try await Loop.current?.sleep(for: rest)
        }
    }

    private func unlock(_ connection: RabbitConnection) async throws {
        try await connection.withChannel { channel throws(RabbitError) in
            try channel.deleteQueue(topology.lock(topic, publisher))
        }
    }
}
