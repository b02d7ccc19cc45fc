import ChaosJournal
import ChaosLoad
import ChaosModel
import ChaosPluginAPI
import CommandLine
import EventLoop
import Glibc
import JSON
import LinuxSystem
import Synchronization

/// `chaos shop load`: customers who place orders and wait for their end, for a bounded time.
struct ShopLoad {
    private let gateway: String
    private let profile: LoadProfile
    private let duration: Duration
    private let seed: UInt64
    private let isJSON: Bool

    /// The longest load, in seconds.
    static let durationMax = 3600.0
    /// The most customers at a time, as far as the limit of open files allows.
    private static let inFlightMax = 20_000

    /// Throws `UsageError` for a rate or a duration that is none.
    init(_ invocation: Invocation, gateway: String) throws {
        self.gateway = gateway
        func refused(_ text: String) -> UsageError {
            UsageError(path: invocation.path, message: text)
        }
        let patience = try Self.seconds(invocation.value("timeout") ?? "30s", "timeout", refused)
        let length = try Self.seconds(invocation.value("duration") ?? "30s", "duration", refused)
        var rate = invocation.value("rate") ?? "50"
        if rate.hasSuffix("/s") { rate.removeLast(2) }
        guard let perSecond = Double(rate), (0.1...20_000).contains(perSecond) else {
            throw refused("--rate takes orders per second from 0.1 to 20000, not '\(rate)'.")
        }
        var profile = LoadProfile(ratePerSecond: perSecond)
        let reads = invocation.value("reads") ?? "0%"
        guard let share = (try? Quantity(parsing: reads))?.value, (0...1).contains(share) else {
            throw refused("--reads takes a share from 0% to 100%, not '\(reads)'.")
        }
        profile.mix.reading = share
        profile.timeout = patience
        self.profile = profile
        duration = length
        seed =
            try ExperimentFile.seed(of: invocation) ?? UInt64(bitPattern: Loop.wallMicroseconds())
        isJSON = invocation.has("json")
    }

    private static func seconds(
        _ text: String,
        _ option: String,
        _ refused: (String) -> UsageError
    ) throws(UsageError) -> Duration {
        guard text.hasSuffix("s"), let seconds = Double(text.dropLast()), seconds > 0,
            seconds <= durationMax
        else { throw refused("--\(option) takes seconds from 1s to 3600s, not '\(text)'.") }
        return .milliseconds(Int64(seconds * 1000))
    }

    /// Runs the load; status 0 when every order was confirmed, else 1.
    func run() async throws -> Int32 {
        let seconds = SecondLines(isLive: Console.isInteractive)
        let generator = LoadGenerator(
            profile: profile,
            gateway: gateway,
            seed: seed,
            runStartNanoseconds: Loop.monotonicNanoseconds(),
            inFlightMax: Self.inFlightMax
        ) { payload in
            if case .load(let second) = payload { seconds.take(second) }
        }
        try generator.start()
        await arrivals()
        await generator.drain(within: profile.timeout)
        seconds.end()
        let report = generator.report()
        Console.answer(
            isJSON
                ? json(report).serialized(pretty: true) : report.lines.joined(separator: "\n")
        )
        if !isJSON, !report.isSound {
            Console.answer("The generator was late itself: read the latencies as upper bounds.")
        }
        let isPerfect = report.operations.allSatisfy { $0.counts.ok == $0.planned }
        return isPerfect ? ExitStatus.held : ExitStatus.deviated
    }

    /// Returns when the time is over, or at the first signal.
    private func arrivals() async {
        guard let loop = Loop.current, let signals = try? SignalSource.on([SIGINT, SIGTERM]) else {
            return
        }
        let sleeping = loop.spawn { [duration] in try await loop.sleep(for: duration) }
        // Owned and ended here.
        let listening = loop.spawn {
            for await _ in signals {
                Console.say("Stopping: what was placed is followed to its end.")
                sleeping.cancel()
            }
        }
        _ = await sleeping.result
        listening.cancel()
    }

    private func json(_ report: LoadReport) -> JSONValue {
        func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
        let operations = report.operations.map { operation -> JSONValue in
            [
                "name": .string(operation.name),
                "planned": .integer(Int64(operation.planned)),
                "ok": .integer(Int64(operation.counts.ok)),
                "fail": .integer(Int64(operation.counts.fail)),
                "info": .integer(Int64(operation.counts.info)),
                "p50_ms": number(operation.p50), "p99_ms": number(operation.p99),
                "max_ms": number(operation.max),
            ]
        }
        return [
            "rate_per_second": .number(profile.ratePerSecond),
            "seed": .string("\(seed)"),
            "operations": .array(operations),
            "generator_lag_p99_ms": .number(report.lagP99),
            "saturated": .integer(Int64(report.saturated)),
        ]
    }
}

/// A line a second for people; on a terminal one line that changes.
private final class SecondLines: Sendable {
    private let isLive: Bool
    /// The half of a second that came first, by second.
    private let halves = Mutex<[Int: LoadSecond]>([:])

    init(isLive: Bool) {
        self.isLive = isLive
    }

    func take(_ second: LoadSecond) {
        let other = halves.withLock { halves -> LoadSecond? in
            if let other = halves.removeValue(forKey: second.second) { return other }
            halves[second.second] = second
            return nil
        }
        guard let other else { return }
        let (placed, done) = second.operation == "placement" ? (second, other) : (other, second)
        let line =
            "\(placed.second) s: \(placed.planned) came, \(placed.ok) placed "
            + "(p99 \(text(placed.p99))), \(done.ok) confirmed (p99 \(text(done.p99))), "
            + "\(done.fail) refused, \(done.info) unknown"
        Console.say(isLive ? "\r\u{1B}[K" + line : line, terminator: isLive ? "" : "\n")
    }

    func end() {
        if isLive { Console.say("") }
    }

    private func text(_ milliseconds: Double?) -> String {
        guard let milliseconds else { return "-" }
        let tenths = Int((milliseconds * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) ms"
    }
}
