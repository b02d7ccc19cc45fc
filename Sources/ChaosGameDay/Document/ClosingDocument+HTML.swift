import ChaosReport

extension ClosingDocument {
    /// The document as one page that asks nobody for anything.
    package var html: [UInt8] {
        var page = Markup()
        page.verbatim("<!DOCTYPE html>\n")
        page.element("html", ["lang": "en"]) { html in
            html.pageHead(title: "GameDay: \(day.plan.title)")
            html.element("body") { body in
                body.element("main") { main in
                    opening(&main)
                    summary(&main)
                    checks(&main)
                    for round in rounds { section(round, &main) }
                    closing(&main)
                }
            }
        }
        page.breakLine()
        return Array(page.text.utf8)
    }

    private func opening(_ main: inout Markup) {
        main.element("header", ["class": "head \(tone)"]) { header in
            header.element("p", ["class": "brand"], text: "chaos · GameDay")
            header.element("p", ["class": "badge"], text: sentence)
            header.element("h1", text: day.plan.title)
            header.element("p", ["class": "lead"], text: day.plan.description)
            header.element("ul", ["class": "identity"]) { list in
                list.element("li", text: Self.time(day.openedAt))
                list.element("li", text: duration)
                for role in day.plan.roles {
                    list.element("li", text: "\(role.role): \(role.person)")
                }
                if day.interruptions > 0 {
                    list.element("li", text: "restarts of the program: \(day.interruptions)")
                }
            }
        }
        main.breakLine()
    }

    private func summary(_ main: inout Markup) {
        main.element("h2", text: "The rounds")
        main.element("table", ["class": "stack"]) { table in
            table.element("thead") { head in
                head.element("tr") { row in
                    for title in [
                        "Round", "Outcome", "Noticed by people", "Noticed by probes", "Recovered",
                        "Evidence",
                    ] {
                        row.element("th", ["scope": "col"], text: title)
                    }
                }
            }
            table.element("tbody") { body in
                for round in rounds { row(round, &body) }
            }
        }
        main.breakLine()
    }

    private func row(_ round: Round, _ body: inout Markup) {
        body.element("tr") { row in
            row.element("th", ["scope": "row"], text: "\(round.number). \(round.plan.title)")
            let outcome = round.state.outcome
            row.element("td", ["data-label": "Outcome"]) { cell in
                cell.element(
                    "span",
                    ["class": "mark \(outcome?.tone ?? "inconclusive")"],
                    text: outcome.map { "\($0.sign) \($0.words)" } ?? "not run"
                )
            }
            for (label, value) in [
                ("By people", round.detectedByPeople), ("By probes", round.detectedByProbes),
                ("Recovered", round.recovery),
            ] {
                row.element("td", ["data-label": label]) {
                    $0.element("span", text: GameDayWords.seconds(value))
                }
            }
            row.element("td", ["data-label": "Evidence"]) { cell in
                cell.element("span") { links(round, &$0) }
            }
        }
    }

    private func links(_ round: Round, _ cell: inout Markup) {
        let places = round.state.attempts.compactMap { $0.result?.evidence }
        if places.isEmpty { cell.write("—") }
        for (index, place) in places.enumerated() {
            if index > 0 { cell.write(" · ") }
            cell.element("a", ["href": "\(place)/report.html"], text: "report")
            cell.write(" ")
            cell.element("a", ["href": "\(place)/journal.jsonl"], text: "journal")
        }
    }

    private func checks(_ main: inout Markup) {
        guard !day.checks.isEmpty else { return }
        main.element("h2", text: "Go or no-go")
        main.element("ul") { list in
            for check in day.checks {
                list.element("li") { item in
                    let tone = check.met.map { $0 ? "held" : "deviated" } ?? "inconclusive"
                    let mark = check.met.map { $0 ? "✓ yes" : "✗ no" } ?? "○ not answered"
                    item.element("span", ["class": "mark \(tone)"], text: mark)
                    let text = check.text.isEmpty ? "" : ": \(check.text)"
                    let by = check.by.map { " (\($0))" } ?? ""
                    item.write(" \(check.question ?? check.name)\(text)\(by)")
                }
            }
        }
        if let place = day.checkEvidence {
            main.element("p") {
                $0.element("a", ["href": "\(place)/report.html"], text: "The checks' report")
            }
        }
        main.breakLine()
    }

    private func section(_ round: Round, _ main: inout Markup) {
        main.element("h2", text: "Round \(round.number): \(round.plan.title)")
        main.element("div", ["class": "answers"]) { cards in
            Self.card("Believed", [round.plan.hypothesis].compactMap(\.self), &cards)
            Self.card("Predicted", round.state.predictions.map { "\($0.by): \($0.text)" }, &cards)
            Self.card("What happened", happened(round), &cards)
            Self.card("Surprises", round.surprises, &cards)
        }
        if let result = round.result, !result.figures.isEmpty || !result.faults.isEmpty {
            main.element("dl", ["class": "wide"]) { list in
                for (name, texts) in [("Injected", result.faults), ("Measured", result.figures)]
                where !texts.isEmpty {
                    list.element("dt", text: name)
                    list.element("dd") { place in
                        for text in texts { place.element("div", text: text) }
                    }
                }
            }
        }
        if !round.observations.isEmpty {
            main.element("h3", text: "Observed")
            main.element("ul") { list in
                for remark in round.observations {
                    list.element(
                        "li",
                        text: "\(Self.clock(remark.at)) \(remark.by): \(remark.text)"
                    )
                }
            }
        }
        main.breakLine()
    }

    private func happened(_ round: Round) -> [String] {
        if let by = round.state.skippedBy { return ["Skipped by \(by)."] }
        guard let result = round.result else { return ["Not run."] }
        var texts = ["\(result.outcome.words): \(result.sentence)"]
        if let recovery = round.recovery {
            texts.append(
                "Back in the steady state \(GameDayWords.seconds(recovery)) after the undo."
            )
        }
        if round.state.attempts.count > 1 { texts.append("\(round.state.attempts.count) tries.") }
        return texts
    }

    private static func card(_ title: String, _ texts: [String], _ cards: inout Markup) {
        cards.element("div", ["class": "card"]) { card in
            card.element("h2", text: title)
            card.element("ul") { list in
                for text in texts.isEmpty ? ["Nothing."] : texts { list.element("li", text: text) }
            }
        }
    }

    private func closing(_ main: inout Markup) {
        main.element("h2", text: "To do")
        main.element("ul") { list in
            if actions.isEmpty { list.element("li", text: "Nothing.") }
            for action in actions { list.element("li", text: "\(action.text) — \(action.by)") }
        }
        let general = day.remarks.filter { $0.round == nil }
        if !general.isEmpty {
            main.element("h2", text: "Said between the rounds")
            main.element("ul") { list in
                for remark in general {
                    list.element(
                        "li",
                        text: "\(Self.clock(remark.at)) \(remark.by): \(remark.text)"
                    )
                }
            }
        }
        main.element("details") { details in
            details.element("summary", text: "Everything that was said and done")
            details.element("ol", ["class": "moments"]) { list in
                for line in day.log {
                    list.element("li") { item in
                        item.element("data", text: Self.clock(line.at))
                        item.element("span", text: line.text)
                    }
                }
            }
        }
        main.element("p", ["class": "fine"]) { fine in
            fine.write("Evidence: ")
            fine.element("a", ["href": "journal.jsonl"], text: "the journal of the GameDay")
            fine.write(", from which this page can be made again.")
        }
    }
}
