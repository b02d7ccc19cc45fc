/// What `GET /metrics` tells: Toxiproxy's counters, live, and ours.
enum ProxyMetrics {
    static func render(_ proxies: [(proxy: ManagedProxy, traffic: LinkTraffic)]) -> String {
        var metrics = MetricsText()
        bytes(proxies, into: &metrics)
        connections(proxies, into: &metrics)
        latencies(proxies, into: &metrics)
        toxics(proxies, into: &metrics)
        ProcessFigures.read().write(into: &metrics)
        return metrics.text
    }

    private typealias Proxies = [(proxy: ManagedProxy, traffic: LinkTraffic)]

    /// With Toxiproxy's names and labels.
    private static func bytes(_ proxies: Proxies, into metrics: inout MetricsText) {
        for (name, help, path) in [
            ("received", "Bytes read from the source of a direction.", \LinkTraffic.Way.received),
            ("sent", "Bytes written to the target of a direction.", \LinkTraffic.Way.sent),
        ] {
            let family = "toxiproxy_proxy_\(name)_bytes_total"
            metrics.family(family, "counter", help)
            for (proxy, traffic) in proxies {
                for direction in [Direction.downstream, .upstream] {
                    let labels = [
                        ("direction", direction.rawValue), ("listener", proxy.listen),
                        ("proxy", proxy.name), ("upstream", proxy.upstream),
                    ]
                    metrics.sample(family, labels, traffic[direction][keyPath: path])
                }
            }
        }
    }

    private static func connections(_ proxies: Proxies, into metrics: inout MetricsText) {
        let families: [(String, String, String, KeyPath<LinkTraffic, Int>)] = [
            ("chaos_proxy_connections", "gauge", "Connections now.", \.open),
            ("chaos_proxy_connections_total", "counter", "Connections that opened.", \.opened),
            (
                "chaos_proxy_connections_refused_total", "counter",
                "Connections whose server refused or did not answer.", \.refused
            ),
        ]
        for (name, type, help, path) in families {
            metrics.family(name, type, help)
            for (proxy, traffic) in proxies {
                metrics.sample(name, [("proxy", proxy.name)], traffic[keyPath: path])
            }
        }
        metrics.family("chaos_proxy_enabled", "gauge", "Whether the proxy listens.")
        for (proxy, _) in proxies {
            let value = proxy.isEnabled ? 1 : 0
            metrics.sample("chaos_proxy_enabled", [("proxy", proxy.name)], value)
        }
    }

    private static func latencies(_ proxies: Proxies, into metrics: inout MetricsText) {
        let added = "chaos_proxy_added_latency_seconds"
        metrics.family(added, "histogram", "How long toxics held a chunk.")
        for (proxy, traffic) in proxies {
            for direction in Direction.allCases {
                let labels = [("direction", direction.rawValue), ("proxy", proxy.name)]
                metrics.histogram(added, labels, traffic[direction].added)
            }
        }
        let requests = "chaos_proxy_request_latency_seconds"
        metrics.family(
            requests,
            "histogram",
            "From the first byte of a request to the first byte of its answer, toxics included."
        )
        for (proxy, traffic) in proxies {
            metrics.histogram(requests, [("proxy", proxy.name)], traffic.requests)
        }
    }

    private static func toxics(_ proxies: Proxies, into metrics: inout MetricsText) {
        metrics.family("chaos_toxic_hits_total", "counter", "How often a toxic hit.")
        for (proxy, _) in proxies {
            for toxic in proxy.toxics.map(\.toxic) {
                let labels = [
                    ("proxy", proxy.name), ("stream", toxic.direction.rawValue),
                    ("toxic", toxic.name), ("type", toxic.type.name),
                ]
                metrics.sample("chaos_toxic_hits_total", labels, toxic.tally.hits)
            }
        }
    }
}
