import EventLoop
import Glibc
import HTTP
import JSON
import Testing

@testable import ChaosProxy

/// Streams are exchanged while toxics come, change and go at random every few milliseconds.
///
/// A few seconds by default; `make torture` (CHAOS_TORTURE_SECONDS=60) is the long form.
@Suite(.serialized)
struct TortureTests {
    /// How long toxics come and go.
    private static let length = Duration.seconds(TortureTests.setting("CHAOS_TORTURE_SECONDS") ?? 3)
    /// What each answer of the API may take; a machine under tests is slow, but never 25 s.
    private static let answerMax = TortureTests.setting("CHAOS_TORTURE_ANSWER_MS") ?? 5_000

    private static func setting(_ name: String) -> Int? {
        guard let text = unsafe getenv(name) else { return nil }
        return Int(unsafe String(cString: text))
    }

    @Test
    func `200 streams stay whole and the API answers while toxics come, change and go`()
        async throws
    {
        let seed = UInt64(TortureTests.setting("CHAOS_TORTURE_SEED") ?? 1)
        // Clients and servers have loops of their own, so that they do not hold up the torturer.
        let clients = try Loop.start(label: "torture-clients")
        let servers = try Loop.start(label: "torture-servers")
        defer {
            clients.stop()
            servers.stop()
        }
        try await ProxyRig.run(seed: seed, limit: TortureTests.length + .seconds(120)) { rig in
            let hostile = try await HostileLinks(on: rig)
            let echo = try await servers.spawn { try TortureStream.echo(on: servers) }.value
            let address = try await rig.proxy(to: echo.address)
            let streams = try await clients.spawn {
                try await TortureStream.open(200, to: address)
            }.value
            let run = clients.spawn { try await TortureStream.runAll(streams, TortureTests.length) }
            let times = try await TortureTests.torture(rig, seed: seed)
            // Whatever still slows the streams goes; what it held must arrive.
            try await rig.ask("POST", "/reset")
            let outcome = try await run.value
            #expect(outcome.broken == [], "streams that lost, doubled or reordered bytes")
            #expect(outcome.whole == streams.count)
            let carried = await rig.server.control.traffic().first { $0.proxy.name == "p" }
            #expect(carried?.traffic.upstream.received == outcome.bytes)
            #expect(carried?.traffic.downstream.sent == outcome.bytes)
            #expect(times.count > 20)
            #expect(times.max() ?? 0 < Double(TortureTests.answerMax))
            TortureTests.say(TortureTests.report(times, outcome))
            hostile.close()
            _ = try await servers.spawn { echo.close() }.value
        }
    }

    /// Changes toxics until the time is over; returns what each call took, milliseconds.
    private static func torture(_ rig: ProxyRig, seed: UInt64) async throws -> [Double] {
        let loop = try #require(Loop.current)
        let end = Loop.monotonicNanoseconds() + length.nanosecondsClamped
        var dice = SeedStream(seed: seed)
        var times: [Double] = []
        while Loop.monotonicNanoseconds() < end {
            let call = TortureCall(&dice)
            let time = try await milliseconds {
                let answer = try await rig.call(call.method, call.path, call.body)
                #expect(answer.status < 500, "\(call.method) \(call.path): \(answer.text)")
            }
            times.append(time)
            try await loop.sleep(for: .milliseconds(Int.random(in: 0...4, using: &dice)))
        }
        return times
    }

    /// The long form is run for its figures.
    private static func say(_ text: String) {
        guard setting("CHAOS_TORTURE_SECONDS") != nil else { return }
        let bytes = Array((text + "\n").utf8)
        _ = unsafe write(STDOUT_FILENO, bytes, bytes.count)
    }

    private static func report(_ times: [Double], _ outcome: TortureStream.Outcome) -> String {
        let sorted = times.sorted()
        func quantile(_ share: Double) -> String {
            let index = min(sorted.count - 1, Int(Double(sorted.count) * share))
            let tenths = (sorted[index] * 10).rounded() / 10
            return "\(tenths) ms"
        }
        return "torture: \(outcome.whole) streams whole, \(outcome.bytes / 1_000_000) MB each way; "
            + "\(times.count) API calls, p50 \(quantile(0.5)), p99 \(quantile(0.99)), "
            + "max \(quantile(1))"
    }
}

