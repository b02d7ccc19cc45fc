import ChaosVerdict
import JSON
import ShopCore

/// One cell of the table of mutants: which shop, under which schedule, with which seed.
struct MutantTrial: Hashable, Sendable {
    /// A mutant's name; `nil` is the correct shop.
    var mutant: String?
    /// The schedule, below `experiments/`.
    var schedule: String
    var seed: UInt64

    /// Every cell: each mutant under its schedule, and the correct shop under all of them.
    static func all(_ mutants: [Mutant], seeds: [UInt64]) -> [MutantTrial] {
        let schedules = Set(mutants.map(\.exposedBy)).sorted()
        return seeds.flatMap { seed in
            mutants.map { MutantTrial(mutant: $0.name, schedule: $0.exposedBy, seed: seed) }
                + schedules.map { MutantTrial(schedule: $0, seed: seed) }
        }
    }

    /// The schedule's name: `double-clicks`.
    var name: String {
        let file = schedule.split(separator: "/").last.map(String.init) ?? schedule
        return file.hasSuffix(".json") ? String(file.dropLast(5)) : file
    }
}

/// What a trial brought; a line of the results' file.
struct MutantResult: Sendable, Equatable {
    var trial: MutantTrial
    /// The exit status of `chaos run`.
    var status: Int32
    /// The invariants that were broken.
    var broken: [String]
    /// What the first witness of the invariant that counts says; `nil` when there is none.
    var witness: String?
    /// The verdict's sentence, or the run's last words.
    var sentence: String
    var seconds: Double

    /// What the trial proves.
    enum Finding: String, Sendable {
        /// The mutant's own invariant was broken, with a witness that tells why.
        case caught
        /// Something else was broken, or there was no witness.
        case misnamed
        /// The mutant went through.
        case missed
        /// The correct shop went through.
        case held
        /// The correct shop was said to be wrong.
        case alarm = "false alarm"
        /// The run proved neither.
        case unjudged = "not judged"
    }

    var finding: Finding {
        guard let name = trial.mutant else {
            return status == 0 ? .held : status == 1 ? .alarm : .unjudged
        }
        guard status == 1 else { return status == 0 ? .missed : .unjudged }
        let expected = Mutant(named: name)?.invariant
        return broken.contains { $0 == expected } && witness != nil ? .caught : .misnamed
    }
}

extension MutantResult {
    /// Reads a line; `nil` when it is none of ours.
    init?(json: JSONValue) {
        guard let schedule = json["schedule"]?.stringValue, let seed = json["seed"]?.integerValue,
            let status = json["status"]?.integerValue, let seconds = json["seconds"]?.doubleValue
        else { return nil }
        trial = MutantTrial(
            mutant: json["mutant"]?.stringValue,
            schedule: schedule,
            seed: UInt64(clamping: seed)
        )
        self.status = Int32(clamping: status)
        broken = (json["broken"]?.arrayValue ?? []).compactMap(\.stringValue)
        witness = json["witness"]?.stringValue
        sentence = json["sentence"]?.stringValue ?? ""
        self.seconds = seconds
    }

    var json: JSONValue {
        [
            "mutant": trial.mutant.map { .string($0) } ?? .null,
            "schedule": .string(trial.schedule), "seed": .integer(Int64(clamping: trial.seed)),
            "status": .integer(Int64(status)), "finding": .string(finding.rawValue),
            "broken": .array(broken.map { .string($0) }),
            "witness": witness.map { .string($0) } ?? .null, "sentence": .string(sentence),
            "seconds": .number((seconds * 10).rounded() / 10),
        ]
    }
}
