import HTTP
import JSON
import ShopCore

// Giving money back.
extension ProcessorClient {
    /// What the processor said of a refund.
    enum RefundAnswer: Sendable, Equatable {
        case refunded(String)
        /// Nothing was given back under the key, and nothing will be.
        case refused(String)
        /// No certain answer: given back or not, nobody here knows.
        case unknown(String)
    }

    /// Gives money of a charge back, under the one key that the charge's refund has.
    func refund(_ refund: RefundRequest, isRetry: Bool) async -> RefundAnswer {
        var headers: HTTPHeaders = ["Content-Type": "application/json"]
        headers[ShopHeaders.idempotencyKey] =
            context.has(.refundWithoutKey) ? UUIDText.random() : Self.refundKey(refund.charge)
        var body: [UInt8] = []
        refund.json.write(into: &body)
        do throws(HTTPError) {
            let response = try await peer.request(
                "POST",
                "/refunds",
                headers: headers,
                body: body,
                timeout: Self.patience,
                isRetry: isRetry
            )
            guard let response else { return .unknown("the processor is given a pause") }
            return read(response, of: refund.charge)
        } catch {
            return .unknown("\(error)")
        }
    }

    /// Asks what became of a charge's refund; `nil` when the processor knows none at present.
    func findRefund(of charge: String) async -> RefundAnswer? {
        do throws(HTTPError) {
            let response = try await peer.request(
                "GET",
                "/refunds?key=\(Self.refundKey(charge))",
                headers: [:],
                body: [],
                timeout: Self.patience
            )
            guard let response else { return .unknown("the processor is given a pause") }
            return response.status == 404 ? nil : read(response, of: charge)
        } catch {
            return .unknown("\(error)")
        }
    }

    private static func refundKey(_ charge: String) -> String { "refund/\(charge)" }

    private func read(_ response: HTTPResponse, of charge: String) -> RefundAnswer {
        let body = (try? JSONValue.parse(response.body)) ?? .null
        switch (response.status, body["id"]?.stringValue) {
        // An answer that comes once more may look like this one's: a charge has an id, too.
        case (200, let id?) where body["charge"]?.stringValue == charge: return .refunded(id)
        case (404, _), (409, _), (422, _):
            return .refused(body["detail"]?.stringValue ?? "status \(response.status)")
        default: return .unknown("the processor answered \(response.status)")
        }
    }
}
