import ChaosModel
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
    let mix: LoadProfile.Mix

    init(base: String, mix: LoadProfile.Mix = .init()) {
        self.base = base.hasSuffix("/") ? String(base.dropLast()) : base
        self.mix = mix
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
        let intent = CheckoutIntent(of: arrival, mix)
        var retries = Retries(arrival)
        _ = CheckoutOrder(&retries.random)
        let (first, again) = (retries, retries)
        async let twin: (OperationEnd, Placed?)? =
            intent.isDoubled ? place("duplicate", intent.body, first, client) : nil
        let (placement, placed) = await place("placement", intent.body, again, client)
        end(placement)
        if let placed {
            end(await follow(placed, &retries, client))
        } else {
            var checkout = placement
            checkout.operation = "checkout"
            checkout.detail = "not placed: \(placement.detail ?? "no reason")"
            end(checkout)
        }
        if let (duplicate, _) = await twin { end(duplicate) }
        for (operation, body) in intent.afterwards {
            // What was not placed cannot be repeated: it would be placed then.
            guard placed != nil else {
                end(OperationEnd(operation: operation, kind: .fail, detail: "not placed"))
                continue
            }
            end(await place(operation, body, retries, client).0)
        }
        if intent.isReading { end(await read(placed, retries, client)) }
    }

    func extras(of arrival: Arrival) -> [String] { CheckoutIntent(of: arrival, mix).extras }

    /// Sends an order until it is taken or refused, or the client's time is over.
    private func place(
        _ operation: String,
        _ body: [UInt8],
        _ patience: Retries,
        _ client: HTTPClient
    ) async -> (OperationEnd, Placed?) {
        var retries = patience
        var end = OperationEnd(
            operation: operation,
            kind: .info,
            detail: "no attempt was made in time"
        )
        let headers: HTTPHeaders = [
            "Content-Type": "application/json", "Idempotency-Key": retries.arrival.key,
        ]
        var isUnknown = false
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
                (end.status, end.detail) = (response.status, "status \(response.status)")
                switch Self.meaning(of: response.status) {
                case .done:
                    guard let placed = Self.placed(response) else {
                        end.detail = "an unreadable answer"
                        return (end, nil)
                    }
                    (end.kind, end.order, end.detail) = (.ok, placed.order, nil)
                    return (end, placed)
                case .refused:
                    end.kind = isUnknown ? .info : .fail
                    return (end, nil)
                case .tryAgain(let mayHaveHappened):
                    isUnknown = isUnknown || mayHaveHappened
                    retryAfter = Retries.retryAfter(response)
                }
            } catch {
                (end.status, end.detail) = (nil, error.code.description)
                isUnknown = isUnknown || !error.isDefinite
            }
            guard await retries.pause(retryAfter) else { break }
        }
        end.kind = isUnknown ? .info : .fail
        return (end, nil)
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

    /// Reads the order once, whatever became of it.
    private func read(
        _ placed: Placed?,
        _ retries: Retries,
        _ client: HTTPClient
    ) async -> OperationEnd {
        var end = OperationEnd(operation: "read", kind: .fail, order: placed?.order)
        end.began = Loop.monotonicNanoseconds()
        guard let placed, let limit = retries.attemptLimit(atMost: Self.attemptMax) else {
            end.detail = "not placed, or no time left"
            return end
        }
        do throws(HTTPError) {
            let url = base + placed.statusPath
            let response = try await client.request("GET", url: url, timeout: limit)
            end.status = response.status
            end.kind = response.status == 200 ? .ok : .fail
        } catch {
            end.detail = error.code.description
        }
        return end
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
