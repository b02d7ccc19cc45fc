import ChaosJournal
import ChaosLoad
import ChaosModel
import ChaosPlan
import ChaosPluginAPI
import Synchronization

/// The traffic of a run while it flows.
struct RunningLoad: Sendable {
    /// Beyond the clients' own timeout, how long the last operations may take to be counted.
    static let drainMargin = Duration.seconds(1)
    /// A run that was stopped does not wait for its clients.
    static let drainWhenStopped = Duration.milliseconds(500)

    private let generator: LoadGenerator
    private let timeout: Duration

    /// Lets the first arrival come; what happens goes into the journal and the clients' history.
    ///
    /// Errors: the system has no address for clients, or the load cannot be made.
    static func start(_ profile: LoadProfile, _ session: RunSession) throws -> RunningLoad {
        guard let gateway = session.live.withLock({ $0.system?.gateway }) else {
            throw RunnerError(
                .system,
                "the load has nowhere to go — the system has no \"gateway\"."
                    + " Name a system that has one, or leave out \"load\"."
            )
        }
        let (journal, book) = (session.journal, session.book)
        let generator = LoadGenerator(
            profile: profile,
            gateway: gateway,
            seed: session.plan.seed,
            runStartNanoseconds: journal.start
        ) { payload in
            if case .operation(let operation) = payload { book.take(operation) }
            journal.enqueue(payload)
        }
        try generator.start()
        return RunningLoad(generator: generator, timeout: profile.timeout)
    }

    var metrics: any MetricSource { generator }

    /// From now on planned arrivals belong to this phase; `nil`: to none.
    func enter(_ phase: ProbePhase?) {
        generator.beginPhase(phase)
    }

    /// No more arrivals; returns when the last operation has ended or timed out.
    func stop(isHurried: Bool) async {
        await generator.drain(
            within: isHurried ? Self.drainWhenStopped : timeout + Self.drainMargin
        )
    }
}
