import EventLoop
import HTTP
import JSON

/// Places an order and waits for its final state.
///
/// "placement" ends when the shop has taken the order (202); "checkout" when it is confirmed. The
/// request carries an idempotency key and is repeated with it until the client's time is over. Both
/// operations end as `info` when the client cannot know.
struct CheckoutScenario: Scenario {
    static let operations = ["placement", "checkout"]

    let base: String

    init(base: String) {
        self.base = base.hasSuffix("/") ? String(base.dropLast()) : base
    }

    /// One attempt waits for its answer so long, in seconds.
    private static let attemptMax = 5.0
    /// How long one status request asks the shop to wait, in whole seconds.
    private static let waitMax = 10.0

    private struct Placed {
        var order: String
        var statusPath: String
    }

    func run(_ arrival: Arrival, _ client: HTTPClient, _ end: (OperationEnd) -> Void) async {
        var retries = Retries(arrival)
        let (placement, placed) = await place(&retries, client)
        end(placement)
        guard let placed else {
            var checkout = placement
            checkout.operation = "checkout"
            checkout.detail = "not placed: \(placement.detail ?? "no reason")"
            end(checkout)
            return
        }
        end(await follow(placed, &retries, client))
    }

    private func place(
        _ retries: inout Retries,
        _ client: HTTPClient
    ) async -> (OperationEnd, Placed?) {
        let body = Self.order(&retries.random)
        let headers: HTTPHeaders = [
            "Content-Type": "application/json", "Idempotency-Key": retries.arrival.key,
        ]
        var isUnknown = false
        var last = "no attempt was made in time"
        var lastStatus: Int?
        while let limit = retries.attemptLimit(atMost: Self.attemptMax) {
            var retryAfter: Double?
            do throws(HTTPError) {
                let response = try await client.request(
                    "POST",
                    url: base + "/orders",
                    headers: headers,
                    body: body,
                    timeout: limit
                )
                lastStatus = response.status
                last = "status \(response.status)"
                switch Self.meaning(of: response.status) {
                case .done:
                    guard let placed = Self.placed(response) else {
                        return (Self.placement(.info, lastStatus, "an unreadable answer"), nil)
                    }
                    var end = Self.placement(.ok, lastStatus, nil)
                    end.order = placed.order
                    return (end, placed)
                case .refused:
                    return (Self.placement(isUnknown ? .info : .fail, lastStatus, last), nil)
                case .tryAgain(let mayHaveHappened):
                    isUnknown = isUnknown || mayHaveHappened
                    retryAfter = Retries.retryAfter(response)
                }
            } catch {
                lastStatus = nil
                last = error.code.description
                isUnknown = isUnknown || !error.isDefinite
            }
            guard await retries.pause(retryAfter) else { break }
        }
        return (Self.placement(isUnknown ? .info : .fail, lastStatus, last), nil)
    }

    private func follow(
        _ placed: Placed,
        _ retries: inout Retries,
        _ client: HTTPClient
    ) async -> OperationEnd {
        var last = "no final state in time"
        var lastStatus: Int?
        while let limit = retries.attemptLimit(atMost: Self.waitMax + Self.attemptMax) {
            let wait = max(1, min(Self.waitMax, retries.secondsLeft))
            let url = "\(base)\(placed.statusPath)?wait=\(Int(wait))s"
            var retryAfter: Double?
            let asked = Loop.monotonicNanoseconds()
            do throws(HTTPError) {
                let response = try await client.request("GET", url: url, timeout: limit)
                lastStatus = response.status
                let answer = response.status == 200 ? try? JSONValue.parse(response.body) : nil
                let state = answer?["state"]?.stringValue
                last = state.map { "state \($0)" } ?? "status \(response.status)"
                if state == "confirmed" { return checkout(.ok, placed, lastStatus, nil) }
                if state == "cancelled" {
                    return checkout(.fail, placed, lastStatus, Self.cancellation(answer))
                }
                retryAfter = Retries.retryAfter(response)
                // The shop waited with us: ask again at once.
                let hasWaited = Loop.monotonicNanoseconds() - asked >= 1_000_000_000
                if state != nil, hasWaited { continue }
            } catch {
                lastStatus = nil
                last = error.code.description
            }
            guard await retries.pause(retryAfter) else { break }
        }
        return checkout(.info, placed, lastStatus, last)
    }

    private func checkout(
        _ kind: OperationEnd.Kind,
        _ placed: Placed,
        _ status: Int?,
        _ detail: String?
    ) -> OperationEnd {
        OperationEnd(
            operation: "checkout",
            kind: kind,
            order: placed.order,
            status: status,
            detail: detail
        )
    }

    private static func placement(
        _ kind: OperationEnd.Kind,
        _ status: Int?,
        _ detail: String?
    ) -> OperationEnd {
        OperationEnd(operation: "placement", kind: kind, status: status, detail: detail)
    }
}

// What is sent, and what the answers mean.
extension CheckoutScenario {
    enum Meaning: Equatable {
        case done
        case refused
        case tryAgain(mayHaveHappened: Bool)
    }

    /// What a status says about an order.
    ///
    /// A server error may come after the deed: only the key makes it harmless to ask again.
    static func meaning(of status: Int) -> Meaning {
        switch status {
        case 200, 201, 202: .done
        case 425, 429: .tryAgain(mayHaveHappened: false)
        // 409: another attempt with this key is at work.
        case 408, 409, 500...599: .tryAgain(mayHaveHappened: true)
        default: .refused
        }
    }

    /// An order: who, what, how many, how much.
    static func order(_ random: inout Xoshiro256) -> [UInt8] {
        let customer = Int.random(in: 1...1000, using: &random)
        let sku = Int.random(in: 1...20, using: &random)
        let quantity = Int.random(in: 1...3, using: &random)
        let amount = Int.random(in: 100...50_000, using: &random)
        let text = """
            {"customer":"customer-\(customer)","sku":"sku-\(sku < 10 ? "0" : "")\(sku)",\
            "quantity":\(quantity),"amount_cents":\(amount)}
            """
        return Array(text.utf8)
    }

    private static func placed(_ response: HTTPResponse) -> Placed? {
        guard let answer = try? JSONValue.parse(response.body),
            let order = answer["order"]?.stringValue,
            let path = answer["status"]?.stringValue, path.hasPrefix("/")
        else { return nil }
        return Placed(order: order, statusPath: path)
    }

    private static func cancellation(_ answer: JSONValue?) -> String {
        let reason = answer?["reason"]?.stringValue
        return "cancelled" + (reason.map { ": \($0)" } ?? "")
    }
}
