import Glibc
import JSON
import Testing

@testable import Telemetry

struct LoggerTests {
    /// A pipe whose reading end is read without waiting.
    struct Pipe: ~Copyable {
        let reader: Int32
        let writer: Int32

        init() {
            var ends: [Int32] = [0, 0]
            let status = unsafe pipe(&ends)
            #expect(status == 0)
            reader = ends[0]
            writer = ends[1]
            _ = fcntl(reader, F_SETFL, O_NONBLOCK)
        }

        deinit {
            close(reader)
            close(writer)
        }

        func read() -> [UInt8] {
            var all: [UInt8] = []
            var piece = [UInt8](repeating: 0, count: 65536)
            while true {
                let count = unsafe Glibc.read(reader, &piece, piece.count)
                guard count > 0 else { return all }
                all += piece[..<count]
            }
        }
    }

    @Test func `a JSON line has time, level, logger, message and the facts`() throws {
        let pipe = Pipe()
        let sink = LogSink.descriptor(pipe.writer, .json)
        var logger = Logger(label: "orders-1", sink: sink)
        logger.metadata["run"] = "r1"
        logger.warning("a \"quoted\"\nmessage", ["order": "o1", "attempts": 3])
        let line = try JSONValue.parse(pipe.read())
        #expect(line["level"] == "warning")
        #expect(line["logger"] == "orders-1")
        #expect(line["msg"] == "a \"quoted\"\nmessage")
        #expect(line["run"] == "r1")
        #expect(line["attempts"] == 3)
        #expect(line["ts"]?.stringValue?.utf8.count == 27)
    }

    @Test func `a line inside of a trace names it`() throws {
        let pipe = Pipe()
        let logger = Logger(label: "orders", sink: .descriptor(pipe.writer, .json))
        let trace = TraceContext(traceHigh: 1, traceLow: 2, spanID: 3, flags: 1)
        TraceContext.task.withValue(trace) { logger.info("inside", ["order": "o1"]) }
        let line = try JSONValue.parse(pipe.read())
        #expect(line["trace_id"] == "00000000000000010000000000000002")
        #expect(line["span_id"] == "0000000000000003")
        logger.info("outside")
        #expect(try JSONValue.parse(pipe.read())["trace_id"] == nil)
    }

    @Test func `a human line stays one line`() {
        let line = LogLine(
            microseconds: 1_794_000_000_000_123,
            level: .info,
            label: "orders",
            message: "two\nlines",
            metadata: ["address": "127.0.0.1:1", "reason": "with blanks", "count": 2]
        )
        #expect(
            String(decoding: line.rendered(as: .human), as: UTF8.self)
                == "2026-11-06T21:20:00.000123Z info    orders: two lines "
                + "address=127.0.0.1:1 reason=\"with blanks\" count=2\n"
        )
    }

    @Test func `a level that is off costs no message`() {
        let pipe = Pipe()
        let logger = Logger(label: "x", sink: .descriptor(pipe.writer, .json))
        var wasEvaluated = false
        func message() -> String {
            wasEvaluated = true
            return ""
        }
        logger.debug(message())
        #expect(!wasEvaluated)
        #expect(pipe.read().isEmpty)
    }

    @Test func `a reader that stopped loses lines, is told how many, and stops nobody`() {
        let pipe = Pipe()
        let sink = LogSink.descriptor(pipe.writer, .human)
        let logger = Logger(label: "x", sink: sink)
        let text = String(repeating: "a", count: 1000)
        for _ in 0..<1000 { logger.info(text) }
        let dropped = sink.droppedLines
        #expect(dropped > 0)
        // Each line pushes on what waits in the buffer; a pipe holds 64 kB, the buffer 256 kB.
        var read: [UInt8] = []
        for _ in 0..<20 {
            read += pipe.read()
            logger.info("go on")
        }
        #expect(sink.droppedLines == 0)
        #expect(read.count > LogSink.bufferLimit)
        let note = "\(dropped) log lines were dropped"
        #expect(String(decoding: read, as: UTF8.self).contains(note))
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000000Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
        (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
        (4_107_542_399_999_999, "2100-02-28T23:59:59.999999Z"),
    ])
    func `wall time is written as RFC 3339 in UTC`(time: Int64, text: String) {
        #expect(WallClock.rfc3339(time) == text)
    }

    @Test func `a log file in a missing directory says what to do`() {
        #expect(throws: LogSinkError.self) { try LogSink.file("/nonexistent/x.log") }
    }
}

struct MetricsTests {
    @Test func `metrics are rendered as Prometheus text`() {
        let registry = MetricsRegistry()
        let labels: MetricsRegistry.Labels = [("route", "POST \"/orders\""), ("status", "202")]
        registry.counter("requests_total", help: "Answers.", labels).add(3)
        registry.gauge("in_flight", help: "Now.").set(2)
        let histogram = registry.histogram("latency_seconds", help: "How long.")
        histogram.record(.milliseconds(3))
        histogram.record(.seconds(60))
        let text = registry.render()
        #expect(text.contains("# TYPE requests_total counter\n"))
        #expect(text.contains("requests_total{route=\"POST \\\"/orders\\\"\",status=\"202\"} 3\n"))
        #expect(text.contains("in_flight 2\n"))
        #expect(text.contains("latency_seconds_bucket{le=\"0.0025\"} 0\n"))
        #expect(text.contains("latency_seconds_bucket{le=\"0.005\"} 1\n"))
        #expect(text.contains("latency_seconds_bucket{le=\"+Inf\"} 2\n"))
        #expect(text.contains("latency_seconds_sum 60.003\n"))
        #expect(text.contains("latency_seconds_count 2\n"))
    }

    @Test func `the same name and labels are the same series`() {
        let registry = MetricsRegistry()
        registry.counter("a_total", help: "A.", [("x", "1")]).add()
        registry.counter("a_total", help: "A.", [("x", "1")]).add()
        #expect(registry.render().contains("a_total{x=\"1\"} 2\n"))
    }

    @Test func `the number of series is bounded`() {
        let registry = MetricsRegistry()
        for index in 0..<MetricsRegistry.seriesLimit + 5 {
            registry.counter("a_total", help: "A.", [("x", "\(index)")]).add()
        }
        #expect(registry.render().contains("metrics_series_refused_total 5\n"))
    }
}
