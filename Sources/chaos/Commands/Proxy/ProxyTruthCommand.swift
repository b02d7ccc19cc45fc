import ChaosJournal
import ChaosModel
import ChaosProxy
import CommandLine
import EventLoop
import JSON
import LinuxSystem
import Postgres

/// `chaos proxy truth`: what became of transactions whose clients could not know.
enum ProxyTruthCommand {
    static let command = Command(
        "truth",
        summary: "ask PostgreSQL what became of doubtful transactions",
        discussion: """
            The numbers come from the words, from the journal of a run, or from the toxics of a \
            running server (lose_commit_ack, drop_commit and delay_commit_ack record them when \
            ask_transaction_id is set, or when the session asked itself). The database is the one \
            of libpq's variables (PGHOST, PGSERVICE, …), of --service, or of a file with a \
            connection string: none stands on the command line, where everybody could read it.

            PostgreSQL knows the end of a transaction for a long time, but not for ever: then it \
            is 'forgotten'.

            Exit status: 0 each is told, 64 wrong words, 70 the database or the server does not \
            answer.
            """,
        arguments: [
            Argument("XID", "Numbers of transactions: 'SELECT txid_current()'.", arity: .any)
        ],
        options: [
            Option("journal", value: "FILE", "A run's journal, or its directory."),
            Option("proxy", value: "NAME", "Only this proxy, or link of the journal."),
            Option("service", value: "NAME", "A service of pg_service.conf."),
            Option("conninfo-file", value: "FILE", "A file with a connection string."),
            ProxyRequestCommand.api,
            Option("json", "Print one JSON document."),
        ],
        examples: [
            Example(
                "PGSERVICE=payments chaos proxy truth --proxy payments-db",
                "Whether each lost acknowledgement was of a commit."
            )
        ],
        action: { try run($0) }
    )

    private static func run(_ invocation: Invocation) throws -> Int32 {
        let isJSON = invocation.has("json")
        let conninfo = try conninfo(invocation)
        let given = invocation.arguments
        if let wrong = given.first(where: { UInt64($0) == nil }) {
            throw Failure(
                "\"\(wrong)\" is no number of a transaction. Write one such as 734.",
                status: ExitStatus.usage
            )
        }
        let proxy = invocation.value("proxy")
        let journal = try invocation.value("journal").map { try doubts(journal: $0, of: proxy) }
        return try ProxyRequestCommand.ask(invocation) { client in
            var doubts = given.map { Doubt(transaction: $0) }
            if let journal {
                doubts += journal
            } else if given.isEmpty {
                doubts += try await Doubt.all(at: client, of: proxy)
            }
            try await tell(doubts, conninfo, isJSON: isJSON)
        }
    }

    private static func conninfo(_ invocation: Invocation) throws -> String {
        let (service, file) = (invocation.value("service"), invocation.value("conninfo-file"))
        switch (service, file) {
        case (nil, nil): return ""
        case (let service?, nil):
            let quoted = service.replacing("\\", with: "\\\\").replacing("'", with: "\\'")
            return "service='\(quoted)'"
        case (nil, let file?):
            do {
                let text = String(decoding: try SystemFiles.read(file), as: UTF8.self)
                return text.replacing("\n", with: " ")
            } catch {
                throw Failure("\(error)", status: ExitStatus.usage)
            }
        default:
            throw UsageError(
                path: invocation.path,
                message: "--service and --conninfo-file cannot hold together. Give one of them."
            )
        }
    }

    private static func doubts(journal path: String, of link: String?) throws -> [Doubt] {
        let file = SystemFiles.isDirectory(path) ? path + "/journal.jsonl" : path
        do {
            let events = JournalReader.events(in: try SystemFiles.read(file)).events
            return events.compactMap { event in
                guard case .firing(let firing) = event.payload else { return nil }
                return Doubt(firing.detail, at: firing.firedAt.microseconds, of: link)
            }
        } catch {
            throw Failure("\(error)", status: ExitStatus.usage)
        }
    }

