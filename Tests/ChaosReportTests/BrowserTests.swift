import ChaosReport
import Testing

/// The page in a real browser; skipped, with the reason, where there is none.
@Suite(
    .serialized,
    .enabled(if: Browser.path != nil, "chromium is not installed: apt-get install chromium")
)
struct BrowserTests {
    @Test(arguments: [390, 680, 1280], [SampleRun.deviated, .cut])
    func `nothing is cut off and nothing is requested`(width: Int, run: SampleRun) throws {
        let page = String(decoding: HTMLFormat.render(run.report), as: UTF8.self)
        let found = try Browser.measure(page, width: width)
        #expect(found.width == width)
        #expect(found.scrollWidth <= width)
        #expect(found.overflowing.isEmpty)
        #expect(found.requests == 0)
    }

    @Test func `words without a space do not widen the page of a phone`() throws {
        var run = SampleRun.deviated
        run.hostile = String(repeating: "x", count: 200)
        run.undoFails = true
        let page = String(decoding: HTMLFormat.render(run.report), as: UTF8.self)
        let found = try Browser.measure(page, width: 390)
        #expect(found.scrollWidth <= 390)
        #expect(found.overflowing.isEmpty)
    }

    @Test func `the measurement notices what is too wide and what is requested`() throws {
        var page = String(decoding: HTMLFormat.render(SampleRun.cut.report), as: UTF8.self)
        page += "<div class=\"wide-one\" style=\"width:900px\">x</div>"
        page += "<img src=\"http://127.0.0.1:9/\">"
        let found = try Browser.measure(page, width: 390)
        #expect(found.scrollWidth > 390)
        #expect(found.overflowing.contains("DIV.wide-one"))
        #expect(found.requests == 1)
    }
}

/// Chromium without a window.
enum Browser {
    /// Its program, if there is one.
    static let path: String? = {
        let look = "command -v chromium || command -v chromium-browser || command -v google-chrome"
        let found = (try? TestFiles.output(of: look)) ?? ""
        let line = found.prefix { $0 != "\n" }
        return line.isEmpty ? nil : String(line)
    }()

    struct Finding {
        var width: Int
        var scrollWidth: Int
        /// Elements that reach beyond the right edge.
        var overflowing: String
        var requests: Int
    }

    /// Opens all details, then measures; runs in the page.
    private static let script = """
        <script>
        addEventListener("load", () => {
          document.querySelectorAll("details").forEach(d => d.open = true);
          const wide = [...document.querySelectorAll("body *")].filter(e => {
            const box = e.getBoundingClientRect();
            return box.width > 0 && box.right > innerWidth + 0.5;
          }).map(e => e.tagName + "." + (e.getAttribute("class") || "")).slice(0, 8).join(" ");
          const requests = performance.getEntriesByType("resource").length;
          const text = [innerWidth, document.documentElement.scrollWidth, requests, wide].join(";");
          parent.postMessage(text, "*");
        });
        </script>
        """

    /// Shows the page in a frame of that width; a window of its own cannot be so narrow.
    static func measure(_ page: String, width: Int) throws -> Finding {
        let browser = try #require(path)
        return try TestFiles.withTemporaryFolder { folder in
            // Our policy would keep the measuring script from running, and requests from showing.
            let parts = page.components(of: "<meta http-equiv=\"Content-Security-Policy\"")
            try #require(parts.count == 2)
            let rest = parts[1].components(of: "/>").dropFirst().joined(separator: "/>")
            try TestFiles.write(Array((parts[0] + rest + script).utf8), to: folder + "/page.html")
            let frame = """
                <!DOCTYPE html><body style="margin:0"><p id="out">RESULT none END</p>
                <script>onmessage = e => { out.textContent = "RESULT " + e.data + " END" }</script>
                <iframe src="page.html" style="border:0;width:\(width)px;height:900px"></iframe>
                """
            try TestFiles.write(Array(frame.utf8), to: folder + "/frame.html")
            let dom = try TestFiles.output(
                of: "timeout 60 '\(browser)' --headless --no-sandbox --disable-gpu "
                    + "--user-data-dir='\(folder)/profile' --window-size=1400,1000 "
                    + "--virtual-time-budget=4000 --dump-dom 'file://\(folder)/frame.html' "
                    + "2>/dev/null"
            )
            let result = dom.components(of: "<p id=\"out\">RESULT ").dropFirst().first ?? ""
            let fields = result.components(of: " END")[0].split(
                separator: ";",
                omittingEmptySubsequences: false
            )
            try #require(fields.count == 4, "chromium measured nothing: \(dom.prefix(200))")
            return Finding(
                width: try #require(Int(fields[0])),
                scrollWidth: try #require(Int(fields[1])),
                overflowing: String(fields[3]),
                requests: try #require(Int(fields[2]))
            )
        }
    }
}
