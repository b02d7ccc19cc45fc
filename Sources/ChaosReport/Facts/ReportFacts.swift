internal import ChaosJournal
internal import ChaosModel
internal import ChaosVerdict
internal import JSON

/// What the pictures and stories need from the journal, gathered in one pass.
struct ReportFacts {
    let report: Report
    private(set) var started: RunStarted?
    /// The wall clock at second 0.
    private(set) var origin: Timestamp?
    private(set) var system: SystemDescription?
    /// The load by operation, in the order of first appearance.
    private(set) var load: [(operation: String, seconds: [LoadSecond])] = []
    /// What the links carried, look by look.
    private(set) var traffic: [(elapsed: Double, sample: TrafficSample)] = []
    private(set) var firings: [String: [FaultFiring]] = [:]
    private(set) var readings: [(elapsed: Double, reading: ProbeReading)] = []
    /// The clients' history of the orders that invariants name, by idempotency key.
    private(set) var history: [String: [(elapsed: Double, operation: ClientOperation)]] = [:]
    private(set) var actions: [(elapsed: Double, outcome: ActionOutcome)] = []
    private(set) var notes: [(elapsed: Double, text: String)] = []
    /// The machine after the last undo, compared with before.
    private(set) var host: HostComparison?

    var verdict: Verdict { report.verdict }
    /// Seconds; never 0, so that an axis has a length.
    var duration: Double { Swift.max(1, verdict.run.duration) }

    init(_ report: Report) {
        self.report = report
        let keys = Report.storyKeys(report.verdict)
        for event in report.events { take(event, keys) }
    }

    /// Seconds since the run started.
    func elapsed(_ time: Timestamp) -> Double? {
        origin.map { Double(time.microseconds - $0.microseconds) / 1e6 }
    }

    private mutating func take(_ event: JournalEvent, _ keys: Set<String>) {
        switch event.payload {
        case .operation(let operation):
            guard !keys.isEmpty, keys.contains(operation.key) else { return }
            history[operation.key, default: []].append((event.elapsed, operation))
        case .load(let second):
            if let index = load.firstIndex(where: { $0.operation == second.operation }) {
                load[index].seconds.append(second)
            } else {
                load.append((second.operation, [second]))
            }
        case .traffic(let sample): traffic.append((event.elapsed, sample))
        case .firing(let firing): firings[firing.faultID, default: []].append(firing)
        case .probe(let reading): readings.append((event.elapsed, reading))
        case .action(let outcome): actions.append((event.elapsed, outcome))
        case .note(let text): notes.append((event.elapsed, text))
        case .system(let description): system = description
        case .hostCompared(let comparison): host = comparison
        case .runStarted(let start):
            started = start
            let offset = Int64((event.elapsed * 1e6).rounded())
            origin = Timestamp(microseconds: event.at.microseconds - offset)
        case .phase, .fault, .invariant, .abort, .runEnded: break
        }
    }
}
