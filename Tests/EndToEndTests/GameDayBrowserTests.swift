import BrowserFixtures
import ChaosModel
import EventLoop
import Glibc
import JSON
import LinuxSystem
import Testing

/// A GameDay of the shop, rehearsed with a browser on its page; skipped, with the reason, where
/// there is none.
@Suite(
    .serialized,
    .timeLimit(.minutes(10)),
    .enabled(if: DevTools.path != nil, "chromium is not installed: apt-get install chromium")
)
struct GameDayBrowserTests {
    /// One round, whose fault stays until somebody presses STOP.
    private func write(_ program: Program) throws -> String {
        let experiment = """
            {
              "chaos": 1, "title": "Lost acknowledgements", "description": "Everybody pays once.",
              "system": "shop", "seed": 7,
              "load": { "rate": "20/s", "warm-up": "1s", "baseline": "2s", "after": "1s" },
              "steady-state-hypothesis": {
                "title": "Customers get through", "strategy": "on-fault", "frequency": "1s",
                "probes": [{ "type": "probe", "name": "checkouts succeed",
                  "tolerance": { "at-least": "50%" },
                  "provider": { "type": "metric", "func": "success-ratio",
                    "arguments": { "operation": "checkout" } } }]
              },
              "method": [{ "type": "action", "name": "the processor answers late",
                "provider": { "type": "toxic", "func": "latency",
                  "arguments": { "latency": "150ms" } },
                "target": { "link": "payments->processor" }, "duration": "5m" }]
            }
            """
        let plan = """
            {
              "chaos-gameday": 1, "title": "Payments under a bad network",
              "description": "Rehearsed with nobody but a browser.", "system": "shop",
              "roles": [{ "role": "Conductor", "person": "Ada", "duty": "says go" }],
              "communication": [{ "channel": "#gameday", "purpose": "everything" }],
              "checks": [{ "name": "the books are right", "tolerance":
                  { "type": "jsonpath", "path": "$.holds", "expect": true },
                "provider": { "type": "invariant", "func": "holds",
                  "arguments": { "invariants": "all" } } }],
              "rounds": [{ "title": "The card processor answers late",
                "experiment": "late.json", "time-box": "4m",
                "hypothesis": "Customers do not notice 150 ms.",
                "signals": ["checkout p99 rises by about 150 ms"],
                "runbook": "docs/gameday.md" }]
            }
            """
        for (name, text) in [("late.json", experiment), ("plan.json", plan)] {
            let path = "\(program.directory)/\(name)"
            try SystemFiles.writeAtomically(path, Array(text.utf8), mode: 0o644)
        }
        return "\(program.directory)/plan.json"
    }

    @Test func `a rehearsal on the page: seen within a second, stopped, killed and gone on with`()
        async throws
    {
        try await withProgram { program in
            let plan = try write(program)
            let words = [plan, "--yes", "--output", "\(program.directory)/runs"]
            try await onLoop {
                let day = try GameDayProcess(program, words)
                let browser = try await DevTools(directory: program.directory)
                let outcome: Result<Void, any Error>
                do {
                    try await rehearse(day, browser, words)
                    outcome = .success(())
                } catch {
                    outcome = .failure(error)
                }
                await browser.close()
                if day.child.status == nil { day.child.signal(SIGKILL) }
                _ = try await day.child.wait()
                try outcome.get()
            }
        }
    }

    private func rehearse(
        _ day: GameDayProcess,
        _ browser: DevTools,
        _ words: [String]
    ) async throws {
        let address = try await day.address()
        try await browser.show(width: 1280, height: 900, isDark: false)
        try await browser.open(address)
        try await browser.wait(for: "state && state.faults.length && state.live.load.length > 1")
        try await saySomething(day, browser)
        try await examine(browser, "running")
        #expect(
            browser.notes.requests.allSatisfy {
                $0.hasPrefix(String(address.prefix { $0 != "?" })) || $0 == "data:,"
                    || $0 == "about:blank"
            }
        )
        #expect(browser.notes.errors.isEmpty)

