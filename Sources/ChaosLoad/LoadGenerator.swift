package import ChaosJournal
package import ChaosModel
package import ChaosPluginAPI
import ChaosStatistics
import EventLoop
import Glibc
import Synchronization

/// An open-loop load on a loop (a thread) of its own; may be used from any thread.
///
/// `start` → `beginPhase` as the run goes on → `stopArrivals` → `drain`. A generator runs once.
package final class LoadGenerator: MetricSource {
    /// Receives the clients' history and the seconds of the load, on the generator's thread.
    package typealias Sink = @Sendable (JournalEvent.Payload) -> Void

    private let profile: LoadProfile
    private let gateway: String
    private let seed: UInt64
    private let sink: Sink
    private let inFlightMax: Int
    private let tallies: TallyBox
    private let running = Mutex<Running?>(nil)

    private struct Running {
        var loop: Loop
        var driver: LoadDriver
    }

    /// Operations in flight at a time, when the limit of open files allows them.
    package static let inFlightDefault = 8192

    /// A generator that does not run yet.
    ///
    /// - Parameters:
    ///   - profile: rate, kind of arrivals, scenario, the clients' timeout.
    ///   - gateway: the base URL of the system; for `http-get` the whole URL.
    ///   - seed: decides arrivals and what each does.
    ///   - runStartNanoseconds: the run's start on the loop's monotonic clock, from which
    ///     `LoadSecond` counts.
    ///   - inFlightMax: more arrivals at a time fail as "generator saturated".
    ///   - sink: receives operations and seconds.
    package init(
        profile: LoadProfile,
        gateway: String,
        seed: UInt64,
        runStartNanoseconds: Int64,
        inFlightMax: Int = LoadGenerator.inFlightDefault,
        sink: @escaping Sink
    ) {
        self.profile = profile
        self.gateway = gateway
        self.seed = seed
        self.sink = sink
        self.inFlightMax = inFlightMax
        tallies = TallyBox(runStart: runStartNanoseconds)
    }

    /// Lets the first arrival come.
    ///
    /// - Throws: `LoadError` for an unknown scenario, an impossible rate or a second start;
    ///   `SystemError` when there is no descriptor or thread left.
    package func start() throws {
        guard let scenario = ScenarioRegistry.all[profile.scenario] else {
            let known = ScenarioRegistry.all.keys.sorted().joined(separator: ", ")
            throw LoadError(
                message: "the scenario '\(profile.scenario)' is unknown. Use one of: \(known)."
            )
        }
        guard (0.1...20_000).contains(profile.ratePerSecond) else {
            throw LoadError(
                message: "a rate of \(profile.ratePerSecond)/s is not possible. Use 0.1 to 20000."
            )
        }
        try running.withLock { running in
            guard running == nil else {
                throw LoadError(message: "the load was started before. Make another generator.")
            }
            let descriptors = OpenFiles.raiseLimit()
            let loop = try Loop.start(label: "load")
            let driver = LoadDriver(
                loop: loop,
                scenario: scenario.init(base: gateway, mix: profile.mix),
                schedule: ArrivalSchedule(
                    ratePerSecond: profile.ratePerSecond,
                    kind: profile.arrivals,
                    seed: seed
                ),
                settings: .init(
                    seed: seed,
                    timeout: profile.timeout.nanosecondsClamped,
                    inFlightMax: max(1, min(inFlightMax, OpenFiles.clients(descriptors, profile))),
                    keyPrefix: Self.keyPrefix(seed)
                ),
                tallies: tallies,
                sink: sink
            )
            running = Running(loop: loop, driver: driver)
            loop.execute { driver.begin() }
        }
    }

    /// A phase begins now; operations belong to the phase in which they were planned.
    ///
    /// `nil`: what is planned from now on belongs to none (warm-up, recovery).
    package func beginPhase(_ phase: ProbePhase?) {
        let now = Loop.monotonicNanoseconds()
        tallies.state.withLock { $0.phases.begin(phase, at: now) }
    }

    /// No more arrivals from now on; the phase ends too.
    ///
    /// What is in flight goes on.
    package func stopArrivals() {
        beginPhase(nil)
        guard let running = running.withLock({ $0 }) else { return }
        running.loop.execute { running.driver.stopArrivals() }
    }

    /// Waits until every operation has ended; what takes longer than the limit ends as `info`.
    ///
    /// Afterwards everything was reported, and the thread ends. Harmless the second time.
    package func drain(within limit: Duration) async {
        stopArrivals()
        guard let running = running.withLock({ $0 }) else { return }
        // Unstructured, so that it is not cut short when the caller is cancelled; awaited here.
        _ = try? await running.loop.spawn { await running.driver.drain(within: limit) }.value
        running.loop.stop()
    }

    /// A key that no other run uses: two runs with one seed may meet the same shop.
    private static func keyPrefix(_ seed: UInt64) -> String {
        var mixer = SplitMix64(seed: seed ^ UInt64(bitPattern: Loop.wallMicroseconds()))
        return "load-" + String(mixer.next() >> 16, radix: 16)
    }
}

