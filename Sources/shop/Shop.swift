import CommandLine
import EventLoop
import Glibc
import JSON
import LinuxSystem
import ShopCore
import ShopEvents
import ShopGateway
import ShopInventory
import ShopNotifications
import ShopOrders
import ShopPayments
import ShopProcessor
import ShopProjector
import ShopReconciler
import ShopSupervisor
import Telemetry

// shop — one process of the reference shop: `shop <role> --config FILE`.
//
//     words ─▶ role ─▶ configuration ─▶ service on this thread's loop ─▶ SIGTERM ─▶ drain ─▶ exit 0
//
// Exit status: 0 drained · 64 wrong usage or configuration · 70 internal fault.

/// The program.
@main
enum Shop {
    static func main() {
        // Writing to a reader that left is an error to handle, not a reason to die.
        _ = signal(SIGPIPE, SIG_IGN)
        exit(run(Array(Swift.CommandLine.arguments.dropFirst())))
    }

    private static let usage: Int32 = 64
    private static let internalFault: Int32 = 70

    private static func run(_ words: [String]) -> Int32 {
        do {
            switch try CommandParser(commands).parse(words) {
            case .help(let path, let command):
                print(HelpText().screen(of: command, path: path), terminator: "")
                return 0
            case .run(let invocation):
                guard let action = invocation.command.action else { return usage }
                return try action(invocation)
            }
        } catch {
            say("shop: \(error)")
            return error is UsageError || error is ConfigurationError ? usage : internalFault
        }
    }

    private static var commands: Command {
        Command(
            "shop",
            summary: "The services of the reference shop, one process each",
            discussion: "`chaos shop up` starts them all, with their databases and the proxy.",
            subcommands: ShopRole.allCases.map(command) + [supervisor]
        )
    }

    private static var supervisor: Command {
        Command(
            "supervise",
            summary: "Starts, watches and stops a whole shop; chaos shop up calls it",
            options: [Option("options", value: "JSON", "What chaos shop up tells it")]
        ) { invocation in
            guard let options = invocation.value("options") else {
                throw UsageError(
                    path: ["shop", "supervise"],
                    message: "--options is missing. Start a shop with: chaos shop up"
                )
            }
            return try Loop.main { try await supervise(options) }
        }
    }

    private static func command(_ role: ShopRole) -> Command {
        Command(
            role.rawValue,
            summary: role.facts.summary,
            options: [Option("config", value: "FILE", "Its configuration, as JSON")]
        ) { invocation in
            guard let path = invocation.value("config") else {
                throw UsageError(
                    path: ["shop", role.rawValue],
                    message: "--config is missing. Name the JSON file of the service."
                )
            }
            return try serve(try configuration(at: path, role: role))
        }
    }

    private static func configuration(
        at path: String,
        role: ShopRole
    ) throws -> ShopServiceConfiguration {
        let json: JSONValue
        do {
            json = try JSONValue.parse(try SystemFiles.read(path))
        } catch let error as JSONError {
            throw ConfigurationError(problems: ["\(path): \(error)"])
        }
        do {
            let configuration = try ShopServiceConfiguration(json: json)
            guard configuration.role == role else {
                throw ConfigurationError(problems: ["role: the file is of \(configuration.role)."])
            }
            return configuration
        } catch let error as ConfigurationError {
            throw ConfigurationError(problems: error.problems.map { "\(path): \($0)" })
        }
    }

    private static func serve(_ configuration: ShopServiceConfiguration) throws -> Int32 {
        // Each client that waits for an order holds a connection.
        HostFacts.raiseOpenFileLimit()
        let (tracing, problems) = TracingSettings.read { Environment.get($0) }
        var configuration = configuration
        configuration.tracing = tracing
        // A mistake in what is watched with must not keep the shop closed.
        for problem in problems { say("shop: \(problem)") }
        return try Loop.main { [configuration] in
            let signals = try SignalSource.on([SIGTERM, SIGINT])
            let service = try await start(configuration)
            var iterator = signals.makeAsyncIterator()
            _ = await iterator.next()
            await service.stop()
            return 0
        }
    }

    private static func start(
        _ configuration: ShopServiceConfiguration
    ) async throws -> RunningService {
        switch configuration.role {
        case .gateway: try await GatewayService.start(configuration)
        case .orders: try await OrdersService.start(configuration)
        case .inventory: try await InventoryService.start(configuration)
        case .payments: try await PaymentsService.start(configuration)
        case .processor: try await ProcessorService.start(configuration)
        case .ordersRelay, .inventoryRelay, .paymentsRelay:
            try await EventRelay.start(configuration)
        case .notifications: try await NotificationsService.start(configuration)
        case .projector: try await ProjectorService.start(configuration)
        case .reconciler: try await ReconcilerService.start(configuration)
        }
    }

    private static func say(_ text: String) {
        let bytes = Array((text + "\n").utf8)
        _ = unsafe bytes.withUnsafeBytes { buffer in
            // The buffer lives for the call only.
            unsafe write(STDERR_FILENO, buffer.baseAddress, buffer.count)
        }
    }
}
