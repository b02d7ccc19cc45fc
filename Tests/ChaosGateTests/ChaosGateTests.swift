import ChaosGate
import ChaosModel
import JSON
import Testing

struct SuiteTests {
    private func decode(_ text: String) -> (suite: GateSuite?, problems: [Problem]) {
        GateSuite.decode(JSONDocument(file: "s.json", bytes: Array(text.utf8)), directory: "dir")
    }

    @Test func `a suite names experiments with weights, conflicts and seeds`() throws {
        let (suite, problems) = decode(
            """
            {"chaos-suite": 1, "x-note": 1, "experiments": ["a.json",
              {"file": "/b.json", "weight": 2, "conflicts": ["host"], "seed": 7}]}
            """
        )
        #expect(problems.isEmpty)
        let entries = try #require(suite).entries
        #expect(entries.map(\.file) == ["dir/a.json", "/b.json"])
        #expect(entries.map(\.name) == ["a", "b"])
        #expect(entries[1].weight == 2)
        #expect(entries[1].conflicts == ["host"])
        #expect(entries[1].seed == 7)
    }

    private static let mistakes: [(String, String, String)] = [
        (#"{"chaos-suite": 2, "experiments": ["a.json"]}"#, "chaos-suite", "version 1"),
        (#"{"chaos-suite": 1}"#, "$", "names no experiment"),
        (#"{"chaos-suite": 1, "experiments": [3]}"#, "experiments[0]", "is not an experiment"),
        (#"{"chaos-suite": 1, "experiments": [{}]}"#, "experiments[0]", "\"file\" is missing"),
        (
            #"{"chaos-suite": 1, "experiments": [{"file": "a", "weight": 0}]}"#,
            "experiments[0].weight", "above 0"
        ),
        (
            #"{"chaos-suite": 1, "experiments": [{"file": "a", "conflict": []}]}"#,
            "experiments[0].conflict", "not known"
        ),
        (
            #"{"chaos-suite": 1, "experiments": [{"file": "a", "conflicts": "x"}]}"#,
            "experiments[0].conflicts", "array of words"
        ),
    ]

    @Test(arguments: mistakes)
    func `a mistake is told with its place`(text: String, path: String, message: String) {
        let (suite, problems) = decode(text)
        #expect(suite == nil)
        #expect(problems.first?.path == path)
        #expect(problems.first?.message.contains(message) == true, "\(problems.map(\.text))")
        #expect(problems.allSatisfy { !$0.remedy.isEmpty && $0.line > 0 })
    }
}

struct ScheduleTests {
    @Test func `what conflicts waits, what does not runs beside it`() {
        let entries = [
            GateEntry(file: "a", conflicts: ["shop"]), GateEntry(file: "b", conflicts: ["shop"]),
            GateEntry(file: "c", conflicts: ["other"]), GateEntry(file: "d", conflicts: []),
        ]
        var schedule = GateSchedule(entries, limit: 2)
        #expect(schedule.start() == [0, 2])
        #expect(schedule.start() == [])
        schedule.finish(2)
        #expect(schedule.start() == [3])
        schedule.finish(0)
        #expect(schedule.start() == [1])
        #expect(schedule.giveUp() == [])
        #expect(!schedule.isDone)
        schedule.finish(1)
        schedule.finish(3)
        #expect(schedule.isDone)
    }

    @Test func `whatever the conflicts, everything runs once and never beside a conflict`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let entries = (0..<12).map { index in
                GateEntry(
                    file: "\(index)",
                    conflicts: Set((0..<3).map { _ in "r\(Int.random(in: 0..<5, using: &random))" })
                )
            }
            var schedule = GateSchedule(entries, limit: Int.random(in: 1...4, using: &random))
            var running: [Int] = []
            var seen: [Int] = []
            while !schedule.isDone {
                running += schedule.start()
                let words = running.flatMap { entries[$0].conflicts }
                #expect(words.count == Set(words).count)
                guard !running.isEmpty else { break }
                let ended = running.remove(at: Int.random(in: 0..<running.count, using: &random))
                seen.append(ended)
                schedule.finish(ended)
            }
            #expect(seen.sorted() == Array(entries.indices))
        }
    }
}

struct JudgementTests {
    private func result(_ name: String, _ outcome: GateOutcome, weight: Double = 1) -> GateResult {
        let entry = GateEntry(file: "experiments/\(name).json", weight: weight)
        return GateResult(entry: entry, outcome: outcome, sentence: "“x” | <b> happened.")
    }

    private func judge(
        _ results: [GateResult],
        failOn: Set<GateOutcome> = GateOutcome.failingByDefault
    ) -> GateJudgement {
        let score = ResilienceScore(
            results,
            baseline: nil,
            now: Timestamp(microseconds: 0),
            expiryDays: 30
        )
        return GateJudgement(results: results, score: score, failOn: failOn)
    }

    private static let statuses: [([GateOutcome], Int32)] = [
        ([.held, .held], 0), ([.held, .inconclusive], 2), ([.inconclusive, .aborted], 3),
        ([.aborted, .deviated], 1), ([.held, .regressed], 1), ([.deviated, .failed], 70),
        ([.failed, .undoIncomplete], 4), ([.interrupted, .deviated], 130), ([.notRun], 2),
    ]

    @Test(arguments: statuses)
    func `the worst failure is the exit status`(outcomes: [GateOutcome], status: Int32) {
        let judgement = judge(outcomes.enumerated().map { result("e\($0.offset)", $0.element) })
        #expect(judgement.exitStatus == status)
        #expect(judgement.passes == (status == 0))
        #expect(judgement.line.hasPrefix(status == 0 ? "GATE PASSED" : "GATE FAILED"))
    }

    @Test func `what is not to fail the gate does not, but an undo that is incomplete always does`()
    {
        #expect(judge([result("a", .inconclusive)], failOn: [.deviated]).exitStatus == 0)
        #expect(judge([result("a", .undoIncomplete)], failOn: []).exitStatus == 4)
        #expect(judge([result("a", .failed)], failOn: []).exitStatus == 70)
    }

    @Test func `the score is the weighted mean, and its arithmetic gives it`() {
        let judgement = judge([
            result("a", .held, weight: 2), result("b", .regressed), result("c", .inconclusive),
            result("d", .deviated),
        ])
        #expect(judgement.score.value == 60)
        #expect(judgement.score.arithmetic == "60 = (2×100 + 75 + 25 + 0) ÷ 5")
    }

    @Test(arguments: [(5, 75.0), (30, 75.0), (31, 50.0)])
    func `what did not run counts by its last result, less when that is old`(
        days: Int64,
        points: Double
    ) {
        var baseline = GateBaseline()
        baseline.records["a"] = .init(
            outcome: .held,
            at: Timestamp(microseconds: 0),
            figures: []
        )
        let score = ResilienceScore(
            [result("a", .notRun), result("b", .notRun)],
            baseline: baseline,
            now: Timestamp(microseconds: days * 86_400_000_000 + 1),
            expiryDays: 30
        )
        #expect(score.parts.map(\.points) == [points, 0])
    }

    @Test func `the Markdown escapes what would break its table`() {
        let text = judge([result("a", .deviated)]).markdown
        #expect(text.contains("“x” \\| &lt;b> happened."))
    }

    private static let annotations: [(GateAnnotations, String)] = [
        (
            .github,
            "::error file=experiments/a.json,title=a%3A deviated::“x” | <b> happened."
        ),
        (
            .azure,
            "##vso[task.logissue type=error;sourcepath=experiments/a.json]"
                + "a: deviated: “x” | <b> happened."
        ),
        (.teamcity, "##teamcity[buildProblem description='a: deviated: “x” || <b> happened.']"),
    ]

    @Test(arguments: annotations)
    func `each CI service is told in its own words`(service: GateAnnotations, line: String) {
        #expect(service.lines(judge([result("a", .deviated), result("b", .held)])) == [line])
        #expect(GateAnnotations.none.lines(judge([result("a", .deviated)])) == [])
    }

    @Test func `the service is found by its variable`() {
        #expect(GateAnnotations.detected { $0 == "GITHUB_ACTIONS" ? "true" : nil } == .github)
        #expect(GateAnnotations.detected { $0 == "TF_BUILD" ? "True" : nil } == .azure)
        #expect(GateAnnotations.detected { _ in nil } == .none)
    }
}

struct BaselineTests {
    private var baseline: GateBaseline {
        var baseline = GateBaseline()
        baseline.tolerances.latency = 0.25
        baseline.records["a"] = .init(
            outcome: .held,
            at: Timestamp(microseconds: 1_764_000_000_000_000),
            figures: [
                GateFigure(name: "checkout p99 during the fault", kind: .latency, value: 200.5),
                GateFigure(name: "checkout success during the fault", kind: .success, value: 0.995),
            ]
        )
        return baseline
    }

    @Test func `a baseline is read back as it was written`() {
        let text = baseline.json.serialized(pretty: true)
        let document = JSONDocument(file: "b.json", bytes: Array(text.utf8))
        let (again, problems) = GateBaseline.decode(document)
        #expect(problems.isEmpty)
        #expect(again == baseline)
    }

    private static let mistakes: [(String, String)] = [
        (#"{"chaos-baseline": 2}"#, "chaos-baseline"), (#"{}"#, "$"),
        (#"{"chaos-baseline": 1, "tolerances": {"speed": 1}}"#, "tolerances.speed"),
        (#"{"chaos-baseline": 1, "tolerances": {"latency": -1}}"#, "tolerances.latency"),
        (#"{"chaos-baseline": 1, "experiments": {"a": {"at": 1}}}"#, "experiments.a"),
    ]

    @Test(arguments: mistakes)
    func `a mistake of a baseline is told with its place`(text: String, path: String) {
        let document = JSONDocument(file: "b.json", bytes: Array(text.utf8))
        let (baseline, problems) = GateBaseline.decode(document)
        #expect(baseline == nil)
        #expect(problems.first?.path == path)
    }
}
