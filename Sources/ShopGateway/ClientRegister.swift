import EventLoop
import Postgres
import ShopCore
import Synchronization
import Telemetry

/// The API's clients with their rate limits, read from gateway-db at intervals and asked in memory.
final class ClientRegister: Sendable {
    /// How often the table is read.
    static let refreshPeriod: Duration = .seconds(5)
    /// The most clients that are kept.
    static let clientsMax = 10_000

    /// What the register says about a request.
    enum Admission: Hashable, Sendable {
        case admitted
        /// No client has this key.
        case unknown
        /// The client has used up its rate for now.
        case limited
    }

    private let context: ServiceContext
    /// `nil` until the table was read for the first time.
    private let buckets = Mutex<[String: TokenBucket]?>(nil)

    init(_ context: ServiceContext) {
        self.context = context
    }

    /// Takes a request of a client; one without a key comes from nobody in particular and is
    /// admitted.
    ///
    /// A database that was not there when the gateway started keeps nobody out.
    func admit(_ apiKey: String?, now: Int64) -> Admission {
        guard let apiKey, !context.has(.withoutRateLimits) else { return .admitted }
        return buckets.withLock { buckets in
            guard let known = buckets else { return .admitted }
            guard known[apiKey] != nil else { return .unknown }
            return buckets?[apiKey]?.take(now: now) == true ? .admitted : .limited
        }
    }

    /// Reads the table; a client whose limit did not change keeps what it has used.
    func refresh() async throws {
        let rows = try await context.pool.query(
            "SELECT api_key, requests_per_second FROM clients ORDER BY api_key LIMIT $1::int",
            [.int(Int64(Self.clientsMax))],
            timeout: ServiceContext.databasePatience
        )
        let limits = try rows.map { row throws in
            (key: try row.string("api_key"), rate: Int(try row.int("requests_per_second")))
        }
        let now = Loop.monotonicNanoseconds()
        buckets.withLock { buckets in
            var after: [String: TokenBucket] = [:]
            for (key, rate) in limits {
                let known = buckets?[key].flatMap { $0.rate == rate ? $0 : nil }
                after[key] = known ?? TokenBucket(rate: rate, now: now)
            }
            buckets = after
        }
    }

    /// Reads the table now and then; ends when its task is cancelled.
    func keepFresh() async {
        while !Task.isCancelled {
            try? await context.loop.sleep(for: Self.refreshPeriod)
            await refreshOrWarn()
        }
    }

    /// Reads the table; a failure keeps what was read last.
    func refreshOrWarn() async {
        do {
            try await refresh()
        } catch {
            context.logger.warning("reading the clients failed: \(error)")
        }
    }
}
