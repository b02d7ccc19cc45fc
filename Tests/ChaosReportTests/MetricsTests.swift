import ChaosReport
import JSON
import Testing

/// What leaves a run for other tools.
struct MetricsTests {
    private func text(_ format: String, _ run: SampleRun) throws -> String {
        let format = try #require(ReportFormats.named(format))
        return String(decoding: format.render(run.report), as: UTF8.self)
    }

    @Test(arguments: Snapshots.samples)
    func `every line of the Prometheus text is a comment or a sample of a declared family`(
        sample: Snapshots.Sample
    ) throws {
        var run = sample.run
        run.hostile = "\"\\\n}"
        var families: Set<Substring> = []
        for line in try text("prometheus", run).split(separator: "\n") {
            let words = line.split(separator: " ")
            if line.hasPrefix("# TYPE ") {
                #expect(families.insert(words[2]).inserted, "declared twice: \(words[2])")
            }
            if line.hasPrefix("#") { continue }
            #expect(families.contains(line.prefix { $0 != "{" }), "\(line)")
            #expect(Double(words.last ?? "") != nil, "\(line)")
        }
        #expect(families.contains("chaos_run_outcome"))
    }

    @Test func `outcome, hits and violations are told in numbers`() throws {
        let text = try text("prometheus", .deviated)
        #expect(text.contains("outcome=\"deviated\"} 1.0\n"))
        #expect(text.contains("outcome=\"held\"} 0.0\n"))
        #expect(text.contains("invariant=\"no-double-charge-per-order\"} "))
        #expect(text.contains("fault=\"lose-commit-ack\""))
    }

    @Test(arguments: Snapshots.samples)
    func `the trace is one tree whose spans lie within the run`(sample: Snapshots.Sample) throws {
        let document = try JSONValue.parse(Array(try text("otlp", sample.run).utf8))
        let scope = document["resourceSpans"]?[0]?["scopeSpans"]?[0]
        let spans = try #require(scope?["spans"]?.arrayValue)
        let root = try #require(spans.first)
        #expect(root["parentSpanId"] == nil)
        let identifiers = spans.compactMap { $0["spanId"]?.stringValue }
        #expect(Set(identifiers).count == spans.count)
        #expect(identifiers.allSatisfy { $0.count == 16 })
        let time = { (span: JSONValue, name: String) in
            span[name]?.stringValue.flatMap { Int64($0) } ?? 0
        }
        for span in spans {
            #expect(span["traceId"] == root["traceId"])
            let (start, end) = (time(span, "startTimeUnixNano"), time(span, "endTimeUnixNano"))
            #expect(start >= time(root, "startTimeUnixNano") && end >= start)
            #expect(end <= time(root, "endTimeUnixNano") + 1_000_000)
        }
        for span in spans.dropFirst() { #expect(span["parentSpanId"] == root["spanId"]) }
        #expect(spans.contains { $0["name"]?.stringValue?.hasPrefix("fault ") == true })
    }
}
