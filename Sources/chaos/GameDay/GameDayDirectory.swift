import ChaosGameDay
import ChaosModel
import EventLoop
import JSON
import LinuxSystem

/// Where a GameDay writes: `<output>/gameday-<plan>/<time>/`, with `latest` beside it.
struct GameDayDirectory {
    let path: String
    /// Held for as long as this process conducts the day.
    let lock: FileLock

    var journal: String { "\(path)/journal.jsonl" }
    var dashboard: String { "\(path)/dashboard.json" }

    /// Makes a new one.
    ///
    /// Throws `SystemError` when it cannot be made.
    static func make(output: String, file: String) throws -> GameDayDirectory {
        let parent = "\(output)/\(name(of: file))"
        try SystemFiles.createDirectory(parent, mode: 0o755, parents: true)
        let now = Timestamp(microseconds: Loop.wallMicroseconds())
        let stamp = now.rfc3339.prefix(19).filter { $0 != ":" } + "Z"
        for number in 1...100 {
            let folder = number == 1 ? stamp : "\(stamp)-\(number)"
            let path = "\(parent)/\(folder)"
            guard !SystemFiles.exists(path) else { continue }
            try SystemFiles.createDirectory(path, mode: 0o755, parents: false)
            try SystemFiles.replaceLink("\(parent)/latest", to: folder)
            return try open(path)
        }
        throw Failure("100 GameDays began within one second — \(parent). Wait a second.")
    }

    /// The latest one of a plan that was cut off, to go on with; `nil` when there is none.
    static func unfinished(output: String, file: String) throws -> GameDayDirectory? {
        let path = "\(output)/\(name(of: file))/latest"
        guard let folder = try? SystemFiles.linkDestination(path) else { return nil }
        let whole = "\(output)/\(name(of: file))/\(folder)"
        guard let bytes = try? SystemFiles.read("\(whole)/journal.jsonl") else { return nil }
        let events = GameDayEvent.events(in: bytes)
        guard events.first?.kind == .opened, events.last?.kind != .closed else { return nil }
        return try open(whole)
    }

    /// Takes a directory for this process.
    ///
    /// Throws `Failure` when another process conducts the day.
    static func open(_ path: String) throws -> GameDayDirectory {
        guard SystemFiles.isDirectory(path) else {
            throw Failure(
                "there is no GameDay — \(path). Give its directory.",
                status: ExitStatus.usage
            )
        }
        guard let lock = try FileLock.take("\(path)/lock") else {
            throw Failure(
                "another process conducts this GameDay — \(path). Use its terminal or its page, or "
                    + "end it first.",
                status: ExitStatus.usage
            )
        }
        return GameDayDirectory(path: path, lock: lock)
    }

    private static func name(of file: String) -> String {
        let last = file.split(separator: "/").last.map(String.init) ?? "plan"
        let stem = last.hasSuffix(".json") ? String(last.dropLast(5)) : last
        let plain = stem.map { character in
            let isPlain = character.isASCII && (character.isLetter || character.isNumber)
            return isPlain || "._-".contains(character) ? character : "-"
        }
        return "gameday-" + String(plain)
    }
}
