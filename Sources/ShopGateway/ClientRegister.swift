import EventLoop
import Postgres
import ShopCore
import Synchronization
import Telemetry

/// The API's clients with their rate limits: read from gateway-db at intervals, asked in memory.
///
/// A client's rate is shared by all gateways: what is left of it is a row, from which each gateway
/// leases a tenth of a second's worth at a time, for all clients in one statement.
/// ```
/// request ─▶ LeasedAllowance (memory) ─ runs low ─▶ due ─doorbell─▶ one UPDATE ─▶ more tokens
/// ```
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

    private struct State {
        /// `nil` until the table was read for the first time.
        var allowances: [String: LeasedAllowance]?
        /// How many tokens are to be leased for whom.
        var due: [String: Int] = [:]
    }

    private let context: ServiceContext
    private let state = Mutex(State())
    private let doorbell = Doorbell()
    private let leases: Counter
    private let failures: Counter

    init(_ context: ServiceContext) {
        self.context = context
        leases = context.metrics.counter(
            "rate_leases_total",
            help: "Statements that leased tokens from the clients' shared rates."
        )
        failures = context.metrics.counter(
            "rate_leases_failed_total",
            help: "Of those, how many failed: this gateway decided alone for a second."
        )
    }

    /// Takes a request of a client; one without a key comes from nobody in particular and is
    /// admitted.
    ///
    /// A database that was not there when the gateway started keeps nobody out.
    func admit(_ apiKey: String?, now: Int64) -> Admission {
        guard let apiKey, !context.has(.withoutRateLimits) else { return .admitted }
        let (admission, isDue) = state.withLock { state -> (Admission, Bool) in
            guard state.allowances != nil else { return (.admitted, false) }
            // In place: a copy of the clients for each request would cost too much.
            guard let isTaken = state.allowances?[apiKey]?.take(now: now) else {
                return (.unknown, false)
            }
            let count = state.allowances?[apiKey]?.asks(now: now) ?? nil
            if let count { state.due[apiKey] = count }
            return (isTaken ? .admitted : .limited, count != nil)
        }
        if isDue { doorbell.ring() }
        return admission
    }

    /// Reads the table; a client whose limit did not change keeps what it has used.
    func refresh() async throws {
        let rows = try await context.pool.query(
            ClientStatements.read,
            [.int(Int64(Self.clientsMax))],
            timeout: ServiceContext.databasePatience
        )
        let limits = try rows.map { row throws in
            (key: try row.string("api_key"), rate: Int(try row.int("requests_per_second")))
        }
        let now = Loop.monotonicNanoseconds()
        state.withLock { state in
            var after: [String: LeasedAllowance] = [:]
            for (key, rate) in limits {
                let known = state.allowances?[key].flatMap { $0.rate == rate ? $0 : nil }
                after[key] = known ?? LeasedAllowance(rate: rate, now: now)
            }
            state.allowances = after
        }
    }

    /// Reads the table now and then, and leases what runs low; ends when its task is cancelled.
    func keepFresh() async {
        async let leasing: Void = keepLeased()
        while !Task.isCancelled {
            try? await context.loop.sleep(for: Self.refreshPeriod)
            await refreshOrWarn()
        }
        await leasing
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

// Leasing.
extension ClientRegister {
    private func keepLeased() async {
        while !Task.isCancelled {
            await doorbell.wait(atMost: Self.refreshPeriod)
            let due = state.withLock { state in
                defer { state.due = [:] }
                return state.due
            }
            guard !due.isEmpty else { continue }
            await lease(due)
        }
    }

    private func lease(_ due: [String: Int]) async {
        leases.add()
        var granted: [String: Int]?
        do {
            granted = try await ask(due)
        } catch {
            failures.add()
            context.logger.debug("leasing from the shared rates failed: \(error)")
        }
        let now = Loop.monotonicNanoseconds()
        state.withLock { state in
            for (key, asked) in due {
                if let count = granted?[key] {
                    state.allowances?[key]?.leased(count, of: asked, now: now)
                } else {
                    state.allowances?[key]?.failed(now: now)
                }
            }
        }
    }

    private func ask(_ due: [String: Int]) async throws -> [String: Int] {
        let wishes = Array(due)
        let rows = try await context.pool.query(
            ClientStatements.lease,
            [.strings(wishes.map(\.key)), .ints(wishes.map { Int64($0.value) })],
            timeout: ClientStatements.leasePatience
        )
        var granted: [String: Int] = [:]
        for row in rows { granted[try row.string("api_key")] = Int(try row.int("granted")) }
        return granted
    }
}
