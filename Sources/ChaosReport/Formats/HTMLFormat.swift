package import ChaosJournal
package import ChaosVerdict

extension ReportFormat {
    /// One self-contained page.
    package static let html = ReportFormat(
        name: "html",
        summary: "One self-contained page: verdict, tables, charts, witnesses, undo records.",
        fileExtension: "html",
        mediaType: "text/html; charset=utf-8",
        render: HTMLFormat.render
    )
}

/// The page: no script, no request, light and dark, for paper and for a phone.
package enum HTMLFormat {
    package static func render(
        _ events: [JournalEvent],
        _ verdict: Verdict,
        _ problems: [JournalProblem] = []
    ) -> [UInt8] {
        render(Report(events: events, verdict: verdict, problems: problems))
    }

    package static func render(_ report: Report) -> [UInt8] {
        let facts = ReportFacts(report)
        var page = Markup()
        page.verbatim("<!DOCTYPE html>\n")
        page.element("html", ["lang": "en"]) { html in
            html.pageHead(title: "\(report.verdict.headline.word): \(report.verdict.run.title)")
            html.element("body") { body in
                body.breakLine()
                body.element("a", ["class": "skip", "href": "#hypothesis"], text: "To the details")
                body.element("main") { main in
                    HeadSection(facts: facts).write(into: &main)
                    writeContents(facts, into: &main)
                    HypothesisSection(facts: facts).write(into: &main)
                    InvariantSection(facts: facts).write(into: &main)
                    TimelineSection(facts: facts).write(into: &main)
                    LoadSection(facts: facts).write(into: &main)
                    TrafficSection(facts: facts).write(into: &main)
                    FaultSection(facts: facts).write(into: &main)
                    RunSection(facts: facts).write(into: &main)
                }
            }
        }
        page.breakLine()
        return Array(page.text.utf8)
    }

    private static func writeContents(_ facts: ReportFacts, into main: inout Markup) {
        var entries = [
            ("hypothesis", "Hypothesis"), ("invariants", "Invariants"), ("timeline", "Timeline"),
            ("customers", "Customers"), ("faults", "Faults"), ("run", "This run"),
        ]
        if !facts.traffic.isEmpty { entries.insert(("links", "Links"), at: 4) }
        main.element("nav", ["aria-label": "Contents"]) { nav in
            for (anchor, title) in entries {
                nav.element("a", ["href": "#\(anchor)"], text: title)
            }
        }
        main.breakLine()
    }
}
