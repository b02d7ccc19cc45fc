import JSON
import Testing

@testable import ChaosProxy

/// Toxics as people write them.
struct ToxicTextTests {
    struct Mistake: Sendable, CustomTestStringConvertible {
        var text: String
        var message: String
        var testDescription: String { text }
    }

    @Test(arguments: [
        Mistake(
            text: "latencey:latency=1",
            message:
                "there is no toxic \"latencey\". Did you mean \"latency\"? Use one of latency, "
        ),
        Mistake(
            text: "latency:latncy=1",
            message: "latency has no \"latncy\". Did you mean \"latency\"? latency takes latency, "
                + "jitter, stream, name, toxicity, ttl, every, nth, first, percent, by."
        ),
        Mistake(
            text: "latency:latency=fast",
            message: "latency cannot be \"fast\". Write latency=100ms, or a whole number of "
                + "milliseconds."
        ),
        Mistake(
            text: "bandwidth:rate=10ms",
            message: "rate cannot be \"10ms\". Write rate=100kB/s, or a whole number of kB/s "
                + "(1 kB: 1000 bytes)."
        ),
        Mistake(
            text: "limit_data:bytes=10MB/s",
            message: "bytes cannot be \"10MB/s\". Write bytes=64KiB, or a whole number of bytes."
        ),
        Mistake(text: "noop:stream=up", message: "stream cannot be \"up\". Write stream=upstream "),
        Mistake(text: "noop:toxicity=2", message: "toxicity cannot be \"2\". Write a share of "),
        Mistake(
            text: "noop:ttl=5",
            message: "ttl cannot be \"5\". Write a duration such as ttl=30s."
        ),
        Mistake(text: "noop:ttl", message: "\"ttl\" is not NAME=VALUE. noop takes stream, name, "),
    ])
    func `a mistake is told with what was meant`(_ row: Mistake) {
        let error = #expect(throws: ProxyServerError.self) {
            try ToxicText(parsing: row.text, as: "")
        }
        #expect(
            error?.description.hasPrefix("\(row.text): \(row.message)") == true,
            "\(error?.description ?? "")"
        )
        #expect(error?.isUsage == true)
    }

    @Test(arguments: [
        ("bandwidth:rate=100kB/s", #"{"type":"bandwidth","attributes":{"rate":100}}"#),
        ("bandwidth:rate=8Mbit/s", #"{"type":"bandwidth","attributes":{"rate":1000}}"#),
        ("limit_data:bytes=64KiB", #"{"type":"limit_data","attributes":{"bytes":65536}}"#),
        ("noop:toxicity=0.1", #"{"type":"noop","toxicity":0.1,"attributes":{}}"#),
        (
            "slicer:average_size=1kB,delay=2ms,stream=upstream,name=s,ttl=1m",
            #"{"name":"s","type":"slicer","stream":"upstream","#
                + #""attributes":{"average_size":1000,"delay":2000},"ttl":60000}"#
        ),
    ])
    func `units become the numbers of the API`(text: String, json: String) throws {
        #expect(try ToxicText(parsing: text, as: "").json.serialized() == json)
    }

    @Test func `a change names only what changes`() throws {
        var text = try ToxicText(settings: "", of: "latency")
        try text.set("ttl", to: "5s")
        #expect(text.json.serialized() == #"{"ttl":5000}"#)
        let change = try ToxicText(settings: "jitter=0", of: "latency")
        #expect(change.json.serialized() == #"{"attributes":{"jitter":0}}"#)
        #expect(throws: ProxyServerError.self) {
            try ToxicText(settings: "stream=upstream", of: "latency")
        }
    }

    @Test func `attributes read as one would write them`() {
        #expect(
            ToxicText.settings(type: "latency", ["latency": 1500, "jitter": 0])
                == "latency=1.5s jitter=0s"
        )
        #expect(ToxicText.settings(type: "bandwidth", ["rate": 100]) == "rate=100kB/s")
        #expect(
            ToxicText.settings(type: "slicer", ["delay": 500, "other": "x"])
                == #"delay=500us other="x""#
        )
        #expect(ToxicText.settings(type: "foreign", ["a": 1]) == "a=1")
    }
}
