import HTTP
import JSON
import ShopCore

/// Asks the outside processor, with patience and a circuit breaker.
final class ProcessorClient: Sendable {
    /// How long one charge may take.
    static let patience: Duration = .seconds(2)

    /// What the processor said.
    enum Answer: Sendable, Equatable {
        case captured(chargeID: String)
        case declined(reason: String)
        /// The key belongs to another charge.
        case mismatch
        /// No certain answer: charged or not, nobody here knows.
        case unknown(String)
    }

    let context: ServiceContext
    let peer: Peer

    init(_ context: ServiceContext) {
        self.context = context
        peer = context.peer(
            .processor,
            client: HTTPClient(maxConnectionsPerHost: 128, loop: context.loop),
            breaker: context.breaker(openFor: .milliseconds(250))
        )
    }

    /// Charges under a key; the same key any number of times is one charge.
    func charge(_ charge: ChargeRequest, key: String, isRetry: Bool) async -> Answer {
        var headers: HTTPHeaders = ["Content-Type": "application/json"]
        headers[ShopHeaders.idempotencyKey] =
            context.has(.chargeWithoutKey) ? UUIDText.random() : key
        var body: [UInt8] = []
        sent(charge).json.write(into: &body)
        do throws(HTTPError) {
            let response = try await peer.request(
                "POST",
                "/charges",
                headers: headers,
                body: body,
                timeout: Self.patience,
                isRetry: isRetry
            )
            guard let response else {
                return .unknown("the processor failed too often and is given a pause")
            }
            return read(response, of: charge)
        } catch {
            return .unknown("\(error)")
        }
    }

    /// What the processor knows of a key.
    enum Knowledge: Sendable, Equatable {
        case charged(ChargeRequest, chargeID: String)
        case absent
        case unknown(String)
    }

    /// Asks what became of a key; charges nothing.
    func find(_ key: String) async -> Knowledge {
        guard key.utf8.allSatisfy({ Self.isPlain($0) }) else {
            return .unknown("the key does not fit into a question")
        }
        do throws(HTTPError) {
            let response = try await peer.request(
                "GET",
                "/charges?key=\(key)",
                headers: [:],
                body: [],
                timeout: Self.patience
            )
            guard let response else { return .unknown("the processor is given a pause") }
            if response.status == 404 { return .absent }
            let body = (try? JSONValue.parse(response.body)) ?? .null
            guard response.status == 200, let id = body["id"]?.stringValue,
                let order = body["order"]?.stringValue,
                let cents = body["amount_cents"]?.integerValue
            else { return .unknown("the processor answered \(response.status)") }
            return .charged(ChargeRequest(order: order, amountCents: cents), chargeID: id)
        } catch {
            return .unknown("\(error)")
        }
    }

    /// Letters, digits and what keys are made of beside them.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "/"): true
        default: false
        }
    }

    private func sent(_ charge: ChargeRequest) -> ChargeRequest {
        guard context.has(.centsAsDouble) else { return charge }
        var charge = charge
        let units = Double(charge.amountCents) / 100
        charge.amountCents = max(1, Int64(units * 100))
        return charge
    }

    private func read(_ response: HTTPResponse, of charge: ChargeRequest) -> Answer {
        let body = (try? JSONValue.parse(response.body)) ?? .null
        // HTTP/1.1 numbers no answers: one that comes once more may look like the next one's.
        if let order = body["order"]?.stringValue, order != charge.order {
            return .unknown("the processor's answer is about order \(order)")
        }
        switch (response.status, body["state"]?.stringValue) {
        case (200, "captured"):
            guard let id = body["id"]?.stringValue else {
                return .unknown("the processor's answer names no charge")
            }
            return .captured(chargeID: id)
        case (402, "failed"):
            return .declined(reason: body["reason"]?.stringValue ?? "declined")
        case (422, _):
            return .mismatch
        default:
            return .unknown("the processor answered \(response.status)")
        }
    }
}
