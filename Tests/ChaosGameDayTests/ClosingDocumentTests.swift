import ChaosGameDay
import ChaosModel
import JSON
import Testing

struct ClosingDocumentTests {
    /// A day with one deviated round, seen by a person, and hostile texts.
    private func day() throws -> GameDay {
        var held = try HeldDay.atFirstBriefing()
        held.say("predict nothing <script>alert(1)</script> | happens", by: "<b>Bo</b>")
        held.say("go")
        held.say("seen checkouts are slow", by: "Bo")
        held.say("surprise the *dashboard* was green")
        let injected = try #require(held.day.log.last?.at)
        held.say("seen still slow")
        held.endRun(.deviated) { result in
            result.injectedAt = Timestamp(microseconds: injected.microseconds + 200_000)
            result.unmetAt = Timestamp(microseconds: injected.microseconds + 700_000)
            result.recovery = 4.5
            result.evidence = "rounds/01-the-first/a/2026"
            result.reasons = ["A customer was charged twice."]
        }
        held.say("action find out why", by: "Cy")
        held.say("abort enough")
        held.append(.init(.closed, data: ["ending": "aborted"]))
        return held.day
    }

    @Test func `the document tells what was expected, seen and measured`() throws {
        let text = String(decoding: ClosingDocument(try day()).markdown, as: UTF8.self)
        try TestFiles.compare(text, with: "Plans/closing.markdown")
    }

    @Test func `the page has no markup of others and asks nobody for anything`() throws {
        let page = String(decoding: ClosingDocument(try day()).html, as: UTF8.self)
        #expect(!page.contains("<script"))
        #expect(!page.contains("<b>Bo"))
        #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
        #expect(page.contains("href=\"rounds/01-the-first/a/2026/report.html\""))
        #expect(!page.contains("http://") && !page.contains("https://"))
        #expect(page.contains("800 ms"), "time to detect, by people")
        #expect(page.contains("500 ms"), "time to detect, by probes")
        #expect(page.contains("4.5 s"), "time to recover")
        #expect(page.contains("A customer was charged twice."))
        #expect(page.contains("find out why — Cy"))
    }
}
