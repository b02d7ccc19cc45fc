import LinuxSystem
import ShopCore
import Testing

@testable import chaos

/// What trials of mutants prove, and how their results are kept.
struct MutantTableTests {
    private let mutant = Mutant.singleAttempt

    private func result(
        _ name: String?,
        status: Int32,
        broken: [String] = [],
        witness: String? = nil
    ) -> MutantResult {
        MutantResult(
            trial: .init(mutant: name, schedule: mutant.exposedBy, seed: 1),
            status: status,
            broken: broken,
            witness: witness,
            sentence: "It is so.",
            seconds: 9.5
        )
    }

    private func table(_ body: (inout MutantResults) throws -> Void) throws -> MutantTable {
        let directory = try SystemFiles.makeTemporaryDirectory(prefix: "chaos-mutants-")
        defer { try? SystemFiles.removeTree(directory) }
        var results = try MutantResults(file: "\(directory)/results.jsonl", isResumed: false)
        try body(&results)
        return MutantTable(trials: MutantTrial.all([mutant], seeds: [1]), results: results)
    }

    @Test func `a mutant is caught by its own invariant with a witness and by nothing else`() {
        let name = mutant.name
        let own = [mutant.invariant]
        let findings = [
            result(name, status: 1, broken: own, witness: "charged"),
            result(name, status: 1, broken: own),
            result(name, status: 1, broken: ["stock-conserved"], witness: "7 available"),
            result(name, status: 0),
            result(name, status: 2, broken: own, witness: "charged"),
        ].map(\.finding)
        #expect(findings == [.caught, .misnamed, .misnamed, .missed, .unjudged])
    }

    @Test func `whatever is said of the correct shop is a false alarm`() {
        let findings = [0, 1, 2].map { result(nil, status: $0).finding }
        #expect(findings == [.held, .alarm, .unjudged])
    }

    @Test func `every mutant and every schedule has a trial for each seed`() {
        let trials = MutantTrial.all(Mutant.all, seeds: [4, 9])
        let schedules = Set(Mutant.all.map(\.exposedBy)).count
        #expect(trials.count == 2 * (Mutant.all.count + schedules))
        #expect(Set(trials).count == trials.count)
    }

    @Test func `results are found again, and a line that was cut counts as not there`() throws {
        let directory = try SystemFiles.makeTemporaryDirectory(prefix: "chaos-mutants-")
        defer { try? SystemFiles.removeTree(directory) }
        let file = "\(directory)/results.jsonl"
        let caught = result(mutant.name, status: 1, broken: [mutant.invariant], witness: "charged")
        var results = try MutantResults(file: file, isResumed: false)
        try results.add(caught)
        let cut = Array(#"{"mutant":null,"schedule":"mutants/calm"#.utf8)
        try SystemFiles.writeAtomically(file, try SystemFiles.read(file) + cut, mode: 0o644)
        let again = try MutantResults(file: file, isResumed: true)
        #expect(again[caught.trial] == caught)
        #expect(again[result(nil, status: 0).trial] == nil)
        let anew = try MutantResults(file: file, isResumed: false)
        #expect(anew[caught.trial] == nil)
    }

    @Test func `only a full table without a miss or an alarm is perfect`() throws {
        let caught = result(mutant.name, status: 1, broken: [mutant.invariant], witness: "charged")
        let perfect = try table {
            try $0.add(caught)
            try $0.add(result(nil, status: 0))
        }
        #expect(perfect.isPerfect)
        #expect(perfect.markdown.contains("| `single-attempt` | [lost-processor-answer]("))
        let alarming = try table {
            try $0.add(caught)
            try $0.add(result(nil, status: 1))
        }
        #expect(!alarming.isPerfect)
        #expect(alarming.summary.contains("1 false alarms in 1 trials"))
        let unfinished = try table { try $0.add(caught) }
        #expect(!unfinished.isPerfect)
        #expect(unfinished.summary.contains("1 not run"))
    }
}
