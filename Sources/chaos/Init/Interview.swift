import ChaosModel
import CommandLine
import EventLoop
import HTTP

/// Asks for what `chaos init` was not told, looks whether it is there, and answers with the value
/// that the files follow from.
struct Interview {
    /// How often the service is asked, to learn how fast it is.
    private static let requests = 20
    /// How long one answer may take.
    private static let patience: Duration = .seconds(5)

    private let invocation: Invocation
    private let mayAsk: Bool

    init(_ invocation: Invocation) {
        self.invocation = invocation
        mayAsk = Console.isInteractive && Console.inputIsTerminal && !invocation.has("yes")
    }

    /// Throws `UsageError` when an answer is missing or is no answer.
    func hold() async throws -> FirstExperiment {
        let url = try http(
            answer(
                "http",
                "Which URL shows that your service works, with its database?",
                "http://127.0.0.1:8080/"
            )
        )
        let database = try place(
            answer("database", "Where does its database listen?", "127.0.0.1:5432")
        )
        let kind = try wireProtocol(
            answer(
                "protocol",
                "Which protocol does it speak: postgres, http or tcp?",
                database.port == 5432 ? "postgres" : "tcp"
            )
        )
        let listen = try place(
            answer(
                "listen",
                "Where shall the proxy listen, so that your service can be pointed at it?",
                "127.0.0.1:\(database.port &+ 1000)"
            )
        )
        let pidFile = optionalAnswer(
            "pid-file",
            "Which file holds the process id of your service? (return: none)"
        )
        let name = invocation.value("name") ?? "app"
        return FirstExperiment(
            name: name,
            url: url,
            database: database.text,
            wireProtocol: kind,
            listen: listen.text,
            pidFile: pidFile,
            slowest: await measure(url),
            directory: invocation.arguments.first ?? "chaos"
        )
    }

    /// Whether somebody listens there.
    static func isListening(_ place: String) async -> Bool {
        guard let address = try? SocketAddress(parsing: place),
            let stream = try? await Stream.connect(to: address, timeout: .seconds(2))
        else { return false }
        stream.close()
        return true
    }

    /// The slowest of some answers; `nil` when one failed.
    private func measure(_ url: String) async -> Duration? {
        guard let loop = Loop.current else { return nil }
        let client = HTTPClient(loop: loop)
        var slowest: Duration = .zero
        for _ in 0..<Self.requests {
            let begin = Loop.monotonicNanoseconds()
            guard
                let response = try? await client.request("GET", url: url, timeout: Self.patience),
                response.status < 400
            else { return nil }
            slowest = max(slowest, .nanoseconds(Loop.monotonicNanoseconds() - begin))
        }
        return slowest
    }
}

// The answers.
extension Interview {
    private func answer(_ option: String, _ question: String, _ usual: String) -> String {
        if let value = invocation.value(option) { return value }
        guard mayAsk else { return usual }
        Console.say("\(question) [\(usual)] ", terminator: "")
        let line = readLine() ?? ""
        return line.isEmpty ? usual : line
    }

    private func optionalAnswer(_ option: String, _ question: String) -> String? {
        if let value = invocation.value(option) { return value }
        guard mayAsk else { return nil }
        Console.say("\(question) ", terminator: "")
        let line = readLine() ?? ""
        return line.isEmpty ? nil : line
    }

    private func http(_ text: String) throws -> String {
        guard text.hasPrefix("http://"), text.utf8.count > 7 else {
            throw wrong("'\(text)' is no URL of ours. Write http://HOST:PORT/PATH.")
        }
        return text
    }

    private func place(_ text: String) throws -> (text: String, port: UInt16) {
        let whole = text.hasPrefix(":") ? "127.0.0.1\(text)" : text
        guard let colon = whole.lastIndex(of: ":"),
            let port = UInt16(whole[whole.index(after: colon)...]), port > 0,
            colon > whole.startIndex
        else { throw wrong("'\(text)' is no place to connect to. Write HOST:PORT.") }
        return (whole, port)
    }

    private func wireProtocol(_ text: String) throws -> SystemDescription.Link.WireProtocol {
        guard let kind = SystemDescription.Link.WireProtocol(rawValue: text) else {
            throw wrong("there is no protocol '\(text)'. Use postgres, http or tcp.")
        }
        return kind
    }

    private func wrong(_ message: String) -> UsageError {
        UsageError(path: invocation.path, message: message)
    }
}
