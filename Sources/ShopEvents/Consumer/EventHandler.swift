package import Postgres
package import ShopBroker

/// What a consumer does with events: an effect in its own database, and nothing outside of it.
package protocol EventHandler: Sendable {
    /// The group's name.
    var consumer: String { get }
    var topics: [String] { get }

    /// Has the effect of events that were not handled before, in their order, in the transaction
    /// that is open on the connection.
    ///
    /// Throws `PoisonedEvent` for an event that can never be handled.
    func apply(_ messages: [BrokerMessage], _ connection: PostgresConnection) async throws
}

/// An event that cannot be handled as it is.
package struct PoisonedEvent: Error, Equatable, CustomStringConvertible {
    package var reason: String
    package var description: String { reason }

    package init(_ reason: String) {
        self.reason = reason
    }
}