/// One random call of the API that loses no byte of the streams.
private struct TortureCall {
    let method: String
    let path: String
    let body: String

    init(_ dice: inout SeedStream) {
        let proxy = ["p", "p", "p", "p", "deaf", "dead"].randomElement(using: &dice) ?? "p"
        let name = "t\(Int.random(in: 0..<6, using: &dice))"
        switch Int.random(in: 0..<20, using: &dice) {
        case 0: (method, path, body) = ("GET", "/proxies", "")
        case 1: (method, path, body) = ("GET", "/metrics", "")
        case 2: (method, path, body) = ("GET", "/proxies/\(proxy)/connections", "")
        case 3..<10:
            (method, path) = ("POST", "/proxies/\(proxy)/toxics")
            body = TortureCall.toxic(name, &dice)
        case 10..<15:
            (method, path) = ("POST", "/proxies/\(proxy)/toxics/\(name)")
            body = TortureCall.toxic(name, &dice)
        default: (method, path, body) = ("DELETE", "/proxies/\(proxy)/toxics/\(name)", "")
        }
    }

    private static func toxic(_ name: String, _ dice: inout SeedStream) -> String {
        let kinds = [
            ("latency", #"{"latency":\#(Int.random(in: 0...15, using: &dice)),"jitter":5}"#),
            ("bandwidth", #"{"rate":\#(Int.random(in: 500...20_000, using: &dice))}"#),
            ("shared_bandwidth", #"{"rate":\#(Int.random(in: 20_000...80_000, using: &dice))}"#),
            ("slicer", #"{"average_size":3000,"size_variation":2000,"delay":100}"#),
            ("slow_close", #"{"delay":\#(Int.random(in: 0...20, using: &dice))}"#),
            ("loss", "{}"), ("corrupt", "{}"), ("noop", "{}"), ("syn_blackhole", "{}"),
        ]
        let kind = kinds[Int.random(in: 0..<kinds.count, using: &dice)]
        let matches = [
            "", "", #","match":{"percent":50,"by":"chunk"}"#, #","match":{"every":3,"by":"chunk"}"#,
        ]
        let isStaged = kind.0 != "syn_blackhole"
        let match = isStaged ? matches[Int.random(in: 0..<matches.count, using: &dice)] : ""
        let stream = Bool.random(using: &dice) ? "upstream" : "downstream"
        let toxicity = Bool.random(using: &dice) ? "0.5" : "1"
        let lease = Int.random(in: 0..<4, using: &dice) == 0 ? #","ttl":20"# : ""
        return #"{"name":"\#(name)","type":"\#(kind.0)","stream":"\#(stream)","#
            + #""toxicity":\#(toxicity),"attributes":\#(kind.1)\#(match)\#(lease)}"#
    }
}

/// Two proxies that hang for ever: clients that never read, and a server that answers no SYN.
private struct HostileLinks {
    private let clients: [EventLoop.Stream]
    private let full: Listener

    init(on rig: ProxyRig) async throws {
        let endless = try rig.serve { stream in
            let block = [UInt8](repeating: 1, count: 1 << 16)
            while true { try await stream.write(block) }
        }
        full = try Listener.bind(try SocketAddress(parsing: "127.0.0.1:0"), backlog: 0)
        var clients = [try await rig.connect(full.address)]
        for (name, upstream) in [("deaf", endless), ("dead", full.address)] {
            let body = #"{"name":"\#(name)","upstream":"\#(upstream)","listen":"127.0.0.1:0"}"#
            let listen = try await rig.ask("POST", "/proxies", body)["listen"]?.stringValue
            let address = try SocketAddress(parsing: try #require(listen))
            for _ in 0..<5 { clients.append(try await rig.connect(address)) }
        }
        self.clients = clients
    }

    func close() {
        for client in clients { client.close() }
        full.close()
    }
}
