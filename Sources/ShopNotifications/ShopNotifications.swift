import EventLoop
import Postgres
import ShopBroker
package import ShopCore
import ShopEvents

// ShopNotifications: tells each customer once how an order ended.
//
//   topic orders ─▶ EventConsumer ─▶ one row of `notifications` for each order-confirmed,
//                                    order-cancelled and order-failed
//
// The table has no constraint against telling twice: that each end is told once is the proof that
// inbox, effect and offset are one transaction.

/// The notifications service.
package final class NotificationsService: ShopService {
    private let consumer: EventConsumer

    private init(_ context: ServiceContext) throws {
        consumer = EventConsumer(
            context,
            broker: try BrokerAddress.broker(at: context.configuration.broker),
            handler: NotificationHandler()
        )
    }

    /// Starts the service on the current loop; throws when it cannot listen.
    package static func start(
        _ configuration: ShopServiceConfiguration
    ) async throws -> RunningService {
        try await RunningService.start(configuration) { try NotificationsService($0) }
    }

    package var routes: [Route] { consumer.deadLetterRoutes }

    package func begin() async { consumer.begin() }

    package func drain(grace: Duration) async { await consumer.stop(grace: grace) }
}
