import ChaosModel

extension ToxicType {
    /// `http_status`: a request is answered with `status` and `body` and never reaches the server.
    static let httpStatus = ToxicType(
        "http_status",
        needs: .http,
        fields: [.init("status", .count, default: 503), .init("body", .text)]
    ) { (attributes) throws(ControlError) in
        let status = attributes.values[0]
        guard (200...599).contains(status), status != 204, status != 304 else {
            throw .badBody("attributes.status \(status) cannot be. Use 200 to 599 with a body")
        }
        let body = attributes.texts[1]
        guard body.utf8.count <= 64 << 10 else {
            throw .badBody("attributes.body is too long. Use at most 65536 bytes")
        }
        return .answerStatus(
            status: Int(status),
            body: body.isEmpty ? "injected by chaos\n" : body
        )
    }
}
