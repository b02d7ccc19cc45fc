import EventLoop
import Glibc
import HTTP
import JSON
import LinuxSystem
import Testing

/// A `chaos gameday` of a test, and what its page would send; used by one task on one loop.
final class GameDayProcess {
    let program: Program
    private(set) var child: ChildProcess
    private let client = HTTPClient()

    /// Starts it; on a loop.
    init(_ program: Program, _ words: [String]) throws {
        self.program = program
        child = try program.start(["gameday"] + words, name: "gameday")
    }

    /// Starts it again, as after a crash.
    func startAgain(_ words: [String]) throws {
        child = try program.start(["gameday"] + words, name: "gameday-again")
    }

    var said: String {
        ((try? program.text("gameday.err")) ?? "")
            + ((try? program.text("gameday-again.err")) ?? "")
    }

    /// The directory of the only GameDay.
    func directory() throws -> String {
        let runs = "\(program.directory)/runs"
        let day = try SystemFiles.list(runs).first { $0.hasPrefix("gameday-") }
        return "\(runs)/\(try #require(day))/latest"
    }

    /// `http://127.0.0.1:PORT/?token=…`, once it is served.
    func address() async throws -> String {
        let deadline = Loop.monotonicNanoseconds() + 60_000_000_000
        while Loop.monotonicNanoseconds() < deadline {
            if let path = try? directory(), let text = try? program.text("\(path)/dashboard.json"),
                let address = try JSONValue.parse(text)["url"]?.stringValue
            {
                return address
            }
            try await Loop.current?.sleep(for: .milliseconds(50))
        }
        return try #require(nil as String?, "no page is served: \(said)")
    }

    /// What the page sends; the status of the answer.
    func say(_ word: String, _ text: String = "", by name: String = "Ada") async throws -> Int {
        let body: JSONValue = [
            "word": .string(word), "text": .string(text), "name": .string(name),
        ]
        return try await post(body.serialized(), headers: ["Content-Type": "application/json"])
    }

    func post(_ body: String, headers: HTTPHeaders) async throws -> Int {
        let url = try await address().replacing("/?", with: "/command?")
        return try await client.request(
            "POST",
            url: url,
            headers: headers,
            body: Array(body.utf8),
            timeout: .seconds(10)
        ).status
    }

    /// The events of its journal.
    func events() throws -> [JSONValue] {
        try program.text("\(try directory())/journal.jsonl").split(separator: "\n").compactMap {
            try? JSONValue.parse(String($0))
        }
    }

    /// Waits until the journal has an event that fits.
    func wait(
        for what: String,
        within limit: Duration = .seconds(90),
        _ fits: ([JSONValue]) -> Bool
    ) async throws {
        let deadline = Loop.monotonicNanoseconds() + limit.nanosecondsClamped
        while Loop.monotonicNanoseconds() < deadline {
            if let events = try? events(), fits(events) { return }
            if child.status != nil { break }
            try await Loop.current?.sleep(for: .milliseconds(50))
        }
        let events = (try? events()) ?? []
        try #require(fits(events), "\(what) never came: \(events.suffix(5))\n\(said)")
    }

    /// Waits for an event of a kind, and gives the last one.
    @discardableResult
    func wait(kind: String, count: Int = 1, text: String = "") async throws -> JSONValue {
        func fitting(_ events: [JSONValue]) -> [JSONValue] {
            events.filter {
                $0["event"]?.stringValue == kind
                    && (text.isEmpty || $0["text"]?.stringValue?.contains(text) == true)
            }
        }
        try await wait(for: "\(kind) \(text)") { fitting($0).count >= count }
        return try #require(fitting(try events()).last)
    }
}
