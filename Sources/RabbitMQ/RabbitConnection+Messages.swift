internal import EventLoop

// Publishing.
extension RabbitConnection {
    /// Opens a channel on which everything that is published is confirmed.
    package func openPublisher() throws(RabbitError) -> UInt16 {
        try attempt { () throws(RabbitError) in
            let channel = try handle.openChannel()
            try handle.selectConfirms(channel)
            confirms[channel] = ConfirmLedger()
            return channel
        }
    }

    /// Publishes messages, each under its key, and waits until the server has all of them for good.
    ///
    /// Throws `RabbitError`; `.missing` when there is no such exchange, `.unconfirmed` when a
    /// queue is full or nobody would get a message. The messages may be there or not then.
    package func publish(
        _ messages: [(key: String, message: RabbitMessage)],
        to exchange: String,
        on channel: UInt16,
        within patience: Duration
    ) throws(RabbitError) {
        try attempt { () throws(RabbitError) in
            let deed = "publishing to \(exchange) at \(handle.address)"
            guard confirms[channel] != nil else {
                throw losses.removeValue(forKey: channel)
                    ?? RabbitError(.refused, deed, "its channel is closed")
            }
            returns.remove(channel)
            let refused = confirms[channel]?.refused
            for (key, message) in messages {
                confirms[channel]?.publish()
                try handle.publish(message, exchange: exchange, key: key, channel)
            }
            let end = Loop.monotonicNanoseconds() + patience.nanosecondsClamped
            while let ledger = confirms[channel], !ledger.isSettled {
                let rest = (end - Loop.monotonicNanoseconds()) / 1_000_000
                guard rest > 0 else {
                    throw RabbitError(.connection, deed, "it was not confirmed in \(patience)")
                }
                if let event = try handle.next(withinMilliseconds: Int(rest)) { take(event) }
            }
            if let loss = losses.removeValue(forKey: channel) { throw loss }
            guard !returns.contains(channel) else {
                throw RabbitError(.unconfirmed, deed, "no queue is bound for it")
            }
            guard confirms[channel]?.refused == refused else {
                throw RabbitError(.unconfirmed, deed, "a queue did not take it")
            }
        }
    }
}

// Consuming.
extension RabbitConnection {
    /// Has a queue's messages delivered as events, at most `prefetch` that are not acknowledged.
    ///
    /// Returns their channel.
    package func consume(_ queue: String, prefetch: UInt16) throws(RabbitError) -> UInt16 {
        try attempt { () throws(RabbitError) in
            let channel = try handle.openChannel()
            do throws(RabbitError) {
                try handle.consume(queue, prefetch: prefetch, channel)
            } catch {
                if error.code != .connection { handle.answerClose(channel) }
                throw error
            }
            return channel
        }
    }

    /// Settles all deliveries of a channel up to a tag.
    package func acknowledge(upTo tag: UInt64, on channel: UInt16) throws(RabbitError) {
        try attempt { () throws(RabbitError) in
            try handle.acknowledge(tag, isMultiple: true, channel)
        }
    }

    /// Refuses a delivery for good: it goes to the dead letters of its queue.
    package func reject(_ tag: UInt64, on channel: UInt16) throws(RabbitError) {
        try attempt { () throws(RabbitError) in try handle.reject(tag, channel) }
    }

    /// Consumes a queue until a message comes that is the last one wanted.
    ///
    /// Returns what came, the last one with it, all to be acknowledged on the channel, which is one
    /// for publishing; `nil` when the time was over before. The channel goes on consuming until it
    /// is closed; what comes later is nobody's.
    package func read(
        _ queue: String,
        on channel: UInt16,
        until isLast: @Sendable (RabbitDelivery) -> Bool,
        within patience: Duration
    ) throws(RabbitError) -> [RabbitDelivery]? {
        try attempt { () throws(RabbitError) in
            do throws(RabbitError) {
                try handle.consume(queue, prefetch: 0, channel)
            } catch {
                confirms[channel] = nil
                if error.code != .connection { handle.answerClose(channel) }
                throw error
            }
            var found: [RabbitDelivery] = []
            let end = Loop.monotonicNanoseconds() + patience.nanosecondsClamped
            while confirms[channel] != nil {
                let rest = (end - Loop.monotonicNanoseconds()) / 1_000_000
                guard rest > 0 else { return nil }
                guard let event = try handle.next(withinMilliseconds: Int(rest)) else { continue }
                guard case .delivery(let delivery) = event, delivery.channel == channel else {
                    take(event)
                    continue
                }
                found.append(delivery)
                if isLast(delivery) { return found }
            }
            let deed = "reading the queue \(queue)"
            throw losses.removeValue(forKey: channel)
                ?? RabbitError(.refused, deed, "its channel is closed")
        }
    }
}
