import ChaosReport
import ChaosVerdict
import Testing

/// The page as markup.
struct PageTests {
    private func page(_ run: SampleRun) -> String {
        let report = run.report
        return String(decoding: HTMLFormat.render(report), as: UTF8.self)
    }

    @Test(arguments: Snapshots.samples)
    func `every element is closed, in order`(sample: Snapshots.Sample) {
        #expect(WellFormedness.problem(in: page(sample.run)) == nil)
    }

    @Test func `the page of an empty journal is well-formed too`() {
        let report = Report(events: [], verdict: Judge.judge([]))
        let text = String(decoding: HTMLFormat.render(report), as: UTF8.self)
        #expect(WellFormedness.problem(in: text) == nil)
    }

    @Test(arguments: Snapshots.samples)
    func `nothing is fetched and nothing is run`(sample: Snapshots.Sample) {
        let text = page(sample.run).lowercased()
        for part in ["<script", "<link", "<img", "<iframe", "<object", "<embed", "@import", "url("]
        {
            #expect(!text.contains(part))
        }
        let attributes = WellFormedness.attributes(in: text)
        for (name, value) in attributes {
            #expect(!name.hasPrefix("on"))
            let refers = ["href", "src", "srcset", "action", "data", "poster", "xlink:href"]
            if refers.contains(name) { #expect(value.hasPrefix("#"), "\(name)=\(value)") }
        }
    }

    @Test(arguments: [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='x",
        "</style><b>", "]]>", "<!--", "&lt;already&gt;", "\u{0}\u{1b}[2J\u{9c}",
        "</svg></title><b>",
    ])
    func `what a system wrote stays text`(hostile: String) {
        var run = SampleRun.deviated
        run.undoFails = true
        run.hostile = hostile
        let text = page(run)
        #expect(WellFormedness.problem(in: text) == nil)
        for part in ["<script", "<img", "</style><b>", "<!--", "\u{0}", "\u{1b}", "\u{9c}"] {
            #expect(!text.contains(part))
        }
        #expect(!WellFormedness.attributes(in: text).contains { $0.name.hasPrefix("on") })
        let count = text.components(of: "<style").count
        #expect(count == 2)
    }

    @Test func `headings do not skip a level, and anchors lead somewhere`() {
        let text = page(.deviated)
        let levels = text.components(of: "<h").dropFirst().compactMap { $0.first?.wholeNumberValue }
        #expect(levels.first == 1)
        #expect(levels.count { $0 == 1 } == 1)
        for (left, right) in zip(levels, levels.dropFirst()) { #expect(right <= left + 1) }
        let attributes = WellFormedness.attributes(in: text)
        let ids = attributes.filter { $0.name == "id" }.map(\.value)
        #expect(Set(ids).count == ids.count)
        for link in attributes where link.name == "href" {
            #expect(ids.contains(String(link.value.dropFirst())))
        }
        for names in attributes where names.name == "aria-labelledby" {
            for name in names.value.split(separator: " ") { #expect(ids.contains(String(name))) }
        }
    }

    @Test func `the page names the orders charged twice, with both charges`() {
        let text = page(.deviated)
        for part in ["9f31c2d4-5b7e-4c1a-8e02-000000000010", "ch_7Kq0a", "ch_9Zw0b", "49.90"] {
            #expect(text.contains(part))
        }
    }

    @Test func `many firings between two charges are one line of the story`() {
        var run = SampleRun.deviated
        run.hits = 400
        #expect(page(run).contains(" times more until +"))
    }

    @Test func `secrets in free-form data are masked`() {
        var run = SampleRun.held
        run.hostile = " host=/tmp password=hunter2 postgres://ann:hunter2@db/x"
        let text = page(run)
        #expect(text.contains("password=•••"))
        let details = text.components(of: "Undo record").dropFirst().first ?? ""
        #expect(!details.components(of: "</pre>")[0].contains("hunter2"))
    }

    @Test func `ten minutes of load fit in a megabyte`() {
        var run = SampleRun.deviated
        // The rate does not matter to the size: the drawings show seconds.
        run.rate = 4
        run.faultSeconds = 560
        run.hits = 4000
        run.doubleCharges = 50
        #expect(HTMLFormat.render(run.report).count < 1_000_000)
    }
}
