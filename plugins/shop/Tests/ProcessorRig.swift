import ChaosModel
import ChaosPluginAPI
import EventLoop
import HTTP
import JSON
import ShopCore
import ShopProcessor

/// A processor of the shop on a loop of its own; its database is away, so what acts fails by
/// itself with 503.
// Unchecked: everything happens on the rig's loop.
final class ProcessorRig: @unchecked Sendable {
    private(set) var processor: RunningService
    private let http = HTTPClient()

    private init(_ processor: RunningService) {
        self.processor = processor
    }

    /// Runs a test with a time limit and cleans up.
    static func run(
        _ body: @escaping @Sendable (ProcessorRig) async throws -> Void
    ) async throws {
        let loop = try Loop.start(label: "shop-test")
        defer { loop.stop() }
        try await loop.spawn {
            let rig = ProcessorRig(try await start("127.0.0.1:0"))
            do {
                try await withDeadline(.seconds(30)) { try await body(rig) }
            } catch {
                await rig.stop()
                throw error
            }
            await rig.stop()
        }.value
    }

    private static func start(_ listen: String) async throws -> RunningService {
        try await ProcessorService.start(
            ShopServiceConfiguration(
                role: .processor,
                listen: listen,
                database: "host=/nonexistent",
                log: "/dev/null",
                pool: 1
            )
        )
    }

    func stop() async {
        http.close()
        await processor.stop()
    }

    /// Another process at the same address, as after a restart.
    func restart() async throws {
        let address = processor.address
        await processor.stop()
        processor = try await Self.start("\(address)")
    }

    /// What the processor says of its behaviours.
    func behaviours() async throws -> [JSONValue] {
        let answer = try await http.request(
            "GET",
            url: "\(processor.url)/behaviours",
            timeout: .seconds(5)
        )
        return try JSONValue.parse(answer.body)["behaviours"]?.arrayValue ?? []
    }

    /// Charges the card that is refused, which takes no database: 402 unless it is mishandled.
    func charge() async throws -> Int {
        let charge = ChargeRequest(
            order: UUIDText.random(),
            amountCents: ChargeRequest.declinedAmountCents
        )
        return try await http.request(
            "POST",
            url: "\(processor.url)/charges",
            headers: [ShopHeaders.idempotencyKey: "k"],
            body: Array(charge.json.serialized().utf8),
            timeout: .seconds(5)
        ).status
    }

    /// What the runner tells a step.
    func context(_ arguments: JSONObject = ["fail": "after"]) -> StepContext {
        var context = StepContext(runID: "r1", arguments: arguments, seed: 7)
        context.target = .service("processor")
        context.system = SystemDescription(
            name: "s",
            services: [.init(name: "processor", url: processor.url), .init(name: "orders")],
            links: [],
            databases: []
        )
        context.lease = .seconds(10)
        return context
    }
}