    private static func tell(
        _ doubts: [Doubt],
        _ conninfo: String,
        isJSON: Bool
    ) async throws {
        var answers: [(Doubt, String)] = []
        do throws(PostgresError) {
            let connection = try await PostgresConnection.connect(conninfo)
            defer { connection.close() }
            for doubt in doubts { answers.append((doubt, try await doubt.truth(connection))) }
        } catch {
            throw Failure(
                "the database does not tell: \(error). Check --service, --conninfo-file or the"
                    + " PG variables.",
                status: ExitStatus.internalFault
            )
        }
        guard !isJSON else {
            let list = answers.map { $0.0.json(truth: $0.1) }
            return Console.answer(JSONValue.array(list).serialized(pretty: true))
        }
        guard !answers.isEmpty else {
            return Console.say(
                "no number of a doubtful transaction is known. Set ask_transaction_id on the"
                    + " toxic, or name numbers. Where BEGIN and COMMIT come in one message, as from"
                    + " psql -c 'begin; …; commit', nobody can be asked in between."
            )
        }
        var table = TextTable([.number("TRANSACTION"), "TRUTH", "LINK", "CONNECTION", "AT"])
        for (doubt, truth) in answers {
            let time = doubt.microseconds.map { "\(Double($0 / 1_000) / 1_000)" } ?? ""
            table.add([doubt.transaction, truth, doubt.link, doubt.connection, time])
        }
        Console.answer(table.lines().joined(separator: "\n"))
    }
}

/// A transaction whose end its client could not know.
private struct Doubt: Sendable {
    let transaction: String
    var link = ""
    var connection = ""
    /// When it became doubtful, microseconds since the epoch.
    var microseconds: Int64?

    init(transaction: String) {
        self.transaction = transaction
    }

    /// What a firing recorded; `nil` without a number, or of another link.
    init?(_ detail: JSONObject, at microseconds: Int64?, of wanted: String?) {
        guard let number = detail["transaction_id"]?.stringValue, UInt64(number) != nil else {
            return nil
        }
        transaction = number
        link = detail["link"]?.stringValue ?? ""
        connection = detail["connection"]?.stringValue ?? ""
        self.microseconds = microseconds
        if let wanted, wanted != link { return nil }
    }

    /// What the toxics of a running server recorded.
    static func all(
        at client: ProxyClient,
        of wanted: String?
    ) async throws(ProxyClientError) -> [Doubt] {
        var doubts: [Doubt] = []
        for proxy in try await client.proxies().objectValue?.members ?? []
        where wanted == nil || wanted == proxy.name {
            for toxic in proxy.value["toxics"]?.arrayValue ?? [] {
                let name = toxic["name"]?.stringValue ?? ""
                for firing in try await client.firings(of: name, on: proxy.name) ?? [] {
                    var detail = firing["detail"]?.objectValue ?? [:]
                    detail["connection"] = firing["connection"]
                    let doubt = Doubt(detail, at: firing["at_us"]?.integerValue, of: nil)
                    if let doubt { doubts.append(doubt) }
                }
            }
        }
        return doubts
    }

    /// Asks the database: committed, aborted, in progress or forgotten.
    func truth(_ connection: PostgresConnection) async throws(PostgresError) -> String {
        do throws(PostgresError) {
            // Known since PostgreSQL 10, and to 13 and newer as pg_xact_status.
            let rows = try await connection.query(
                "SELECT txid_status($1::bigint) AS status",
                [.string(transaction)]
            )
            return try rows[0].stringOrNil("status") ?? "forgotten"
        } catch {
            // A number that was never given out.
            guard error.sqlState == "22023" else { throw error }
            return "unknown"
        }
    }

    func json(truth: String) -> JSONValue {
        var object: JSONObject = [
            "transaction_id": .string(transaction), "truth": .string(truth),
        ]
        object["link"] = link.isEmpty ? nil : .string(link)
        object["connection"] = connection.isEmpty ? nil : .string(connection)
        object["at_us"] = microseconds.map { .integer($0) }
        return .object(object)
    }
}
