internal import CRabbitMQ
internal import Glibc

/// librabbitmq's connection: every call blocks; one thread at a time.
// Unchecked: the actor that owns it calls it on its own thread only.
@safe
final class AMQPHandle: @unchecked Sendable {
    let address: String
    private let state: amqp_connection_state_t
    private var channels: Set<UInt16> = []
    private var lastChannel: UInt16 = 0

    /// How long an answer of the server may take, seconds.
    static let answerMax = 5

    /// Connects and logs in.
    ///
    /// A connection that is silent for twice `heartbeatSeconds` is given up, by both sides.
    init(_ endpoint: RabbitEndpoint, heartbeatSeconds: Int32, timeoutSeconds: Int)
        throws(RabbitError)
    {
        address = endpoint.address
        guard let state = unsafe amqp_new_connection() else {
            preconditionFailure("out of memory for a connection")
        }
        unsafe self.state = state
        let deed = "connecting to RabbitMQ at \(address)"
        let socket = unsafe amqp_tcp_socket_new(state)
        var limit = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
        let status = unsafe amqp_socket_open_noblock(
            socket,
            endpoint.host,
            Int32(endpoint.port),
            &limit
        )
        guard status == 0 else { throw RabbitError(status: status, deed) }
        unsafe amqp_set_handshake_timeout(state, &limit)
        var answer = timeval(tv_sec: Self.answerMax, tv_usec: 0)
        unsafe amqp_set_rpc_timeout(state, &answer)
        let reply = unsafe crabbitmq_login(
            state,
            "/",
            heartbeatSeconds,
            endpoint.user,
            endpoint.password
        )
        try unsafe check(reply, deed)
    }

    deinit { unsafe amqp_destroy_connection(state) }

    /// The library closes it when it gives the connection up.
    var descriptor: Int32 { unsafe amqp_get_sockfd(state) }

    /// Says goodbye, within bounds.
    func close() {
        _ = unsafe amqp_connection_close(state, AMQP_REPLY_SUCCESS)
    }

    // MARK: - Channels, exchanges, queues

    /// Opens a channel with the next free number.
    ///
    /// The library may still hold deliveries of a channel that was closed: its number rests.
    func openChannel() throws(RabbitError) -> UInt16 {
        let most = UInt16(clamping: unsafe amqp_get_channel_max(state))
        precondition(channels.count < Int(most), "thousands of channels are open")
        repeat { lastChannel = lastChannel % most + 1 } while channels.contains(lastChannel)
        let number = lastChannel
        _ = unsafe amqp_channel_open(state, number)
        try unsafe check(amqp_get_rpc_reply(state), "opening a channel at \(address)")
        channels.insert(number)
        return number
    }

    func closeChannel(_ channel: UInt16) throws(RabbitError) {
        guard channels.remove(channel) != nil else { return }
        try unsafe check(
            amqp_channel_close(state, channel, AMQP_REPLY_SUCCESS),
            "closing a channel at \(address)"
        )
    }

    /// Has the server confirm what is published on the channel.
    func selectConfirms(_ channel: UInt16) throws(RabbitError) {
        _ = unsafe amqp_confirm_select(state, channel)
        try unsafe check(amqp_get_rpc_reply(state), "asking for confirms at \(address)")
    }

    func declareExchange(
        _ name: String,
        kind: String,
        _ channel: UInt16
    ) throws(RabbitError) {
        try ask("declaring the exchange \(name)") { arena in
            let (exchange, kind) = unsafe (arena.bytes(name), arena.bytes(kind))
            let none = unsafe amqp_table_t()
            _ = unsafe amqp_exchange_declare(state, channel, exchange, kind, 0, 1, 0, 0, none)
        }
    }

    /// Deletes an exchange; one that is gone is fine.
    func deleteExchange(_ name: String, _ channel: UInt16) throws(RabbitError) {
        try ask("deleting the exchange \(name)") { arena in
            _ = unsafe amqp_exchange_delete(state, channel, arena.bytes(name), 0)
        }
    }

