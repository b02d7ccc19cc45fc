import Testing

@testable import ChaosProxy

/// The traffic of links, read from a proxy's metrics: ours, or Toxiproxy's.
struct BytesSentTests {
    @Test func `both directions of each proxy are read, other families are skipped`() {
        let text = """
            # TYPE toxiproxy_proxy_sent_bytes_total counter
            toxiproxy_proxy_received_bytes_total{direction="upstream",proxy="a",upstream="x"} 9
            toxiproxy_proxy_sent_bytes_total{direction="downstream",proxy="a->b"} 12
            toxiproxy_proxy_sent_bytes_total{direction="upstream",proxy="a->b"} 1.5e+06
            toxiproxy_proxy_sent_bytes_total{direction="upstream",proxy="say \\"hi\\""} 3
            """
        let sums = ProxyClient.bytesSent(in: text)
        #expect(sums.count == 2)
        #expect(sums["a->b"]?.upstream == 1_500_000)
        #expect(sums["a->b"]?.downstream == 12)
        #expect(sums["say \"hi\""]?.upstream == 3)
    }

    @Test func `text that is no metrics has no figures`() {
        #expect(ProxyClient.bytesSent(in: "toxiproxy_proxy_sent_bytes_total{} x\n<html>").isEmpty)
    }
}
