import EventLoop

/// The connections to one address, and the requests that wait for one.
///
/// `@unchecked Sendable` because it is confined to the client's loop: the handler of a
/// cancellation, which may run anywhere, only carries it there.
final class HTTPClientPool: @unchecked Sendable {
    enum Taken {
        case connection(HTTPClientConnection)
        /// A place is reserved: make a connection, then say `made` or `lost`.
        case connect
        case wait
    }

    enum Waited: Sendable {
        case connection(HTTPClientConnection)
        case connect
        case timeout, cancelled, shutdown
    }

    private let connectionsMax: Int
    private let idleTimeout: Int64
    /// Last in, first out: what is not needed grows old and is closed.
    private var idle: [HTTPClientConnection] = []
    private var busy: [ObjectIdentifier: HTTPClientConnection] = [:]
    /// Connections that exist or are being made.
    private var total = 0
    private var waiters: [UInt64: CheckedContinuation<Waited, Never>] = [:]
    /// In order of arrival; numbers of waiters that have gone are skipped.
    private var queue: [UInt64] = []
    private var queueHead = 0
    private var nextWaiter: UInt64 = 0
    private var isClosed = false

    init(connectionsMax: Int, idleTimeout: Int64) {
        self.connectionsMax = connectionsMax
        self.idleTimeout = idleTimeout
    }

    var waiterCount: Int { waiters.count }

    func take(now: Int64) -> Taken {
        closeOld(now)
        while let connection = idle.popLast() {
            guard connection.isFresh else {
                connection.close()
                total -= 1
                continue
            }
            busy[ObjectIdentifier(connection)] = connection
            return .connection(connection)
        }
        guard total < connectionsMax else { return .wait }
        total += 1
        return .connect
    }

    func made(_ connection: HTTPClientConnection) {
        busy[ObjectIdentifier(connection)] = connection
        if isClosed { connection.stop() }
    }

    /// A connection could not be made.
    func lost() {
        total -= 1
        offerPlace()
    }

    /// Takes back a connection after an exchange.
    func give(_ connection: HTTPClientConnection, now: Int64) {
        busy[ObjectIdentifier(connection)] = nil
        // Who waits gets it at once: what came out of turn must not be taken for its response.
        guard connection.isReusable, !isClosed, waiters.isEmpty || connection.isFresh else {
            connection.close()
            total -= 1
            offerPlace()
            return
        }
        if let waiter = nextInQueue() {
            busy[ObjectIdentifier(connection)] = connection
            waiter.resume(returning: .connection(connection))
        } else {
            connection.idleSince = now
            idle.append(connection)
        }
    }

    /// Waits for a connection or a place for one, for so long.
    func wait(on loop: Loop, for limit: Duration) async -> Waited {
        let number = nextWaiter
        nextWaiter += 1
        let timer = loop.after(limit) { [self] in leave(number, .timeout) }
        let result: Waited = await withTaskCancellationHandler {
            await withCheckedContinuation {
                (continuation: CheckedContinuation<Waited, Never>) in
                // The way here may lead through the loop's queue: look again before waiting.
                if Task.isCancelled {
                    continuation.resume(returning: .cancelled)
                } else if isClosed {
                    continuation.resume(returning: .shutdown)
                } else if let served = served(now: Loop.monotonicNanoseconds()) {
                    continuation.resume(returning: served)
                } else {
                    waiters[number] = continuation
                    queue.append(number)
                }
            }
        } onCancel: {
            loop.execute { self.leave(number, .cancelled) }
        }
        loop.cancel(timer)
        return result
    }

    private func served(now: Int64) -> Waited? {
        switch take(now: now) {
        case .connection(let connection): .connection(connection)
        case .connect: .connect
        case .wait: nil
        }
    }

    func close() {
        isClosed = true
        for connection in idle { connection.close() }
        total -= idle.count
        idle = []
        for connection in busy.values { connection.stop() }
        while let waiter = nextInQueue() { waiter.resume(returning: .shutdown) }
    }

    private func leave(_ number: UInt64, _ reason: Waited) {
        waiters.removeValue(forKey: number)?.resume(returning: reason)
    }

    private func nextInQueue() -> CheckedContinuation<Waited, Never>? {
        while queueHead < queue.count {
            let number = queue[queueHead]
            queueHead += 1
            if queueHead > 1024, queueHead * 2 > queue.count {
                queue.removeSubrange(0..<queueHead)
                queueHead = 0
            }
            if let waiter = waiters.removeValue(forKey: number) { return waiter }
        }
        return nil
    }

    /// A place became free: the next waiter makes a connection.
    private func offerPlace() {
        guard !isClosed, total < connectionsMax, let waiter = nextInQueue() else { return }
        total += 1
        waiter.resume(returning: .connect)
    }

    /// The oldest are at the front.
    private func closeOld(_ now: Int64) {
        var count = 0
        while count < idle.count, now - idle[count].idleSince > idleTimeout {
            idle[count].close()
            count += 1
        }
        guard count > 0 else { return }
        idle.removeFirst(count)
        total -= count
    }
}
