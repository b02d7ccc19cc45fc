import BrowserFixtures
import ChaosReport
import EventLoop
import JSON
import LinuxSystem
import Testing

/// The page in a real browser, started once; skipped, with the reason, where there is none.
@Suite(.enabled(if: DevTools.path != nil, "chromium is not installed: apt-get install chromium"))
struct BrowserTests {
    @Test func `every report reads well, wide and narrow, light and dark, and fetches nothing`()
        async throws
    {
        try await withBrowser { browser, folder in
            for sample in Snapshots.samples {
                let name = "report-\(sample.name)"
                try await show(sample.run, name, browser, folder)
                let problems = try await PageExamination.look(at: browser, name: name)
                #expect(problems == [])
                try await browser.show(width: 680, height: 900, isDark: false)
                let between = try await PageExamination.problems(in: browser)
                #expect(between == [])
                #expect(browser.notes.errors == [])
                #expect(browser.notes.requests.count == 1, "\(browser.notes.requests)")
            }
            var long = SampleRun.deviated
            long.hostile = String(repeating: "x", count: 200)
            long.undoFails = true
            try await show(long, "long", browser, folder)
            try await browser.show(width: 390, height: 900, isDark: false)
            let problems = try await PageExamination.problems(in: browser)
            #expect(problems == [])
            try await usesTheKeyboard(browser, folder)
            try await noticesWhatIsWrong(browser, folder)
        }
    }

    /// The first stop of the Tab key leads past the head, and it can be seen.
    private func usesTheKeyboard(_ browser: DevTools, _ folder: String) async throws {
        try await show(.held, "keys", browser, folder)
        try await browser.pressTab()
        let place = """
            (() => { const e = document.activeElement, b = e.getBoundingClientRect();
              return e.className + " " + (b.left >= 0 && b.top >= 0) + " " +
                (parseFloat(getComputedStyle(e).outlineWidth) > 1); })()
            """
        #expect(try await browser.evaluate(place).stringValue == "skip true true")
    }

    private func noticesWhatIsWrong(_ browser: DevTools, _ folder: String) async throws {
        var page = String(decoding: HTMLFormat.render(SampleRun.cut.report), as: UTF8.self)
        page += "<div style=\"width:900px;color:#999;background:#aaa\">wide and pale</div>"
        page += "<a href=\"#x\"></a><img src=\"http://127.0.0.1:9/\"><h5>deep</h5>"
        try await open(page, "planted", browser, folder)
        try await browser.show(width: 390, height: 900, isDark: false)
        let found = try await PageExamination.problems(in: browser).joined(separator: "\n")
        for part in ["wide", "contrast", "a heading skips"] {
            #expect(found.contains(part), "\(part) is not in:\n\(found)")
        }
        // Our policy keeps the picture from being fetched, and the browser says so.
        #expect(!browser.notes.errors.isEmpty)
    }

    private func show(
        _ run: SampleRun,
        _ name: String,
        _ browser: DevTools,
        _ folder: String
    ) async throws {
        let page = String(decoding: HTMLFormat.render(run.report), as: UTF8.self)
        try await open(page, name, browser, folder)
    }

    /// Opens the page with every part unfolded.
    private func open(
        _ page: String,
        _ name: String,
        _ browser: DevTools,
        _ folder: String
    ) async throws {
        let path = "\(folder)/\(name).html"
        try SystemFiles.writeAtomically(path, Array(page.utf8), mode: 0o644)
        browser.forget()
        try await browser.open("file://\(path)")
        try await browser.wait(
            for: "location.href.endsWith('/\(name).html') && document.readyState === 'complete'"
        )
        _ = try await browser.evaluate(
            "document.querySelectorAll('details').forEach(d => d.open = true)"
        )
    }

    private func withBrowser(
        _ body: @escaping @Sendable (DevTools, String) async throws -> Void
    ) async throws {
        let loop = try Loop.start(label: "browser-test")
        defer { loop.stop() }
        let folder = try SystemFiles.makeTemporaryDirectory(prefix: "chaos-report-")
        defer { try? SystemFiles.removeTree(folder) }
        try await loop.spawn {
            let browser = try await DevTools(directory: folder)
            let outcome: Result<Void, any Error>
            do {
                try await body(browser, folder)
                outcome = .success(())
            } catch {
                outcome = .failure(error)
            }
            await browser.close()
            try outcome.get()
        }.value
    }
}
