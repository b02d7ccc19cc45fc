/// A message that a session sent with NOTIFY.
package struct PostgresNotification: Sendable, Hashable {
    package var channel: String
    /// Empty when NOTIFY gave none.
    package var payload: String
    /// The server process that sent it.
    package var processID: Int32
}

extension PostgresConnection {
    /// How many notifications a reader may fall behind before it loses the oldest.
    package static let notificationsMax = 1024

    struct Subscription {
        let channel: String
        let continuation: AsyncStream<PostgresNotification>.Continuation
    }

    /// Listens to a channel; the stream ends when the connection does.
    ///
    /// Keep the connection out of a pool while listening. A reader that falls more than
    /// `notificationsMax` behind loses the oldest: treat a notification as a hint to look.
    package func listen(
        _ channel: String,
        timeout: Duration = defaultTimeout
    ) async throws(PostgresError) -> AsyncStream<PostgresNotification> {
        // NAMEDATALEN − 1: the server cuts longer names, and would then send another name.
        guard (1...63).contains(channel.utf8.count) else {
            throw PostgresError(
                .value,
                "a channel name of \(channel.utf8.count) bytes. Use 1 to 63 bytes.",
                isDefinite: true
            )
        }
        let (stream, continuation) = AsyncStream.makeStream(
            of: PostgresNotification.self,
            bufferingPolicy: .bufferingNewest(Self.notificationsMax)
        )
        subscriptions.append(Subscription(channel: channel, continuation: continuation))
        handle.notificationSink = { [weak self] in self?.deliver($0) }
        handle.closeSink = { [weak self] in self?.endSubscriptions() }
        do {
            let name = Self.quoted(identifier: channel)
            let stakes = Stakes(lossIsDefinite: true, name: "LISTEN")
            _ = try await sendSimple("LISTEN \(name)", Patience(timeout), stakes)
        } catch {
            continuation.finish()
            throw error
        }
        return stream
    }

    /// An identifier in double quotes, safe to put into SQL.
    package static func quoted(identifier: String) -> String {
        "\"" + identifier.replacing("\"", with: "\"\"") + "\""
    }

    private func deliver(_ notification: PostgresNotification) {
        for subscription in subscriptions where subscription.channel == notification.channel {
            subscription.continuation.yield(notification)
        }
    }

    private func endSubscriptions() {
        for subscription in subscriptions { subscription.continuation.finish() }
        subscriptions = []
    }
}
