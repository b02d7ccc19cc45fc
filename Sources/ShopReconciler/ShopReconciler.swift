import EventLoop
import HTTP
import JSON
package import ShopCore
import Synchronization
import Telemetry

// ShopReconciler: finds what the services tell differently of an order, mends what a rule allows,
// and lists the rest for a person.
//
//   orders, payments, inventory, processor, projector
//       └─ GET /statement, a page each ──▶ merged by order ──▶ Comparison ──▶ conflicts
//                                                                 │ seen twice, rule ──▶ Repairs
//                                                                 └ no rule ──▶ GET /conflicts
//
// It asks the services as any other would, behind the orders by a minute, a page at a time; no
// customer waits for it. What could not be read is not missing: the round ends and is begun again.

/// The reconciler.
package final class ReconcilerService: ShopService {
    private let context: ServiceContext
    private let store: ConflictStore
    private let rounds: Rounds
    private let working = Mutex<Task<Void, any Error>?>(nil)

    private init(_ context: ServiceContext, _ pace: ReconcilerPace) {
        self.context = context
        store = ConflictStore(context, pace)
        rounds = Rounds(context, store, pace)
    }

    /// Starts the service on the current loop; throws when it cannot listen.
    package static func start(
        _ configuration: ShopServiceConfiguration,
        pace: ReconcilerPace = ReconcilerPace()
    ) async throws -> RunningService {
        try await RunningService.start(configuration) { ReconcilerService($0, pace) }
    }

    package var routes: [Route] {
        [
            Route("GET", "/conflicts") { [store] request, _ in
                .document(try await store.list(all: request.query("all") == "true"))
            }
        ]
    }

    package func begin() async {
        // Owned by this service, cancelled by `drain`.
        let task = context.loop.spawn { [rounds] in await rounds.run() }
        working.withLock { $0 = task }
    }

    package func drain(grace: Duration) async {
        working.withLock { $0 }?.cancel()
    }
}
