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

    private let context: ServiceContext
    private let peer: Peer

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
            return read(response)
        } catch {
            return .unknown("\(error)")
        }
    }

    private func sent(_ charge: ChargeRequest) -> ChargeRequest {
        guard context.has(.centsAsDouble) else { return charge }
        var charge = charge
        let units = Double(charge.amountCents) / 100
        charge.amountCents = max(1, Int64(units * 100))
        return charge
    }

    private func read(_ response: HTTPResponse) -> Answer {
        let body = (try? JSONValue.parse(response.body)) ?? .null
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
