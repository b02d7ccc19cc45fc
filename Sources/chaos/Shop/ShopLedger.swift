import ChaosModel
import CommandLine
import EventLoop
import HTTP
import JSON

/// `chaos shop ledger show|rebuild`: the books of payments.
struct ShopLedger {
    /// Making the balances anew reads every entry.
    private static let patience: Duration = .seconds(120)

    private let client = HTTPClient()
    private let url: String
    private let isJSON: Bool

    /// Throws `Failure` when nothing is known of payments.
    init(_ system: SystemDescription, isJSON: Bool) throws {
        guard let url = system.services.first(where: { $0.role == "payments" })?.url else {
            throw Failure(
                "this shop has no payments. Start one with: chaos shop up",
                status: ExitStatus.usage
            )
        }
        self.url = url
        self.isJSON = isJSON
    }

    func show() async throws -> Int32 {
        let books = try await ask("GET", "/ledger")
        tell(books)
        return books["are_right"] == true ? ExitStatus.held : ExitStatus.deviated
    }

    func rebuild() async throws -> Int32 {
        let books = try await ask("POST", "/ledger/rebuild")
        tell(books)
        if !isJSON {
            Console.say(
                books["were_right"] == true
                    ? "The balances were right before." : "The balances were wrong before."
            )
        }
        return ExitStatus.held
    }

    private func tell(_ books: JSONValue) {
        guard !isJSON else { return Console.answer(books.serialized(pretty: true)) }
        Console.answer(line("account", "debits", "credits", "balance"))
        for account in books["accounts"]?.arrayValue ?? [] {
            func cents(_ name: String) -> String {
                Self.money(account[name]?.integerValue ?? 0)
            }
            let mark = account["is_right"] == true ? "" : "  not the sum of its entries"
            Console.answer(
                line(
                    account["account"]?.stringValue ?? "",
                    cents("debits_cents"),
                    cents("credits_cents"),
                    cents("balance_cents")
                ) + mark
            )
        }
        let entries = books["entries"]?.integerValue ?? 0
        let pending = books["pending"]?.integerValue ?? 0
        Console.say("\(entries) entries, \(pending) of them not in the balances yet")
    }

    private func line(_ account: String, _ figures: String...) -> String {
        account.padding(to: 12)
            + figures.map { String(repeating: " ", count: max(1, 16 - $0.count)) + $0 }.joined()
    }

    /// `-12.05`.
    private static func money(_ cents: Int64) -> String {
        let rest = cents.magnitude % 100
        return "\(cents < 0 ? "-" : "")\(cents.magnitude / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    private func ask(_ method: String, _ path: String) async throws -> JSONValue {
        let response = try await client.request(method, url: url + path, timeout: Self.patience)
        let body = (try? JSONValue.parse(response.body)) ?? .null
        guard response.status == 200 else {
            let reason = body["detail"]?.stringValue ?? "status \(response.status)"
            throw Failure("payments: \(reason)", status: ExitStatus.deviated)
        }
        return body
    }
}
