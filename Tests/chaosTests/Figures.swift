import ChaosProxy
import ChaosStatistics

/// Readings for the tests of the live view.
enum Figures {
    static func proxy(
        _ name: String = "proxy",
        wireProtocol: String = "postgres",
        second: Int = 0,
        toxics: [ToxicFigures] = []
    ) -> ProxyFigures {
        var traffic = LinkTraffic()
        traffic.accepted = 231 + second
        traffic.open = 16
        traffic.upstream.received = 1_200_000 * second
        traffic.downstream.received = 34_000_000 * second
        traffic.transactions = 1_234 * second
        traffic.commits = 1_234 * second
        for value in 0..<(100 * second) {
            traffic.commitLatency.record(UInt64(3_000 + value % 100 * 70))
        }
        return ProxyFigures(
            name: name,
            listen: "127.0.0.1:6432",
            upstream: "127.0.0.1:5432",
            isEnabled: true,
            wireProtocol: wireProtocol,
            traffic: traffic,
            toxics: toxics
        )
    }

    static let toxics = [
        ToxicFigures(
            name: "latency_downstream",
            type: "latency",
            stream: "downstream",
            settings: "latency=100ms jitter=20ms",
            toxicity: 0.5,
            hits: 12_345,
            leaseLeft: .milliseconds(25_300)
        ),
        ToxicFigures(
            name: "lose_commit_ack_downstream",
            type: "lose_commit_ack",
            stream: "downstream",
            hits: 3,
            firings: [
                .init(ordinal: 3, wallMicroseconds: 38_561_000_000, connection: "c17", statement: 5)
            ]
        ),
    ]
}