        day.child.signal(SIGKILL)
        #expect(try await day.child.wait() == .signalled(SIGKILL))
        try await noFaultIsLeft(day.program)
        try day.startAgain(words)
        let cut = try await day.wait(kind: "round-ended")
        #expect(cut["data"]?["outcome"]?.stringValue == "interrupted")
        try await day.wait(kind: "round-begun", count: 2)
        browser.forget()
        // The page has found the same address again by itself.
        try await browser.wait(for: "state.rounds[0].attempts === 2 && state.faults.length")

        try await browser.press("stop")
        let stop = try await day.wait(kind: "stop-asked")
        let undone = try await day.wait(kind: "happened", text: "reverted")
        #expect(try JournalTime.seconds(from: stop, to: undone) < 2)
        try await browser.wait(
            for: "state.paused && state.stage === 'debriefing' && !state.faults.length"
        )
        try await examine(browser, "stopped")
        _ = try await browser.evaluate("location.reload()")
        try await browser.wait(for: "state && state.remarks.length === 1")
        try await browser.press("go")
        try await browser.wait(for: "state.document")
        try await examineClosing(day, browser, address)
        #expect(try await day.child.wait() == .exited(2))
    }

    /// Types an observation; it must be in the journal and back on the page within a second.
    private func saySomething(_ day: GameDayProcess, _ browser: DevTools) async throws {
        try await browser.type("Ada <b>", into: "name")
        try await browser.type("checkouts take longer & nobody complains", into: "say")
        _ = try await browser.evaluate(
            """
            window.saidAt = performance.now(); window.shownAt = 0;
            new MutationObserver(() => { if (!shownAt && document.getElementById("remarks")
              .textContent.includes("nobody complains")) shownAt = performance.now(); })
              .observe(document.getElementById("remarks"), { childList: true, subtree: true });
            document.querySelector("[data-say=seen]").click()
            """
        )
        try await browser.wait(for: "shownAt")
        let delay = try await browser.evaluate("shownAt - saidAt").doubleValue ?? .infinity
        #expect(delay < 1000, "shown after \(delay) ms")
        let seen = try await day.wait(kind: "observed")
        #expect(seen["by"]?.stringValue == "Ada <b>")
    }

    private func examine(_ browser: DevTools, _ name: String) async throws {
        let problems = try await PageExamination.look(at: browser, name: "gameday-\(name)")
        #expect(problems == [])
    }

    private func examineClosing(
        _ day: GameDayProcess,
        _ browser: DevTools,
        _ address: String
    ) async throws {
        try await day.wait(kind: "closed")
        let directory = try day.directory()
        browser.forget()
        try await browser.open("file://" + SystemFiles.absolute(directory) + "/closing.html")
        try await browser.wait(for: "document.querySelector('h1')")
        try await examine(browser, "closing")
        #expect(browser.notes.errors.isEmpty)
        #expect(browser.notes.requests.count == 1)
        let text = try await browser.evaluate("document.body.innerText").stringValue ?? ""
        #expect(text.contains("Ada <b>: checkouts take longer & nobody complains"))
        #expect(text.contains("stopped"))
        // Every link to evidence leads to a file.
        let links = try await browser.evaluate(
            "[...document.querySelectorAll('a')].map(a => a.getAttribute('href'))"
        )
        let places = links.arrayValue?.compactMap(\.stringValue) ?? []
        #expect(places.count >= 5, "\(places)")
        for place in places { #expect(SystemFiles.exists("\(directory)/\(place)"), "\(place)") }
    }

    private func noFaultIsLeft(_ program: Program) async throws {
        let deadline = Loop.monotonicNanoseconds() + 20_000_000_000
        var left = true
        while left, Loop.monotonicNanoseconds() < deadline {
            let status = try JSONValue.parse(try await program.run("status", "--json").answer)
            left = status["runs"]?.arrayValue?.contains { $0["faults"]?.arrayValue != [] } ?? true
        }
        #expect(!left)
    }
}
