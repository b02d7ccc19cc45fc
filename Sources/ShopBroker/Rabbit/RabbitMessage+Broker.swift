import RabbitMQ
import ShopCore

extension RabbitMessage {
    /// An event with key, version, trace and the time of its publication in the headers.
    init(_ message: BrokerMessage, publishedAt: Int64) {
        var headers: [String: RabbitValue] = [
            "key": .text(message.key),
            "version": .number(message.version),
            "published_us": .number(publishedAt),
        ]
        headers["trace"] = message.trace.map { .text($0) }
        self.init(
            id: message.id,
            type: message.type,
            headers: headers,
            body: message.payload
        )
    }
}

extension BrokerMessage {
    /// `nil` for what no publisher of ours has sent: a consumer could not even park it.
    init?(_ message: RabbitMessage) {
        guard UUIDText.isValid(message.id), let key = message.headers["key"]?.text,
            let version = message.headers["version"]?.number
        else { return nil }
        self.init(
            id: message.id,
            key: key,
            type: message.type,
            version: version,
            payload: message.body,
            trace: message.headers["trace"]?.text
        )
    }
}
