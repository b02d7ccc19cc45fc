import EventLoop
import HTTP
import JSON
import Testing

@testable import ChaosProxy

@Suite(.serialized)
struct MetricsTests {
    @Test
    func `bytes are counted while the connection is open, under Toxiproxy's names`() async throws {
        try await ProxyRig.run { rig in
            let echo = try rig.echo()
            let address = try await rig.proxy(to: echo)
            let client = try await rig.connect(address)
            #expect(try await client.exchange("hello") == "hello")
            let answer = try await rig.call("GET", "/metrics")
            #expect(answer.status == 200)
            #expect(answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
            for name in ["received", "sent"] {
                for direction in ["upstream", "downstream"] {
                    let line =
                        "toxiproxy_proxy_\(name)_bytes_total{direction=\"\(direction)\","
                        + "listener=\"\(address)\",proxy=\"p\",upstream=\"\(echo)\"} 5\n"
                    #expect(answer.text.contains(line))
                }
            }
            #expect(answer.text.contains("chaos_proxy_connections{proxy=\"p\"} 1\n"))
            client.close()
            // Closed connections stay counted.
            #expect(
                try await eventually {
                    let text = try await rig.call("GET", "/metrics").text
                    return text.contains("chaos_proxy_connections{proxy=\"p\"} 0\n")
                        && text.contains("proxy=\"p\",upstream=\"\(echo)\"} 5\n")
                        && text.contains("chaos_proxy_connections_total{proxy=\"p\"} 1\n")
                }
            )
        }
    }

    @Test
    func `added and request latency are told in buckets`() async throws {
        try await ProxyRig.run { rig in
            let client = try await rig.connect(try await rig.proxy(to: try rig.echo()))
            try await rig.toxic(#"{"type":"latency","name":"l","attributes":{"latency":30}}"#)
            for _ in 0..<3 { #expect(try await client.exchange("a") == "a") }
            let text = try await rig.call("GET", "/metrics").text
            let added = "chaos_proxy_added_latency_seconds"
            let labels = #"direction="downstream",proxy="p""#
            #expect(text.contains("\(added)_bucket{\(labels),le=\"0.025\"} 0\n"))
            #expect(text.contains("\(added)_bucket{\(labels),le=\"+Inf\"} 3\n"))
            #expect(text.contains("\(added)_count{\(labels)} 3\n"))
            let requests = "chaos_proxy_request_latency_seconds"
            #expect(text.contains("\(requests)_bucket{proxy=\"p\",le=\"0.025\"} 0\n"))
            #expect(text.contains("\(requests)_count{proxy=\"p\"} 3\n"))
            let hits = #"{proxy="p",stream="downstream",toxic="l",type="latency"} 3"#
            #expect(text.contains("chaos_toxic_hits_total\(hits)\n"))
            client.close()
        }
    }

    @Test
    func `every line is in Prometheus' format, and the process is described`() async throws {
        try await ProxyRig.run { rig in
            let body = #"{"name":"a\"b\\c\nd","upstream":"x:1","enabled":false}"#
            try await rig.ask("POST", "/proxies", body)
            let text = try await rig.call("POST", "/metrics").text
            let label = #"[a-z_]+="(?:[^"\\\n]|\\["\\n])*""#
            let sample = try Regex("[a-z_]+(\\{\(label)(,\(label))*\\})? [-+0-9.e]+")
            for line in text.split(separator: "\n") where !line.hasPrefix("#") {
                #expect(try sample.wholeMatch(in: line) != nil, "\(line)")
            }
            #expect(text.contains(#"proxy="a\"b\\c\nd""#))
            for name in ["cpu_seconds_total", "resident_memory_bytes", "open_fds", "max_fds"] {
                let value = text.firstMatch(of: try Regex("\nprocess_\(name) ([0-9.e+]+)\n"))
                #expect(Double(value?.output[1].substring ?? "") ?? 0 > 0, "\(name)")
            }
        }
    }

    @Test
    func `a server that refuses is counted, and the listing tells ages, bytes and hits`()
        async throws
    {
        try await ProxyRig.run { rig in
            let gone = try Listener.bind(try SocketAddress(parsing: "127.0.0.1:0"))
            let dead = gone.address
            gone.close()
            let address = try await rig.proxy(to: dead)
            if let client = try? await rig.connect(address) {
                _ = await client.ending()
                client.close()
            }
            #expect(
                try await eventually {
                    try await rig.call("GET", "/metrics").text
                        .contains("chaos_proxy_connections_refused_total{proxy=\"p\"} 1\n")
                }
            )
            try await rig.ask("POST", "/proxies/p", #"{"upstream":"\#(try rig.echo())"}"#)
            let client = try await rig.connect(address)
            try await rig.toxic(#"{"type":"latency","name":"l","attributes":{"latency":1}}"#)
            #expect(try await client.exchange("abc") == "abc")
            try await rig.ask("DELETE", "/proxies/p/toxics/l")
            try await rig.toxic(#"{"type":"noop","name":"n","stream":"upstream"}"#)
            let row = try #require(try await rig.ask("GET", "/proxies/p/connections")[0])
            #expect(row["toxics"] == ["n"])
            #expect(row["hits"] == ["l": 1])
            #expect(row["bytes_upstream"] == 3)
            #expect(row["age_ms"]?.integerValue ?? -1 >= 0)
            #expect(row["state"] == "open")
            client.close()
        }
    }
}
