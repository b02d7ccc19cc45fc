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
    private let buckets = Mutex<[String: TokenBucket]>([:])

    init(_ context: ServiceContext) {
        self.context = context
    }

    /// Takes a request of a client; one without a key comes from nobody in particular and is admitted.
    func admit(_ apiKey: String?, now: Int64) -> Admission {
        guard let apiKey else { return .admitted }
        return buckets.withLock { buckets in
            guard buckets[apiKey] != nil else { return .unknown }
            return buckets[apiKey]?.take(now: now) == true ? .admitted : .limited
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
            let before = buckets
            buckets = [:]
            for (key, rate) in limits {
                let known = before[key].flatMap { $0.rate == rate ? $0 : nil }
                buckets[key] = known ?? TokenBucket(rate: rate, now: now)
            }
        }
    }

    /// Reads the table for ever; ends when its task is cancelled. A failure keeps what was read last.
    func keepFresh() async {
        while !Task.isCancelled {
            do {
                try await refresh()
            } catch {
                context.logger.warning("reading the clients failed: \(error)")
            }
            try? await context.loop.sleep(for: Self.refreshPeriod)
        }
    }
}
