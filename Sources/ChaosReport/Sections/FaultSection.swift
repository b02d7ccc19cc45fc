internal import ChaosJournal
internal import ChaosModel
internal import ChaosVerdict
internal import JSON

/// What was injected, what it hit, and how it was undone.
struct FaultSection {
    let facts: ReportFacts

    /// Firings that are listed, for each fault.
    static let firingsListed = 20

    func write(into page: inout Markup) {
        page.element("section", ["id": "faults"]) { section in
            section.element("h2", text: "Faults")
            if facts.verdict.faults.isEmpty {
                section.element("p", text: "No fault was injected.")
            }
            for fault in facts.verdict.faults { write(fault, into: &section) }
        }
        page.breakLine()
    }

    private func write(_ fault: FaultRow, into section: inout Markup) {
        section.element("article", ["class": "fault-card"]) { article in
            article.element("h3") { title in
                title.write(fault.function)
                title.prose("span", " on \(fault.target)")
            }
            article.element("dl") { list in
                for (name, value, style) in facts(of: fault) {
                    list.element("dt", text: name)
                    list.element("dd", ["class": style], text: value)
                }
            }
            writeFirings(fault, into: &article)
            if !fault.undoRecord.isEmpty {
                article.element("details") { details in
                    details.element("summary", text: "Undo record, written before the effect")
                    let record = Redaction.value(.object(fault.undoRecord))
                    details.element("pre", text: record.serialized(pretty: true))
                }
            }
        }
        section.breakLine()
    }

    private func facts(of fault: FaultRow) -> [(name: String, value: String, style: String)] {
        var list: [(String, String, String)] = [
            ("step", "\(fault.step) (\(fault.path), plugin \(fault.plugin))", "")
        ]
        if let start = fault.injectedAt {
            let end = fault.undoneAt.map { "to \(RunTime.point($0))" } ?? "with no end on record"
            let span = fault.undoneAt.map { ", \(NumberText.seconds($0 - start))" } ?? ""
            list.append(("in effect", "from \(RunTime.point(start)) \(end)\(span)", ""))
        }
        let unit = fault.unit.isEmpty ? "hits" : fault.unit
        let minimum = "at least \(NumberText.integer(fault.hitsMinimum)) asked for"
        let hits = fault.hits.map { "\(NumberText.integer($0)) \(unit)" } ?? "not counted"
        list.append(("effect", "\(hits) (\(minimum))", ""))
        switch fault.proof {
        case .proven: list.append(("proof", "✓ it happened", "held"))
        case .unproven(let reason), .notInjected(let reason):
            list.append(("proof", "? \(reason)", "inconclusive"))
        }
        switch fault.undo {
        case .undone:
            let when = fault.undoneAt.map { " at \(RunTime.point($0))" } ?? ""
            list.append(("undo", "✓ undone and verified\(when)", "held"))
        case .notNeeded: list.append(("undo", "not needed", ""))
        case .failed(let reason):
            list.append(("undo", "✕ FAILED: \(reason) Run `chaos recover`.", "deviated"))
        case .missing: list.append(("undo", "✕ MISSING. Run `chaos recover`.", "deviated"))
        case .unknown:
            let text = "? the journal ends before it; the guardian undoes what is left"
            list.append(("undo", text, "inconclusive"))
        }
        return list
    }

    private func writeFirings(_ fault: FaultRow, into article: inout Markup) {
        let firings = facts.firings[fault.faultID] ?? []
        guard !firings.isEmpty else { return }
        article.element("details") { details in
            let first = fault.firstFiring.flatMap(facts.elapsed).map {
                RunTime.point($0, places: 3)
            }
            let last = fault.lastFiring.flatMap(facts.elapsed).map { RunTime.point($0, places: 3) }
            let span = "first \(first ?? "–"), last \(last ?? "–")"
            let count = NumberText.count(firings.count, "firing")
            details.element("summary", text: "\(count) on record: \(span)")
            details.element("ol", ["class": "moments"]) { list in
                for firing in firings.prefix(Self.firingsListed) { write(firing, into: &list) }
            }
            if firings.count > Self.firingsListed {
                let rest = NumberText.integer(firings.count - Self.firingsListed)
                details.element("p", text: "… and \(rest) more in the journal.")
            }
        }
    }

    private func write(_ firing: FaultFiring, into list: inout Markup) {
        list.element("li", ["class": "fault"]) { item in
            RunTime.write(facts.elapsed(firing.firedAt) ?? 0, into: &item)
            let detail = Redaction.object(firing.detail).members.map { member in
                "\(member.name) \(NumberText.value(member.value, unit: ""))"
            }
            let text = (["no. \(NumberText.integer(firing.ordinal))"] + detail)
            item.element("span", text: text.joined(separator: ", "))
        }
    }
}
