import JSON
import LinuxSystem

/// The results so far, kept in a file so that a table that was interrupted can be gone on with.
struct MutantResults {
    private let file: String
    private var results: [MutantTrial: MutantResult] = [:]

    /// Reads what an earlier run left, or begins anew.
    ///
    /// A line that cannot be read (the last one of a killed run) counts as not there.
    init(file: String, isResumed: Bool) throws {
        self.file = file
        guard isResumed, let bytes = try? SystemFiles.read(file) else { return }
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard let json = try? JSONValue.parse(Array(line)),
                let result = MutantResult(json: json)
            else { continue }
            results[result.trial] = result
        }
    }

    subscript(trial: MutantTrial) -> MutantResult? { results[trial] }

    /// Adds a result, on disk before anything else is run.
    mutating func add(_ result: MutantResult) throws {
        results[result.trial] = result
        let lines = results.values.map { $0.json.serialized() }.sorted()
        let text = lines.joined(separator: "\n") + "\n"
        let directory = SystemFiles.parent(of: file)
        try SystemFiles.createDirectory(directory, mode: 0o755, parents: true)
        try SystemFiles.writeAtomically(file, Array(text.utf8), mode: 0o644)
    }
}
