internal import EventLoop
internal import Glibc
internal import Synchronization

/// A connection to RabbitMQ on a thread of its own.
///
/// Close it in the end; one that is forgotten is broken off.
package actor RabbitConnection {
    /// How a connection is to be.
    package struct Settings: Sendable {
        /// The connection is given up after two silent ones of these; 1 second or more.
        package var heartbeat: Duration = .seconds(2)
        /// How long connecting may take, whole seconds.
        package var connectTimeout: Duration = .seconds(3)
        /// Called on the connection's thread.
        package var onEvent: @Sendable (RabbitEvent) -> Void = { _ in }
        /// Asked on the connection's thread, twice in a heartbeat; `false` ends the connection.
        package var isWanted: @Sendable () -> Bool = { true }

        package init() {}
    }

    private let loop: Loop
    let handle: AMQPHandle
    private let settings: Settings
    /// A second descriptor of the socket: the library may close its own at any time.
    private let socket: Mutex<Int32?>
    var confirms: [UInt16: ConfirmLedger] = [:]
    /// Channels on which a message came back.
    private var returns: Set<UInt16> = []
    /// Why the server closed a channel on which we publish.
    private var losses: [UInt16: RabbitError] = [:]
    private var tasks: [Task<Void, any Error>] = []
    private var end: RabbitError?

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    /// Connects to a server.
    ///
    /// - Throws: `RabbitError`; `SystemError` when no thread can be had.
    package static func open(
        _ endpoint: RabbitEndpoint,
        _ settings: Settings = Settings()
    ) async throws -> RabbitConnection {
        let loop = try Loop.start(label: "rabbitmq")
        do {
            let connection = try await loop.spawn {
                try RabbitConnection(endpoint, settings, loop)
            }.value
            try await connection.begin()
            return connection
        } catch {
            loop.stop()
            throw error
        }
    }

    private init(_ endpoint: RabbitEndpoint, _ settings: Settings, _ loop: Loop) throws {
        self.loop = loop
        self.settings = settings
        handle = try AMQPHandle(
            endpoint,
            heartbeatSeconds: Int32(clamping: max(1, settings.heartbeat.components.seconds)),
            timeoutSeconds: Int(max(1, settings.connectTimeout.components.seconds))
        )
        let copy = fcntl(handle.descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else {
            throw SystemError(call: "fcntl", object: handle.address, code: errno)
        }
        socket = Mutex(copy)
    }

    deinit {
        socket.withLock { if let descriptor = $0 { _ = Glibc.close(descriptor) } }
        loop.stop()
    }

    private func begin() throws {
        guard let descriptor = socket.withLock({ $0 }) else { return }
        try loop.attach(descriptor)
        // Owned here, ended by `close`.
        let listening = loop.spawn { [weak self, loop] in
            while await self?.drain() == true { try await loop.readable(descriptor) }
        }
        let beating = loop.spawn { [weak self, loop, settings] in
            while await self?.drain() == true {
                if !settings.isWanted() { self?.abort() }
                try await loop.sleep(for: settings.heartbeat / 2)
            }
        }
        tasks = [listening, beating]
    }

    /// Breaks the connection off, whatever it does at the moment; any thread.
    ///
    /// Whoever waits for it gets an error.
    package nonisolated func abort() {
        socket.withLock { socket in
            guard let descriptor = socket else { return }
            _ = shutdown(descriptor, Int32(SHUT_RDWR))
        }
    }

    /// Says goodbye, within bounds, and ends the thread; once.
    package func close() {
        for task in tasks { task.cancel() }
        if end == nil {
            end = RabbitError(.connection, "using a connection", "it was closed")
            handle.close()
        }
        socket.withLock { socket in
            guard let descriptor = socket else { return }
            loop.detach(descriptor)
            _ = Glibc.close(descriptor)
            socket = nil
        }
        loop.stop()
    }

    /// Carries out what the server says, as far as it is here; false when the connection is over.
    private func drain() -> Bool {
        guard end == nil else { return false }
        do {
            while let event = try handle.next(withinMilliseconds: 0) { take(event) }
            return true
        } catch {
            fail(error)
            return false
        }
    }

    private func take(_ event: AMQPEvent) {
        switch event {
        case .delivery(let delivery): settings.onEvent(.delivery(delivery))
        case .settled(let channel, let tag, let isMultiple, let isRefused):
            confirms[channel]?.settle(tag, isMultiple: isMultiple, isRefused: isRefused)
        case .returned(let channel): returns.insert(channel)
        case .channelLost(let channel, let error):
            if confirms.removeValue(forKey: channel) != nil { losses[channel] = error }
            settings.onEvent(.channelLost(channel, error))
        case .other: break
        }
    }

    private func fail(_ error: RabbitError) {
        guard end == nil else { return }
        end = error
        settings.onEvent(.ended(error))
    }

    /// Does something with the connection if it is alive; what breaks it is the end.
    ///
    /// What the library reads beside an answer it keeps: nobody would be told that it is there.
    func attempt<Value>(
        _ body: () throws(RabbitError) -> Value
    ) throws(RabbitError) -> Value {
        if let end { throw end }
        defer { _ = drain() }
        do {
            return try body()
        } catch {
            if error.code == .connection { fail(error) }
            throw error
        }
    }
}

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

    /// Takes what is in a queue, at most so many messages, to be acknowledged.
    package func take(
        atMost count: Int,
        from queue: String,
        on channel: UInt16
    ) throws(RabbitError) -> [RabbitDelivery] {
        try attempt { () throws(RabbitError) in
            var found: [RabbitDelivery] = []
            while found.count < count, let next = try handle.get(queue, channel) {
                found.append(next)
            }
            return found
        }
    }
}
