import ChaosGate
import ChaosModel
import ChaosVerdict
import EventLoop
import Glibc
import JSON
import LinuxSystem

/// One `chaos gate`: check, run, compare, judge, write.
struct GateRun {
    private let request: GateRequest
    private let stops = GateStops()

    init(_ request: GateRequest) {
        self.request = request
    }

    /// Returns the exit status.
    func perform() async throws -> Int32 {
        let candidates = try GateFiles.candidates(request)
        let baseline = try GateFiles.baseline(request.baseline)
        try watchSignals()
        let timer = request.budget.flatMap { budget in
            Loop.current?.after(budget) { stops.stop(.budget) }
        }
        announce(candidates)
        let results = try await run(candidates, baseline)
        if let timer { Loop.current?.cancel(timer) }
        let score = ResilienceScore(
            results,
            baseline: baseline,
            now: Timestamp(microseconds: Loop.wallMicroseconds()),
            expiryDays: request.expiryDays
        )
        let judgement = GateJudgement(results: results, score: score, failOn: request.failOn)
        try write(judgement, baseline)
        return judgement.exitStatus
    }

    private func watchSignals() throws {
        let signals = try SignalSource.on([SIGINT, SIGTERM])
        let stops = stops
        // Owned by the loop: it ends with the program.
        Loop.current?.spawn {
            for await _ in signals {
                Console.say("Stopping: what runs is interrupted and undone first.")
                stops.stop(.signal)
            }
        }
    }

    private func announce(_ candidates: [GateFiles.Candidate]) {
        let total = candidates.reduce(Duration.zero) { $0 + $1.estimate }
        let seconds = NumberText.seconds(total.seconds.rounded())
        say("\(NumberText.count(candidates.count, "experiment")), at least \(seconds) of runs")
    }

    private func run(
        _ candidates: [GateFiles.Candidate],
        _ baseline: GateBaseline?
    ) async throws -> [GateResult] {
        var schedule = GateSchedule(candidates.map(\.entry), limit: request.parallel)
        var results: [Int: GateResult] = [:]
        try await withThrowingTaskGroup(of: (Int, GateResult).self) { group in
            while !schedule.isDone {
                if let reason = stops.reason {
                    for index in schedule.giveUp() {
                        results[index] = notRun(candidates[index].entry, reason)
                    }
                }
                for index in schedule.start() {
                    let entry = candidates[index].entry
                    say("[\(index + 1)/\(candidates.count)] \(entry.name) …")
                    group.addTask { (index, try await result(of: entry)) }
                }
                guard let (index, result) = try await group.next() else { continue }
                schedule.finish(index)
                let compared =
                    baseline.map { GateComparison.compared(result, with: $0) } ?? result
                results[index] = compared
                show(compared, "[\(index + 1)/\(candidates.count)]")
                if request.failsFast, fails(compared.outcome) { stops.stop(.failure) }
            }
        }
        return candidates.indices.compactMap { results[$0] }
    }

    /// Runs an entry, and again while it is inconclusive and may be repeated.
    private func result(of entry: GateEntry) async throws -> GateResult {
        var result = GateResult(entry: entry, outcome: .failed, sentence: "")
        let begin = Loop.monotonicNanoseconds()
        repeat {
            let attempt = GateAttempt(entry: entry, request: request, stops: stops)
            let outcome = try await attempt.perform()
            result.attempts += 1
            result.outcome = GateOutcome(exitStatus: outcome.status)
            result.verdict = outcome.verdict
            result.directory = outcome.directory
            result.sentence = outcome.verdict?.sentence ?? outcome.lastWords
        } while result.outcome == .inconclusive && result.attempts <= request.retries
            && stops.reason == nil
        if result.outcome == .interrupted, let reason = stops.reason, reason != .signal {
            result.outcome = .notRun
            result.sentence = "It was interrupted: \(reason.words)"
        }
        result.seconds = Double(Loop.monotonicNanoseconds() - begin) / 1e9
        result.endedAt = Timestamp(microseconds: Loop.wallMicroseconds())
        return result
    }

    private func notRun(_ entry: GateEntry, _ reason: GateStops.Reason) -> GateResult {
        GateResult(
            entry: entry,
            outcome: reason == .signal ? .interrupted : .notRun,
            sentence: "It was not run: \(reason.words)"
        )
    }

    private func fails(_ outcome: GateOutcome) -> Bool {
        request.failOn.contains(outcome) || GateOutcome.alwaysFailing.contains(outcome)
    }

    private func show(_ result: GateResult, _ place: String) {
        let tries = result.attempts > 1 ? ", \(result.attempts) runs" : ""
        say(
            "\(place) \(result.outcome.symbol) \(result.outcome.rawValue)  \(result.entry.name)"
                + " (\(NumberText.seconds(result.seconds))\(tries))"
        )
        if result.outcome != .held || result.attempts > 1 { say("      \(result.sentence)") }
        for regression in result.regressions { say("      \(regression.text)") }
        if let directory = result.directory, result.outcome != .held {
            say("      report: \(directory)/report.html")
        }
    }

    private func write(_ judgement: GateJudgement, _ baseline: GateBaseline?) throws {
        for (path, text) in [
            (request.junit, judgement.junit), (request.markdown, judgement.markdown),
        ] {
            if let path { try SystemFiles.writeAtomically(path, Array(text.utf8), mode: 0o644) }
        }
        if let path = request.writeBaseline {
            let next = (baseline ?? GateBaseline()).updated(with: judgement.results)
            let text = next.json.serialized(pretty: true) + "\n"
            try SystemFiles.writeAtomically(path, Array(text.utf8), mode: 0o644)
        }
        if request.isJSON {
            Console.answer(judgement.json.serialized(pretty: true))
        } else {
            for line in request.annotations.lines(judgement) { Console.answer(line) }
            if !request.isQuiet { Console.answer("resilience score \(judgement.score.arithmetic)") }
            Console.answer(judgement.line)
        }
    }

    private func say(_ text: String) {
        if !request.isQuiet { Console.say(text) }
    }
}
