import ChaosModel
import EventLoop
import JSON
import LinuxSystem

/// `chaos shop logs`: the lines of one process's log, or of all, in the order of their times.
struct ShopLogs {
    /// The most lines that are shown of what was written before.
    static let linesMax = 100_000
    /// How often files are looked at for new lines.
    private static let period: Duration = .milliseconds(200)

    /// One log: whose it is and how much of it was shown.
    private struct Source {
        let name: String
        let path: String
        var offset = 0
    }

    private var sources: [Source]
    private let count: Int
    private let isJSON: Bool

    /// Throws `Failure` (status 64) when there is no such process in the folder.
    init(folder: String, process: String?, count: Int, isJSON: Bool) throws {
        let files = try SystemFiles.list(folder).filter { $0.hasSuffix(".log") }.sorted()
        let names = files.map { String($0.dropLast(".log".count)) }
        if let process, !names.contains(process) {
            throw Failure(
                "there is no log of '\(process)' in \(folder). Use one of: "
                    + "\(names.joined(separator: ", ")).",
                status: ExitStatus.usage
            )
        }
        sources = names.filter { process == nil || $0 == process }
            .map { Source(name: $0, path: "\(folder)/\($0).log") }
        self.count = count
        self.isJSON = isJSON
    }

    /// Shows the last lines, then new ones until the task is cancelled when `follows`.
    mutating func show(follows: Bool) async throws {
        let lines = takeLines()
        for line in lines.suffix(count) { Console.answer(line.text) }
        while follows {
            try await Loop.current?.sleep(for: Self.period)
            for line in takeLines() { Console.answer(line.text) }
        }
    }

    private mutating func takeLines() -> [(time: String, text: String)] {
        var lines: [(time: String, text: String)] = []
        for index in sources.indices {
            let bytes = (try? SystemFiles.read(sources[index].path)) ?? []
            // A file that became shorter was begun afresh.
            if bytes.count < sources[index].offset { sources[index].offset = 0 }
            let rest = bytes[sources[index].offset...]
            guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { continue }
            sources[index].offset = end + 1
            let name = sources[index].name
            for line in rest[..<end].split(separator: UInt8(ascii: "\n")).suffix(Self.linesMax) {
                lines.append(render(String(decoding: line, as: UTF8.self), of: name))
            }
        }
        // Times are RFC 3339 or PostgreSQL's, which compare as texts once the separator is equal.
        return lines.sorted { $0.time < $1.time }
    }

    private func render(_ line: String, of name: String) -> (time: String, text: String) {
        let json = line.hasPrefix("{") ? try? JSONValue.parse(Array(line.utf8)) : nil
        let time = json?["ts"]?.stringValue ?? String(line.prefix(23))
        let key = time.replacing(" ", with: "T")
        if isJSON {
            let whole: JSONValue = ["process": .string(name), "line": json ?? .string(line)]
            return (key, whole.serialized())
        }
        guard let json, let message = json["msg"]?.stringValue else {
            return (key, "\(name.padding(to: 14)) \(line)")
        }
        let level = json["level"]?.stringValue ?? ""
        let fields = (json.objectValue?.members ?? []).dropFirst(4)
            .map { " \($0.name)=\($0.value.stringValue ?? $0.value.serialized())" }.joined()
        return (key, "\(name.padding(to: 14)) \(time) \(level.padding(to: 7)) \(message)\(fields)")
    }
}
