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
    var returns: Set<UInt16> = []
    /// Why the server closed a channel on which we publish.
    var losses: [UInt16: RabbitError] = [:]
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

    func take(_ event: AMQPEvent) {
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
