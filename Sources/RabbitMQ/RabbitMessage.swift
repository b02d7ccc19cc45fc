/// A message with the properties that we use.
package struct RabbitMessage: Sendable, Hashable {
    package var id: String
    package var type: String
    package var headers: [String: RabbitValue]
    package var body: String

    package init(
        id: String,
        type: String = "",
        headers: [String: RabbitValue] = [:],
        body: String
    ) {
        self.id = id
        self.type = type
        self.headers = headers
        self.body = body
    }
}

/// A value of a header or an argument.
package enum RabbitValue: Sendable, Hashable {
    case text(String)
    case number(Int64)
    case bool(Bool)

    package var text: String? {
        if case .text(let text) = self { text } else { nil }
    }

    package var number: Int64? {
        if case .number(let number) = self { number } else { nil }
    }
}

/// A message on its way to a consumer, to be acknowledged by its tag on its channel.
package struct RabbitDelivery: Sendable, Hashable {
    package var channel: UInt16
    /// 1, 2, 3 … for each channel.
    package var tag: UInt64
    /// Whether it may have been delivered before.
    package var isRedelivered: Bool
    package var message: RabbitMessage
}

/// What a connection tells without being asked.
package enum RabbitEvent: Sendable, Equatable {
    case delivery(RabbitDelivery)
    /// A channel with all that was not acknowledged on it is gone.
    case channelLost(UInt16, RabbitError)
    /// The connection is of no use any more; the last event.
    case ended(RabbitError)
}

/// Where a server listens and who we are there.
package struct RabbitEndpoint: Sendable, Hashable {
    /// A numeric address.
    package var host: String
    package var port: UInt16
    package var user: String
    package var password: String

    package init(host: String, port: UInt16, user: String, password: String) {
        self.host = host
        self.port = port
        self.user = user
        self.password = password
    }

    package var address: String { "\(host):\(port)" }
}
