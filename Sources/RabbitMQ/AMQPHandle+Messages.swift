internal import CRabbitMQ
internal import Glibc

/// What the server says by itself.
enum AMQPEvent {
    case delivery(RabbitDelivery)
    case settled(channel: UInt16, tag: UInt64, isMultiple: Bool, isRefused: Bool)
    /// A message had nowhere to go.
    case returned(channel: UInt16)
    case channelLost(UInt16, RabbitError)
    /// Nothing that anybody waits for.
    case other
}

extension AMQPHandle {
    /// Sends a persistent message, which comes back when no queue would get it.
    func publish(
        _ message: RabbitMessage,
        exchange: String,
        key: String,
        _ channel: UInt16
    ) throws(RabbitError) {
        let status = Arena.lend { arena in
            var properties = unsafe amqp_basic_properties_t()
            unsafe properties._flags = Self.flags
            unsafe properties.content_type = arena.bytes("application/json")
            unsafe properties.delivery_mode = 2
            unsafe properties.message_id = arena.bytes(message.id)
            unsafe properties.type = arena.bytes(message.type)
            unsafe properties.headers = arena.table(message.headers)
            let (exchange, key) = unsafe (arena.bytes(exchange), arena.bytes(key))
            let body = unsafe arena.bytes(message.body)
            return unsafe withState { state in
                unsafe amqp_basic_publish(
                    state,
                    channel,
                    exchange,
                    key,
                    1,
                    0,
                    &properties,
                    body
                )
            }
        }
        try check(status, "publishing to \(exchange) at \(address)")
    }

    private static let flags =
        UInt32(AMQP_BASIC_CONTENT_TYPE_FLAG) | UInt32(AMQP_BASIC_DELIVERY_MODE_FLAG)
        | UInt32(AMQP_BASIC_MESSAGE_ID_FLAG) | UInt32(AMQP_BASIC_TYPE_FLAG)
        | UInt32(AMQP_BASIC_HEADERS_FLAG)

    /// Has a queue's messages delivered, at most `prefetch` that are not acknowledged (0: any).
    func consume(_ queue: String, prefetch: UInt16, _ channel: UInt16) throws(RabbitError) {
        let deed = "consuming the queue \(queue)"
        try ask(deed) { _ in
            unsafe withState { state in _ = unsafe amqp_basic_qos(state, channel, 0, prefetch, 0) }
        }
        try ask(deed) { arena in
            let (name, tag) = unsafe (arena.bytes(queue), amqp_bytes_t())
            let none = unsafe amqp_table_t()
            unsafe withState { state in
                _ = unsafe amqp_basic_consume(state, channel, name, tag, 0, 0, 0, none)
            }
        }
    }

    func acknowledge(_ tag: UInt64, isMultiple: Bool, _ channel: UInt16) throws(RabbitError) {
        let status = unsafe withState { state in
            unsafe amqp_basic_ack(state, channel, tag, isMultiple ? 1 : 0)
        }
        try check(status, "acknowledging at \(address)")
    }

    /// Refuses a message for good: it goes to the dead letters of its queue.
    func reject(_ tag: UInt64, _ channel: UInt16) throws(RabbitError) {
        let status = unsafe withState { state in unsafe amqp_basic_reject(state, channel, tag, 0) }
        try check(status, "rejecting at \(address)")
    }

    /// Waits for what the server says next; `nil` when it says nothing.
    ///
    /// Sends heartbeats that are due. Throws when the connection is of no use any more.
    func next(withinMilliseconds patience: Int) throws(RabbitError) -> AMQPEvent? {
        let deed = "listening to RabbitMQ at \(address)"
        var frame = unsafe amqp_frame_t()
        var limit = timeval(tv_sec: patience / 1000, tv_usec: patience % 1000 * 1000)
        let status = unsafe withState { state in
            unsafe amqp_maybe_release_buffers(state)
            return unsafe amqp_simple_wait_frame_noblock(state, &frame, &limit)
        }
        if status == AMQP_STATUS_TIMEOUT.rawValue { return nil }
        try check(status, deed)
        guard unsafe frame.frame_type == UInt8(AMQP_FRAME_METHOD) else { return .other }
        return try unsafe event(frame.payload.method, frame.channel, deed)
    }

    private func event(
        _ method: amqp_method_t,
        _ channel: UInt16,
        _ deed: String
    ) throws(RabbitError) -> AMQPEvent {
        guard let decoded = unsafe method.decoded else { return .other }
        switch unsafe method.id {
        case crabbitmq_basic_deliver:
            let deliver = unsafe decoded.load(as: amqp_basic_deliver_t.self)
            let tag = unsafe deliver.delivery_tag
            let isRedelivered = unsafe deliver.redelivered != 0
            let message = try readMessage(channel, deed)
            return .delivery(
                RabbitDelivery(
                    channel: channel,
                    tag: tag,
                    isRedelivered: isRedelivered,
                    message: message
                )
            )
        case crabbitmq_basic_ack:
            let ack = unsafe decoded.load(as: amqp_basic_ack_t.self)
            return .settled(
                channel: channel,
                tag: ack.delivery_tag,
                isMultiple: ack.multiple != 0,
                isRefused: false
            )
        case crabbitmq_basic_nack:
            let nack = unsafe decoded.load(as: amqp_basic_nack_t.self)
            return .settled(
                channel: channel,
                tag: nack.delivery_tag,
                isMultiple: nack.multiple != 0,
                isRefused: true
            )
        case crabbitmq_basic_return:
            _ = try readMessage(channel, deed)
            return .returned(channel: channel)
        case crabbitmq_basic_cancel:
            let error = RabbitError(.missing, deed, "the queue is gone")
            return .channelLost(channel, error)
        case crabbitmq_channel_close:
            return .channelLost(channel, unsafe refusal(method, deed, channel: channel))
        case crabbitmq_connection_close: throw unsafe refusal(method, deed)
        default: return .other
        }
    }

    private func readMessage(_ channel: UInt16, _ deed: String) throws(RabbitError)
        -> RabbitMessage
    {
        var message = unsafe amqp_message_t()
        let reply = unsafe withState { state in
            unsafe amqp_read_message(state, channel, &message, 0)
        }
        unsafe try check(reply, deed)
        defer { unsafe amqp_destroy_message(&message) }
        let properties = unsafe message.properties
        let flags = unsafe properties._flags
        func text(_ flag: Int32, _ bytes: amqp_bytes_t) -> String {
            flags & UInt32(flag) == 0 ? "" : unsafe String(bytes)
        }
        var headers =
            flags & UInt32(AMQP_BASIC_HEADERS_FLAG) == 0
            ? [:] : unsafe RabbitValue.values(properties.headers)
        // A quorum queue's own count of what it delivered before: not the sender's word.
        headers["x-delivery-count"] = nil
        return RabbitMessage(
            id: unsafe text(AMQP_BASIC_MESSAGE_ID_FLAG, properties.message_id),
            type: unsafe text(AMQP_BASIC_TYPE_FLAG, properties.type),
            headers: headers,
            body: unsafe String(message.body)
        )
    }
}
