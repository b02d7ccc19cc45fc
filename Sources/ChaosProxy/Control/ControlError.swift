/// A request that cannot be carried out, with Toxiproxy's status and text.
struct ControlError: Error, Equatable {
    /// The HTTP status.
    let status: Int
    let message: String

    static let proxyMissing = ControlError(status: 404, message: "proxy not found")
    static let toxicMissing = ControlError(status: 404, message: "toxic not found")
    static let proxyExists = ControlError(status: 409, message: "proxy already exists")
    static let toxicExists = ControlError(status: 409, message: "toxic already exists")
    static let typeInvalid = ControlError(status: 400, message: "invalid toxic type")
    static let streamInvalid = ControlError(
        status: 400,
        message: "stream was invalid, can be either upstream or downstream"
    )

    static func fieldMissing(_ name: String) -> ControlError {
        ControlError(status: 400, message: "missing required field: \(name)")
    }

    static func badBody(_ reason: String) -> ControlError {
        ControlError(status: 400, message: "bad request body: \(reason)")
    }

    /// Whether another socket listens at the address.
    var isAddressInUse: Bool { message.hasSuffix("address already in use") }

    static func socket(_ reason: String) -> ControlError {
        ControlError(status: 500, message: reason)
    }
}
