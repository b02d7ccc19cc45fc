import EventLoop
import JSON
import LinuxSystem
import Postgres
import ShopBroker
import ShopCore
import ShopEvents
import Synchronization

/// A consumer whose effect can be counted: one row for each message, and nothing but the inbox to
/// keep a message from having two.
struct LedgerHandler: EventHandler {
    let consumer = "ledger"
    let topics = ["orders"]
    let marks: Marks

    private static let write = """
        INSERT INTO entries (number, account, cents)
        SELECT number, account, cents FROM unnest($1::json[]) AS e(payload),
            json_to_record(payload) AS x(number bigint, account int, cents bigint)
        """

    static let table = """
        CREATE TABLE entries (number bigint NOT NULL, account int NOT NULL, cents bigint NOT NULL);
        """

    func apply(_ messages: [BrokerMessage], _ connection: PostgresConnection) async throws {
        marks.hold(messages.map { Entry.planned(in: $0.payload) })
        try await connection.query(Self.write, [.strings(messages.map(\.payload))])
    }
}

/// How long after its moment each message had its effect, as 32-bit microseconds in a file.
final class Marks: Sendable {
    private let file: AppendFile
    private let held = Mutex<[Int64]>([])

    init(_ path: String) throws {
        file = try AppendFile(path)
    }

    /// Notes what a transaction is about to do.
    func hold(_ planned: [Int64]) { held.withLock { $0 = planned } }

    /// The transaction is over.
    func write() {
        let now = Loop.monotonicNanoseconds()
        let planned = held.withLock { held in
            defer { held = [] }
            return held
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(planned.count * 4)
        for moment in planned {
            let micros = UInt32(clamping: (now - moment) / 1000)
            for shift in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: micros >> shift)) }
        }
        // A mark that cannot be written is missed by the count of marks.
        try? file.append(bytes)
    }

    /// Microseconds, in no order.
    static func read(_ paths: [String]) throws -> [UInt32] {
        var all: [UInt32] = []
        for path in paths {
            let bytes = try SystemFiles.read(path)
            for start in stride(from: 0, to: bytes.count - 3, by: 4) {
                all.append((0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << ($1 * 8) })
            }
        }
        return all
    }
}

/// The process of a consumer.
final class LedgerService: ShopService {
    private let consumer: EventConsumer

    private init(_ context: ServiceContext, _ marks: Marks) {
        consumer = EventConsumer(
            context,
            broker: PostgresBroker(context.configuration.broker ?? ""),
            handler: LedgerHandler(marks: marks)
        ) { _, _ in marks.write() }
    }

    static func serve(configuration: String, marks: String) async throws {
        let json = try JSONValue.parse(try SystemFiles.read(configuration))
        let marks = try Marks(marks)
        let signals = try SignalSource.on([15])
        let service = try await RunningService.start(try ShopServiceConfiguration(json: json)) {
            LedgerService($0, marks)
        }
        var iterator = signals.makeAsyncIterator()
        _ = await iterator.next()
        await service.stop()
    }

    var routes: [Route] { [] }

    func begin() async { consumer.begin() }

    func drain(grace: Duration) async { await consumer.stop(grace: grace) }
}
