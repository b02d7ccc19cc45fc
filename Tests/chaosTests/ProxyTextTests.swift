import JSON
import Testing

@testable import chaos

/// A server's answers as people read them.
struct ProxyTextTests {
    private let answer: JSONValue = [
        "db": [
            "name": "db", "listen": "127.0.0.1:6432", "upstream": "127.0.0.1:5432",
            "enabled": true, "protocol": "postgres",
            "toxics": [
                [
                    "name": "slow", "type": "latency", "stream": "downstream", "toxicity": 0.5,
                    "attributes": ["latency": 100, "jitter": 20], "hits": 7, "ttl": 25_300,
                ],
                [
                    "name": "lose", "type": "lose_commit_ack", "stream": "downstream",
                    "toxicity": 1, "attributes": [:], "hits": 0, "match": ["every": 5],
                ],
            ],
        ],
        "redis": [
            "name": "redis", "listen": "127.0.0.1:7000", "upstream": "127.0.0.1:6379",
            "enabled": false, "toxics": [], "ttl": 900,
        ],
    ]

    @Test func `a list is a calm table`() {
        #expect(
            ProxyText.list(answer, at: "http://x", width: nil) == """
                PROXY  STATE            LISTEN          UPSTREAM        PROTOCOL  TOXICS
                db     up               127.0.0.1:6432  127.0.0.1:5432  postgres  slow, lose
                redis  down for 900 ms  127.0.0.1:7000  127.0.0.1:6379  tcp       -
                """
        )
        #expect(
            ProxyText.list([:], at: "http://x", width: nil)
                == "No proxy at http://x. Create one: chaos proxy create NAME --listen :6432 "
                + "--upstream :5432"
        )
    }

    @Test func `a proxy is told with its toxics and connections`() {
        let connection: JSONValue = [
            "connection": "c1", "client": "127.0.0.1:50000", "state": "open", "age_ms": 61_000,
            "bytes_upstream": 1_200, "bytes_downstream": 34_000_000, "toxics": ["slow"],
            "session": ["phase": "session", "statements": 12, "commits": 3],
        ]
        #expect(
            ProxyText.details(answer["db"] ?? nil, [connection], width: nil) == """
                db: 127.0.0.1:6432 -> 127.0.0.1:5432 (postgres, up)

                TOXIC  TYPE             STREAM      TOXICITY  HITS  LEASE  SETTINGS
                slow   latency          downstream      50 %     7   26 s  latency=100ms jitter=20ms
                lose   lose_commit_ack  downstream     100 %     0      -  every=5

                CONNECTION  CLIENT           STATE   AGE    SENT  RECEIVED  STATEMENTS  COMMITS  TOXICS
                c1          127.0.0.1:50000  open   61 s  1.2 kB     34 MB          12        3  slow
                """
        )
    }

    @Test func `a server that counts nothing gets a narrower table`() {
        let proxy: JSONValue = [
            "name": "a", "listen": "l", "upstream": "u", "enabled": true,
            "toxics": [
                [
                    "name": "t", "type": "bandwidth", "stream": "upstream", "toxicity": 1,
                    "attributes": ["rate": 8],
                ]
            ],
        ]
        #expect(
            ProxyText.details(proxy, nil, width: nil) == """
                a: l -> u (tcp, up)

                TOXIC  TYPE       STREAM    TOXICITY  SETTINGS
                t      bandwidth  upstream     100 %  rate=8kB/s
                """
        )
    }

    @Test func `a toxic is one sentence`() {
        let toxics = answer["db"]?["toxics"]?.arrayValue ?? []
        #expect(
            toxics.map { ProxyText.sentence(toxic: $0) } == [
                "slow (latency, downstream, latency=100ms jitter=20ms, 50 % of the connections, "
                    + "26 s left)",
                "lose (lose_commit_ack, downstream, every=5)",
            ]
        )
    }

    @Test(arguments: [
        (0, "0 B"), (950, "950 B"), (999.6, "1.0 kB"), (1_234, "1.2 kB"), (9_960, "10 kB"),
        (999_499, "999 kB"), (34_000_000, "34 MB"), (2e15, "2000 TB"), (-1, "?"), (.nan, "?"),
    ])
    func `bytes have three digits that matter`(count: Double, text: String) {
        #expect(FigureText.bytes(count) == text)
    }

    @Test func `latencies, ages, counts and clocks are short`() {
        #expect(FigureText.latency(microseconds: 850) == "850 µs")
        #expect(FigureText.latency(microseconds: 3_140) == "3.1 ms")
        #expect(FigureText.latency(microseconds: 2_500_000) == "2.5 s")
        #expect(FigureText.count(1_234) == "1.2k")
        #expect(
            [45, 100, 7_200, 200_000].map { FigureText.age(seconds: $0) } == [
                "45 s", "1 min", "2 h", "2 d",
            ]
        )
        #expect(FigureText.clock(wallMicroseconds: 38_565_000_000) == "10:42:45")
    }
}
