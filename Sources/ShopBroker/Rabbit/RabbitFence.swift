import RabbitMQ
import ShopCore

/// What keeps a publisher with an older token out.
///
/// Each token publishes through an exchange of its own, its door. Who comes with a newer token
/// deletes the older doors before it begins: from then on RabbitMQ itself refuses the older ones,
/// however late they wake up.
///
/// A queue remembers the tokens, and is the lock as well. It has one active reader: whoever reads
/// its own token there is the only one, and has read every older token before it, also those that
/// a holder which died in the middle had in its hands.
struct RabbitFence {
    let topology: RabbitTopology
    let topic: String
    let publisher: BrokerPublisher

    /// How long another publisher's change is waited for.
    static let lockPatience: Duration = .seconds(8)

    /// Opens the publisher's door and removes the older ones.
    ///
    /// Throws `BrokerError.fenced` when a newer token was here.
    func open(on connection: RabbitConnection) async throws {
        let channel = try await connection.openPublisher()
        do {
            try await change(connection, channel)
        } catch {
            try? await connection.closeChannel(channel)
            throw error
        }
        // The tokens that are not acknowledged, the newest, go back with the channel.
        try await connection.closeChannel(channel)
    }

    private func change(_ connection: RabbitConnection, _ channel: UInt16) async throws {
        let fence = topology.fence(topic, publisher.name)
        let door = topology.door(topic, publisher)
        try await connection.withChannel { declare throws(RabbitError) in
            try declare.quorumQueue(fence, arguments: RabbitTopology.fenceArguments)
        }
        let token = RabbitMessage(id: UUIDText.random(), body: "\(publisher.token)")
        try await connection.publish(
            [(fence, token)],
            to: "",
            on: channel,
            within: RabbitBroker.patience
        )
        let found = try await connection.read(
            fence,
            on: channel,
            until: { $0.message.id == token.id },
            within: Self.lockPatience
        )
        guard let ours = found?.last, let former = found?.dropLast() else {
            throw BrokerError.refused("another publisher is changing the token")
        }
        let tokens = former.compactMap { Int64($0.message.body) }
        guard tokens.allSatisfy({ $0 <= publisher.token }) else {
            try await connection.reject(ours.tag, on: channel)
            throw BrokerError.fenced
        }
        try await connection.withChannel { declare throws(RabbitError) in
            try declare.exchange(door, kind: "fanout")
            try declare.bind(exchange: topology.exchange(topic), to: door)
            for token in Set(tokens) where token < publisher.token {
                try declare.deleteExchange(topology.door(topic, publisher, token: token))
            }
        }
        if let last = former.last { try await connection.acknowledge(upTo: last.tag, on: channel) }
    }
}
