extension RabbitConnection {
    /// Closes a channel; what was delivered on it and not settled comes again.
    package func closeChannel(_ channel: UInt16) throws(RabbitError) {
        try attempt { () throws(RabbitError) in
            confirms[channel] = nil
            try handle.closeChannel(channel)
        }
    }

    /// Opens a channel, has the body use it, and closes it; an error closes it too.
    package func withChannel<Value: Sendable>(
        _ body: (borrowing RabbitDeclarations) throws(RabbitError) -> Value
    ) throws(RabbitError) -> Value {
        try attempt { () throws(RabbitError) in
            let channel = try handle.openChannel()
            let result: Value
            do throws(RabbitError) {
                result = try body(RabbitDeclarations(handle: handle, channel: channel))
            } catch {
                if error.code != .connection { handle.answerClose(channel) }
                throw error
            }
            try handle.closeChannel(channel)
            return result
        }
    }
}

/// What can be declared on an open channel.
package struct RabbitDeclarations: ~Copyable {
    let handle: AMQPHandle
    let channel: UInt16

    /// A durable exchange.
    package func exchange(_ name: String, kind: String) throws(RabbitError) {
        try handle.declareExchange(name, kind: kind, channel)
    }

    /// Deletes an exchange; one that is gone is fine.
    package func deleteExchange(_ name: String) throws(RabbitError) {
        try handle.deleteExchange(name, channel)
    }

    /// Has `target` pass on what `source` gets.
    package func bind(exchange target: String, to source: String) throws(RabbitError) {
        try handle.bindExchange(target, to: source, channel)
    }

    /// A durable queue that a majority of the servers keeps.
    package func quorumQueue(
        _ name: String,
        arguments: [String: RabbitValue] = [:]
    ) throws(RabbitError) {
        var arguments = arguments
        arguments["x-queue-type"] = .text("quorum")
        try handle.declareQueue(name, arguments: arguments, channel)
    }

    /// How many consumers a queue has; only one where a single one is active.
    package func consumerCount(of queue: String) throws(RabbitError) -> Int {
        try handle.consumerCount(queue, channel)
    }

    package func bind(
        queue: String,
        to exchange: String,
        key: String
    ) throws(RabbitError) {
        try handle.bindQueue(queue, to: exchange, key: key, channel)
    }
}