// The figures, while it runs and afterwards.
extension LoadGenerator {
    package func latencyMilliseconds(
        operation: String,
        quantile: Double,
        phase: ProbePhase
    ) -> Double? {
        tallies.state.withLock { tallies in
            tallies.tally(operation, phase)?.latencies.value(atQuantile: quantile)
                .map { Double($0) / 1000 }
        }
    }

    package func counts(operation: String, phase: ProbePhase) -> OperationCounts {
        tallies.state.withLock { $0.tally(operation, phase)?.counts ?? OperationCounts() }
    }

    package func elapsed(phase: ProbePhase) -> Duration {
        let now = Loop.monotonicNanoseconds()
        return .nanoseconds(tallies.state.withLock { $0.phases.elapsed(phase, now: now) })
    }

    /// All phases together, and how well the generator kept its plan.
    package func report() -> LoadReport {
        let operations = ScenarioRegistry.all[profile.scenario]?.operations ?? []
        return tallies.state.withLock { tallies in
            let extras = tallies.operations.subtracting(operations).sorted()
            return LoadReport(
                operations: (operations + extras).map { Self.operation($0, tallies.total($0)) },
                lagP50: Self.milliseconds(tallies.lags, 0.5) ?? 0,
                lagP99: Self.milliseconds(tallies.lags, 0.99) ?? 0,
                lagMax: Self.milliseconds(tallies.lags, 1) ?? 0,
                saturated: tallies.saturated
            )
        }
    }

    private static func operation(_ name: String, _ tally: Tally) -> LoadReport.Operation {
        LoadReport.Operation(
            name: name,
            planned: tally.planned,
            counts: tally.counts,
            p50: milliseconds(tally.latencies, 0.5),
            p90: milliseconds(tally.latencies, 0.9),
            p99: milliseconds(tally.latencies, 0.99),
            p999: milliseconds(tally.latencies, 0.999),
            max: milliseconds(tally.latencies, 1)
        )
    }

    private static func milliseconds(_ histogram: Histogram, _ quantile: Double) -> Double? {
        histogram.value(atQuantile: quantile).map { Double($0) / 1000 }
    }
}

/// How many descriptors this process may open.
enum OpenFiles {
    /// What the rest of the process may need.
    static let othersMax = 1024

    /// How many clients at a time so many descriptors are enough for; one that sends everything
    /// twice needs two.
    static func clients(_ descriptors: Int, _ profile: LoadProfile) -> Int {
        let free = descriptors - min(othersMax, descriptors / 2)
        return profile.mix.doubled > 0 ? free / 2 : free
    }

    /// Raises the soft limit to the hard one and returns what holds then; connections need
    /// descriptors.
    static func raiseLimit() -> Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return 1024
        }
        var raised = limit
        raised.rlim_cur = limit.rlim_max
        if unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 {
            limit = raised
        }
        return Int(clamping: limit.rlim_cur)
    }
}
