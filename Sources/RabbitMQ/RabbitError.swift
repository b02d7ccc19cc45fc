internal import CRabbitMQ

/// RabbitMQ refused something, or the way to it is broken.
package struct RabbitError: Error, Equatable, CustomStringConvertible {
    package enum Code: Sendable, Equatable {
        /// There is no connection, or it is of no use any more.
        case connection
        /// There is no such exchange or queue (404); the channel is closed.
        case missing
        /// The server refused in another way; the channel is closed.
        case refused
        /// The server did not take a message for good; the connection stays usable.
        case unconfirmed
    }

    package var code: Code
    /// What was tried, with its object: `declaring the queue shop.orders`.
    package var deed: String
    /// The server's or the library's words.
    package var reason: String

    package init(_ code: Code, _ deed: String, _ reason: String) {
        self.code = code
        self.deed = deed
        self.reason = reason
    }

    package var description: String { "\(deed) failed: \(reason). \(remedy)" }

    private var remedy: String {
        switch code {
        case .connection: "Look whether RabbitMQ runs and what its log says."
        case .missing: "Declare it first."
        case .refused: "Look into RabbitMQ's log."
        case .unconfirmed: "Publish it again."
        }
    }
}

extension RabbitError {
    /// One of the library's own numbers (`amqp_status_enum`).
    init(status: Int32, _ deed: String) {
        self.init(.connection, deed, unsafe String(cString: amqp_error_string2(status)))
    }

    /// The server's number and words with which it closed a channel or the connection.
    init(reply: UInt16, _ text: String, _ deed: String, closesChannel: Bool) {
        let code: Code =
            switch reply {
            case _ where !closesChannel: .connection
            case 404: .missing
            default: .refused
            }
        self.init(code, deed, text)
    }
}
