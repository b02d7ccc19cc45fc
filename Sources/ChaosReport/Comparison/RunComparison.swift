internal import ChaosStatistics
package import ChaosVerdict

/// Two runs side by side: what one measured and what the other did, and whether that is chance.
package struct RunComparison: Sendable, Equatable {
    /// What is to be made of a difference.
    package enum Judgement: String, Sendable {
        /// The same in both.
        case same
        /// The runs differ, and chance alone would hardly do that.
        case better, worse
        /// The runs differ by no more than chance may do.
        case chance
        /// There is too little to say, or one of them has no such figure.
        case unknown
    }

    package struct Figure: Sendable, Equatable {
        package var name: String
        package var first: String
        package var second: String
        package var difference: String
        package var judgement: Judgement
        /// Of the Mann–Whitney test, where latencies were compared.
        package var pValue: Double?
    }

    package struct Fault: Sendable, Equatable {
        /// `lose-commit-ack on payments->payments-db`.
        package var name: String
        /// What it did in each run; `nil`: it was not part of it.
        package var first: String?
        package var second: String?
    }

    package let first: Verdict
    package let second: Verdict
    package let figures: [Figure]
    package let faults: [Fault]

    /// Differences with a smaller p-value are called real.
    package static let level = 0.01

    package init(_ first: Verdict, _ second: Verdict) {
        self.first = first
        self.second = second
        figures =
            Self.promises(first, second) + Self.load(first, second)
            + Self.recovery(first, second)
        faults = Self.faults(first, second)
    }

    /// Whether anything became worse, beyond chance.
    package var isWorse: Bool { figures.contains { $0.judgement == .worse } }

    // MARK: - Promises

    private static func promises(_ first: Verdict, _ second: Verdict) -> [Figure] {
        let probes = pairs(first.hypothesis.rows, second.hypothesis.rows, \.name)
            .map { name, one, other in
                promise("probe “\(name)”", one?.met, other?.met, ("met", "not met"))
            }
        let invariants = pairs(first.invariants, second.invariants, \.name)
            .map { name, one, other in
                promise("invariant \(name)", one?.holds, other?.holds, ("holds", "broken"))
            }
        return probes + invariants
    }

    private static func promise(
        _ name: String,
        _ first: Bool?,
        _ second: Bool?,
        _ words: (yes: String, no: String)
    ) -> Figure {
        let word = { (kept: Bool?) in kept.map { $0 ? words.yes : words.no } ?? "not judged" }
        let judgement: Judgement =
            switch (first, second) {
            case (nil, _), (_, nil): .unknown
            case (true?, false?): .worse
            case (false?, true?): .better
            default: .same
            }
        return Figure(
            name: name,
            first: word(first),
            second: word(second),
            difference: first == second ? "none" : "\(word(first)) → \(word(second))",
            judgement: judgement
        )
    }

    // MARK: - Load

    private static func load(_ first: Verdict, _ second: Verdict) -> [Figure] {
        pairs(first.load, second.load) { "\($0.operation), \($0.window.words)" }
            .flatMap { name, one, other -> [Figure] in
                guard let one, let other else {
                    var figure = absent(
                        "\(name): p99",
                        one == nil ? "only in the second" : "only in the first"
                    )
                    if let p99 = one?.p99 { figure.first = NumberText.milliseconds(p99) }
                    if let p99 = other?.p99 { figure.second = NumberText.milliseconds(p99) }
                    return [figure]
                }
                let test = RankTest(one.latencies, other.latencies)
                return [
                    latency("\(name): median", one.p50, other.p50, shift(test), test?.pValue),
                    latency("\(name): p99", one.p99, other.p99, tail(one, other), nil),
                    success("\(name): success", one, other),
                ].compactMap { $0 }
            }
    }

    private static func latency(
        _ name: String,
        _ first: Double?,
        _ second: Double?,
        _ judgement: Judgement,
        _ pValue: Double?
    ) -> Figure? {
        guard let first, let second else { return nil }
        return Figure(
            name: name,
            first: NumberText.milliseconds(first),
            second: NumberText.milliseconds(second),
            difference: change(from: first, to: second),
            judgement: judgement,
            pValue: pValue
        )
    }

    /// Whether the latencies as a whole moved.
    private static func shift(_ test: RankTest?) -> Judgement {
        guard let test else { return .unknown }
        guard test.pValue < level else { return .chance }
        return test.superiority > 0.5 ? .worse : .better
    }

    /// Whether the 99 % quantiles differ: their 95 % intervals do not meet.
    private static func tail(_ first: LoadSummary, _ second: LoadSummary) -> Judgement {
        guard let one = first.latencies.interval(atQuantile: 0.99),
            let other = second.latencies.interval(atQuantile: 0.99)
        else { return .unknown }
        if other.lower > one.upper { return .worse }
        return other.upper < one.lower ? .better : .chance
    }

    /// Shares differ when their 95 % intervals do not meet.
    private static func success(
        _ name: String,
        _ first: LoadSummary,
        _ second: LoadSummary
    ) -> Figure? {
        guard let one = first.availabilityInterval, let other = second.availabilityInterval else {
            return nil
        }
        let judgement: Judgement =
            if one.estimate == other.estimate {
                .same
            } else if other.upper < one.lower {
                .worse
            } else {
                other.lower > one.upper ? .better : .chance
            }
        let points = (other.estimate - one.estimate) * 100
        let sign = points < 0 ? "−" : "+"
        return Figure(
            name: name,
            first: NumberText.percent(one.estimate),
            second: NumberText.percent(other.estimate),
            difference: points == 0
                ? "none" : sign + NumberText.decimal(points.magnitude, places: 2) + " points",
            judgement: judgement
        )
    }

    /// `+12 %`, of what the first run measured.
    static func change(from first: Double, to second: Double) -> String {
        guard first > 0 else { return "–" }
        let percent = (second / first - 1) * 100
        guard percent.magnitude >= 0.05 else { return "none" }
        let sign = percent < 0 ? "−" : "+"
        return sign + NumberText.decimal(percent.magnitude, places: percent.magnitude < 10 ? 1 : 0)
            + " %"
    }

    private static func absent(_ name: String, _ words: String) -> Figure {
        Figure(name: name, first: "–", second: "–", difference: words, judgement: .unknown)
    }

    /// One run of each says nothing about chance, so a different time is only told.
    private static func recovery(_ first: Verdict, _ second: Verdict) -> [Figure] {
        guard first.recovery != nil || second.recovery != nil else { return [] }
        let (one, other) = (first.recovery?.measured, second.recovery?.measured)
        let text = { (value: Double?) in value.map(NumberText.seconds) ?? "not recovered" }
        var figure = absent("time to recover", "–")
        figure.first = first.recovery == nil ? "–" : text(one)
        figure.second = second.recovery == nil ? "–" : text(other)
        if let one, let other { figure.difference = change(from: one, to: other) }
        return [figure]
    }

    // MARK: - Faults

    private static func faults(_ first: Verdict, _ second: Verdict) -> [Fault] {
        pairs(first.faults, second.faults) { "\($0.function) on \($0.target)" }
            .map { Fault(name: $0, first: $1.map(effect), second: $2.map(effect)) }
    }

    private static func effect(_ fault: FaultRow) -> String {
        let unit = fault.unit.isEmpty ? "hits" : fault.unit
        let hits = fault.hits.map { "\(NumberText.integer($0)) \(unit)" } ?? "not counted"
        guard let start = fault.injectedAt, let end = fault.undoneAt else { return hits }
        return "\(hits) in \(NumberText.seconds(end - start))"
    }

    /// Elements of both lists by name, in the order of the first, then what only the second has.
    private static func pairs<Element>(
        _ first: [Element],
        _ second: [Element],
        _ name: (Element) -> String
    ) -> [(name: String, first: Element?, second: Element?)] {
        let names = first.map(name)
        var list: [(name: String, first: Element?, second: Element?)] = []
        for (element, key) in zip(first, names) {
            list.append((key, element, second.first { name($0) == key }))
        }
        for element in second where !names.contains(name(element)) {
            list.append((name(element), nil, element))
        }
        return list
    }
}
