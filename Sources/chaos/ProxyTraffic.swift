import ChaosModel
import ChaosProxy
import ChaosRunner

/// What the system's links carried, by the figures of the proxy that carries them: ours, or a
/// Toxiproxy that was started with `-proxy-metrics`.
struct ProxyTraffic: TrafficSource {
    func totals(of system: SystemDescription) async throws -> [String: LinkBytes] {
        guard let url = system.proxyAPI else {
            throw Failure("the system has no proxy — \"proxy-api\". Its links cannot be watched.")
        }
        let names = Set(system.links.map(\.name))
        return try await ProxyClient(url: url).bytesSent().filter { names.contains($0.key) }
            .mapValues { LinkBytes(upstream: $0.upstream, downstream: $0.downstream) }
    }
}