    /// Has one exchange pass on what another gets.
    func bindExchange(
        _ target: String,
        to source: String,
        _ channel: UInt16
    ) throws(RabbitError) {
        try ask("binding \(target) to \(source)") { arena in
            let (target, source) = unsafe (arena.bytes(target), arena.bytes(source))
            let (key, none) = unsafe (amqp_bytes_t(), amqp_table_t())
            _ = unsafe amqp_exchange_bind(state, channel, target, source, key, none)
        }
    }

    /// Declares a durable queue.
    func declareQueue(
        _ name: String,
        arguments: [String: RabbitValue],
        _ channel: UInt16
    ) throws(RabbitError) {
        try ask("declaring the queue \(name)") { arena in
            let (queue, arguments) = unsafe (arena.bytes(name), arena.table(arguments))
            _ = unsafe amqp_queue_declare(state, channel, queue, 0, 1, 0, 0, arguments)
        }
    }

    /// How many consumers a queue has; only one where a single one is active.
    func consumerCount(_ name: String, _ channel: UInt16) throws(RabbitError) -> Int {
        var count = 0
        try ask("looking at the queue \(name)") { arena in
            let (queue, none) = unsafe (arena.bytes(name), amqp_table_t())
            let answer = unsafe amqp_queue_declare(state, channel, queue, 1, 0, 0, 0, none)
            count = Int(unsafe answer?.pointee.consumer_count ?? 0)
        }
        return count
    }

    func bindQueue(
        _ name: String,
        to exchange: String,
        key: String,
        _ channel: UInt16
    ) throws(RabbitError) {
        try ask("binding the queue \(name) to \(exchange)") { arena in
            let (queue, exchange) = unsafe (arena.bytes(name), arena.bytes(exchange))
            let (key, none) = unsafe (arena.bytes(key), amqp_table_t())
            _ = unsafe amqp_queue_bind(state, channel, queue, exchange, key, none)
        }
    }

    /// Has the body ask the server something, and throws what it answers.
    func ask(_ deed: String, _ body: (Arena) -> Void) throws(RabbitError) {
        Arena.lend(body)
        try unsafe check(amqp_get_rpc_reply(state), deed)
    }

    // MARK: - Errors

    /// Throws what a reply says; a channel that the server closed with it is free again.
    func check(_ reply: amqp_rpc_reply_t, _ deed: String) throws(RabbitError) {
        switch unsafe reply.reply_type {
        case AMQP_RESPONSE_NORMAL: return
        case AMQP_RESPONSE_SERVER_EXCEPTION: throw unsafe refusal(reply.reply, deed)
        case AMQP_RESPONSE_LIBRARY_EXCEPTION:
            throw unsafe RabbitError(status: reply.library_error, deed)
        default: throw RabbitError(.connection, deed, "the server closed the connection")
        }
    }

    func check(_ status: Int32, _ deed: String) throws(RabbitError) {
        guard status == 0 else { throw RabbitError(status: status, deed) }
    }

    /// The server's words in a method that closes a channel or the connection.
    func refusal(_ method: amqp_method_t, _ deed: String, channel: UInt16? = nil) -> RabbitError {
        guard let decoded = unsafe method.decoded else {
            return RabbitError(.connection, deed, "the server closed the connection")
        }
        if unsafe method.id == crabbitmq_channel_close {
            let close = unsafe decoded.load(as: amqp_channel_close_t.self)
            if let channel { answerClose(channel) }
            return unsafe RabbitError(
                reply: close.reply_code,
                String(close.reply_text),
                deed,
                closesChannel: true
            )
        }
        let close = unsafe decoded.load(as: amqp_connection_close_t.self)
        return unsafe RabbitError(
            reply: close.reply_code,
            String(close.reply_text),
            deed,
            closesChannel: false
        )
    }

    /// Lets the server know that we know, after which the number may be used again.
    func answerClose(_ channel: UInt16) {
        channels.remove(channel)
        _ = unsafe crabbitmq_channel_close_ok(state, channel)
    }

    /// For the parts of this type in other files.
    func withState<Value, Failure: Error>(
        _ body: (amqp_connection_state_t) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try unsafe body(state)
    }
}
