internal import ChaosModel
internal import ChaosVerdict

/// The first screen: the verdict's sentence and the four answers.
struct HeadSection {
    let facts: ReportFacts

    private var verdict: Verdict { facts.verdict }

    private var small: String {
        let status = "exit status \(verdict.exitStatus)"
        return verdict.exitStatus == 4 ? "\(verdict.outcome.rawValue), \(status)" : status
    }

    func write(into page: inout Markup) {
        let style = verdict.exitStatus == 4 ? "deviated" : Mark.style(outcome: verdict.outcome)
        page.element("header", ["class": "head \(style)"]) { head in
            head.element("p", ["class": "brand"]) { line in
                line.element("b", text: "chaos")
                line.write(" experiment report")
            }
            head.element("p", ["class": "badge"]) { badge in
                badge.element("span", ["aria-hidden": "true"], text: verdict.headline.symbol)
                badge.write(" \(verdict.headline.word)")
                badge.element("small", text: small)
            }
            head.prose("h1", verdict.sentence)
            head.element("p", ["class": "title"]) { title in
                title.element("b", text: verdict.run.title)
                if !verdict.hypothesis.title.isEmpty {
                    title.write(" — hypothesis: “\(verdict.hypothesis.title.trimmingPeriod)”")
                }
            }
            writeIdentity(into: &head)
        }
        page.breakLine()
        writeAnswers(into: &page)
        writeReasons(into: &page)
    }

    private func writeIdentity(into head: inout Markup) {
        var parts: [String] = []
        if !verdict.run.file.isEmpty { parts.append(verdict.run.file) }
        if let started = verdict.run.startedAt { parts.append(Clock.text(started)) }
        parts.append(NumberText.seconds(verdict.run.duration))
        parts.append("seed \(verdict.run.seed)")
        if !verdict.run.mutants.isEmpty {
            parts.append("broken on purpose: \(verdict.run.mutants.joined(separator: ", "))")
        }
        head.element("ul", ["class": "identity"]) { list in
            for part in parts { list.element("li", text: part) }
        }
    }

    private func writeAnswers(into page: inout Markup) {
        let narrative = Narrative(facts.report)
        let answers = [
            ("What was done", narrative.done), ("What customers felt", narrative.felt),
            ("What was proven", narrative.proven), ("What is open", narrative.open),
        ]
        page.element("div", ["class": "answers"]) { grid in
            for (title, lines) in answers {
                grid.element("section", ["class": "card"]) { card in
                    card.element("h2", text: title)
                    card.element("ul") { list in
                        for line in lines.prefix(8) { list.prose("li", line) }
                        if lines.count > 8 {
                            list.element("li", text: "… and \(lines.count - 8) more.")
                        }
                    }
                }
            }
        }
        page.breakLine()
    }

    /// All grounds, when there is more to say than the sentence already did.
    private func writeReasons(into page: inout Markup) {
        guard verdict.reasons.count > 1 else { return }
        page.element("details", ["class": "reasons"]) { details in
            let count = NumberText.count(verdict.reasons.count, "reason")
            details.element("summary", text: "Why: \(count), in order of weight")
            details.element("ol") { list in
                for reason in verdict.reasons {
                    list.element("li") { item in
                        item.element("code", text: reason.kind.rawValue)
                        item.write(" \(reason.text)")
                    }
                }
            }
        }
        page.breakLine()
    }
}

extension Mark {
    static func style(outcome: Verdict.Outcome) -> String { outcome.rawValue }
}

/// The wall clock as people read it.
enum Clock {
    /// `2026-11-20 10:42:45 UTC`.
    static func text(_ time: Timestamp) -> String {
        let text = time.rfc3339
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8)) UTC"
    }
}
