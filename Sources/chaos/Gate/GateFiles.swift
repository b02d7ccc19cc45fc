import ChaosGate
import ChaosModel
import ChaosPlan
import JSON
import LinuxSystem

/// The files of a gate: the suite with its experiments checked, and the baseline.
enum GateFiles {
    /// An entry with what its file says.
    struct Candidate {
        var entry: GateEntry
        var estimate: Duration
    }

    /// The entries to run, in order; every file is valid.
    ///
    /// Throws `Failure` (status 64) with every mistake of every file, and when nothing is left.
    static func candidates(_ request: GateRequest) throws -> [Candidate] {
        let checked = try entries(request.path).map { entry in
            (entry, try ExperimentFile.check(entry.file, seed: request.seed ?? entry.seed))
        }
        let broken = checked.map(\.1).filter { !$0.isValid }
        guard broken.isEmpty else {
            throw Failure(
                "\(broken.count) of \(checked.count) experiments are invalid; nothing was run.\n\n"
                    + broken.map(\.rendered).joined(separator: "\n"),
                status: ExitStatus.usage
            )
        }
        let candidates = checked.compactMap { entry, file -> Candidate? in
            guard let experiment = file.experiment, let plan = file.plan,
                isWanted(experiment, request)
            else { return nil }
            return candidate(entry, experiment, plan)
        }
        guard !candidates.isEmpty else {
            throw Failure(
                "no experiment of \(request.path) is left to run. Look at --tag and --skip-tag,"
                    + " and at the directory.",
                status: ExitStatus.usage
            )
        }
        return candidates
    }

    /// The baseline that the request names.
    ///
    /// Throws `Failure` (status 64) with every mistake of the file.
    static func baseline(_ path: String?) throws -> GateBaseline? {
        guard let path else { return nil }
        let bytes = try ExperimentFile.read(path)
        let (baseline, problems) = GateBaseline.decode(JSONDocument(file: path, bytes: bytes))
        guard let baseline else { throw failure(problems, path, bytes) }
        return baseline
    }

    private static func isWanted(_ experiment: Experiment, _ request: GateRequest) -> Bool {
        let tags = Set(experiment.tags)
        return (request.tags.isEmpty || !tags.isDisjoint(with: request.tags))
            && tags.isDisjoint(with: request.skippedTags)
    }

    private static func candidate(
        _ entry: GateEntry,
        _ experiment: Experiment,
        _ plan: Plan
    ) -> Candidate {
        var entry = entry
        entry.tags = experiment.tags
        // Without a system nobody knows what is hit: such experiments have the host for themselves.
        entry.conflicts.insert(experiment.system.map { "system \($0)" } ?? "host")
        entry.conflicts.insert("directory \(entry.name)")
        return Candidate(entry: entry, estimate: plan.estimate)
    }

    private static func entries(_ path: String) throws -> [GateEntry] {
        if SystemFiles.isDirectory(path) {
            let directory = path.hasSuffix("/") ? String(path.dropLast()) : path
            return try SystemFiles.list(directory).filter { $0.hasSuffix(".json") }.sorted()
                .map { GateEntry(file: "\(directory)/\($0)") }
        }
        let bytes = try ExperimentFile.read(path)
        let document = JSONDocument(file: path, bytes: bytes)
        guard GateSuite.isSuite(document) else { return [GateEntry(file: path)] }
        let directory = SystemFiles.parent(of: path)
        let (suite, problems) = GateSuite.decode(document, directory: directory)
        guard let suite else { throw failure(problems, path, bytes) }
        return suite.entries
    }

    private static func failure(_ problems: [Problem], _ path: String, _ bytes: [UInt8]) -> Failure
    {
        Failure(
            "\(path) cannot be used.\n\n"
                + ProblemRenderer.render(problems, sources: [path: bytes]),
            status: ExitStatus.usage
        )
    }
}
