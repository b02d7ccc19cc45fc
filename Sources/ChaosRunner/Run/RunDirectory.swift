import ChaosModel
import LinuxSystem

/// Where a run writes: `<output>/<experiment>/<time>/`, with `latest` beside it.
struct RunDirectory: Sendable {
    let path: String

    var journal: String { "\(path)/journal.jsonl" }

    /// How many runs of one experiment may begin in the same second.
    private static let sameSecondMax = 100

    /// Makes the directory and points `latest` at it.
    ///
    /// Errors: it cannot be made or written to.
    init(output: String, file: String, at time: Timestamp) throws {
        let experiment = "\(output)/\(Self.name(of: file))"
        try SystemFiles.createDirectory(experiment, mode: 0o755, parents: true)
        let name = try Self.freeName(in: experiment, at: time)
        path = "\(experiment)/\(name)"
        try SystemFiles.createDirectory(path, mode: 0o755, parents: false)
        try SystemFiles.replaceLink("\(experiment)/latest", to: name)
    }

    /// `experiments/lost-commit-ack.json` → `lost-commit-ack`; only letters, digits, `.`, `_`, `-`.
    static func name(of file: String) -> String {
        let last = file.split(separator: "/").last.map(String.init) ?? "experiment"
        let stem = last.hasSuffix(".json") ? String(last.dropLast(5)) : last
        let name = String(
            stem.map { character in
                let isPlain = character.isASCII && (character.isLetter || character.isNumber)
                return isPlain || "._-".contains(character) ? character : "-"
            }
        )
        let isUsable = !name.isEmpty && !name.allSatisfy { $0 == "." } && name != "latest"
        return isUsable ? name : "experiment"
    }

    /// `2026-11-20T104245Z`, with `-2`, `-3`, … when that is taken.
    private static func freeName(in directory: String, at time: Timestamp) throws -> String {
        let stamp = time.rfc3339.prefix(19).filter { $0 != ":" } + "Z"
        for number in 1...sameSecondMax {
            let name = number == 1 ? stamp : "\(stamp)-\(number)"
            if !SystemFiles.exists("\(directory)/\(name)") { return name }
        }
        throw RunnerError(
            .directory,
            "more than \(sameSecondMax) runs began in one second — \(directory)."
                + " Wait a second, or use another --output."
        )
    }
}
