package import EventLoop
import Glibc

/// An HTTP/1.1 client with a pool of kept-alive connections for each address.
///
/// Confined to the loop on which it is used; `@unchecked Sendable` because handlers and their state
/// are passed around as `Sendable`: every entry checks that it is on its loop and traps otherwise.
package final class HTTPClient: @unchecked Sendable {
    private let loop: Loop
    private let connectionsMax: Int
    private let waitersMax: Int
    private let idleTimeout: Int64
    private let connectTimeout: Duration
    private let limits: HTTPLimits
    private var pools: [String: HTTPClientPool] = [:]
    private var isClosed = false

    /// A client for the loop of the calling code.
    ///
    /// Traps when that is not on a loop and none is given.
    /// - Parameters:
    ///   - maxConnectionsPerHost: connections for each address, 1 or more.
    ///   - maxWaitersPerHost: requests that may wait for one of them; more fail at once.
    ///   - idleTimeout: a kept connection is used again for so long; keep it below the server's.
    ///   - connectTimeout: for making a connection; the request's own timeout applies too.
    ///   - limits: what a response may be at most.
    ///   - loop: the loop on which it will be used, if it is made elsewhere.
    package init(
        maxConnectionsPerHost: Int = 64,
        maxWaitersPerHost: Int = 4096,
        idleTimeout: Duration = .seconds(30),
        connectTimeout: Duration = .seconds(5),
        limits: HTTPLimits = .default,
        loop: Loop? = nil
    ) {
        precondition(maxConnectionsPerHost > 0, "a client needs at least one connection")
        guard let loop = loop ?? Loop.current else {
            preconditionFailure("an HTTPClient must be made on a loop or be given one")
        }
        self.loop = loop
        connectionsMax = maxConnectionsPerHost
        waitersMax = maxWaitersPerHost
        self.idleTimeout = idleTimeout.nanosecondsClamped
        self.connectTimeout = connectTimeout
        self.limits = limits
    }

    /// Sends a request and receives the whole response, whatever its status.
    ///
    /// A kept connection that turns out to be stale (it ends without a byte of a response) is
    /// replaced once, when nothing was sent or the method is idempotent.
    /// - Parameters:
    ///   - method: as it goes on the wire.
    ///   - url: `http://host:port/path?query` or `unix:/run/x.sock:/path`.
    ///   - headers: sent as they are; framing fields are left out.
    ///   - body: sent with its length.
    ///   - timeout: from this call to the end of the response.
    /// - Returns: the response, complete.
    /// - Throws: `HTTPError`; `isDefinite` says whether it was certainly not processed.
    package func request(
        _ method: String,
        url: String,
        headers: HTTPHeaders = [:],
        body: [UInt8] = [],
        timeout: Duration
    ) async throws(HTTPError) -> HTTPResponse {
        precondition(loop.isCurrent, "an HTTPClient is used on its own loop only")
        let location = try HTTPLocation(url)
        let deadline = Loop.monotonicNanoseconds() &+ timeout.nanosecondsClamped
        var mayRetry = true
        while true {
            let connection = try await acquire(location, method, deadline)
            let timer = loop.after(remaining(deadline)) { connection.expire() }
            do throws(HTTPClientConnection.Failure) {
                let response = try await connection.exchange(method, location, headers, body)
                loop.cancel(timer)
                release(connection, location)
                return response
            } catch {
                loop.cancel(timer)
                release(connection, location)
                let isSafe = error.error.isDefinite || Self.idempotent.contains(method)
                guard mayRetry, error.looksStale, isSafe else { throw error.error }
                mayRetry = false
            }
        }
    }

    /// Closes all connections; requests in flight fail, later ones too.
    package func close() {
        precondition(loop.isCurrent, "an HTTPClient is used on its own loop only")
        isClosed = true
        for pool in pools.values { pool.close() }
    }

    private static let idempotent: Set<String> = [
        "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE",
    ]

    private func remaining(_ deadline: Int64) -> Duration {
        .nanoseconds(max(0, deadline - Loop.monotonicNanoseconds()))
    }
}

// Connections: taken from the pool, made, waited for.
extension HTTPClient {
    private func acquire(
        _ location: HTTPLocation,
        _ method: String,
        _ deadline: Int64
    ) async throws(HTTPError) -> HTTPClientConnection {
        guard !isClosed else { throw failure(.shutdown, location, method, "the client is closed") }
        let pool = pool(of: location.authority)
        switch pool.take(now: Loop.monotonicNanoseconds()) {
        case .connection(let connection):
            return connection
        case .connect:
            return try await connect(pool, location, method, deadline)
        case .wait:
            break
        }
        guard pool.waiterCount < waitersMax else {
            throw failure(.saturated, location, method, "too many requests wait for a connection")
        }
        switch await pool.wait(on: loop, for: remaining(deadline)) {
        case .connection(let connection):
            return connection
        case .connect:
            return try await connect(pool, location, method, deadline)
        case .timeout:
            throw failure(.timeout, location, method, "no connection became free in time")
        case .cancelled:
            throw failure(.cancelled, location, method, "the request was cancelled")
        case .shutdown:
            throw failure(.shutdown, location, method, "the client is closed")
        }
    }

    private func connect(
        _ pool: HTTPClientPool,
        _ location: HTTPLocation,
        _ method: String,
        _ deadline: Int64
    ) async throws(HTTPError) -> HTTPClientConnection {
        do {
            let limit = min(connectTimeout, remaining(deadline))
            let stream = try await EventLoop.Stream.connect(to: location.address, timeout: limit)
            let connection = HTTPClientConnection(stream: stream, loop: loop, limits: limits)
            pool.made(connection)
            return connection
        } catch {
            pool.lost()
            throw connectFailure(error, location, method)
        }
    }

    private func release(_ connection: HTTPClientConnection, _ location: HTTPLocation) {
        pool(of: location.authority).give(connection, now: Loop.monotonicNanoseconds())
    }

    private func pool(of authority: String) -> HTTPClientPool {
        if let pool = pools[authority] { return pool }
        let pool = HTTPClientPool(connectionsMax: connectionsMax, idleTimeout: idleTimeout)
        pools[authority] = pool
        return pool
    }

    private func connectFailure(
        _ error: any Error,
        _ location: HTTPLocation,
        _ method: String
    ) -> HTTPError {
        if error is CancellationError {
            return failure(.cancelled, location, method, "the request was cancelled")
        }
        if error is DeadlineExceeded {
            return failure(.timeout, location, method, "no connection was made in time")
        }
        guard let error = error as? SystemError else {
            return failure(.unreachable, location, method, "\(error)")
        }
        return failure(
            error.code == ECONNREFUSED || error.code == ENOENT
                ? .refused : (error.code == ETIMEDOUT ? .timeout : .unreachable),
            location,
            method,
            "\(error)"
        )
    }

    /// An error from before anything was sent.
    private func failure(
        _ code: HTTPError.Code,
        _ location: HTTPLocation,
        _ method: String,
        _ reason: String
    ) -> HTTPError {
        HTTPError(
            code: code,
            isDefinite: true,
            message:
                "\(method) \(location.target) at \(location.authority) was not sent: \(reason)."
        )
    }
}
