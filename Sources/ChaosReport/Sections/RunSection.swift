internal import ChaosJournal
internal import ChaosModel
internal import ChaosVerdict
internal import JSON

/// Where and how the run was made, how to repeat it, and what is wrong with its journal.
struct RunSection {
    let facts: ReportFacts

    /// Notes of the runner that are listed.
    static let notesListed = 50

    private var run: RunIdentity { facts.verdict.run }

    func write(into page: inout Markup) {
        page.element("section", ["id": "run"]) { section in
            section.element("h2", text: "This run")
            writeProblems(into: &section)
            section.element("dl", ["class": "wide"]) { list in
                for (name, value) in entries {
                    list.element("dt", text: name)
                    list.element("dd", text: value)
                }
            }
            section.element("p", text: "To repeat it with the same seed:")
            section.element("pre", text: Replay.line(run))
            writePlan(into: &section)
            writeNotes(into: &section)
            section.element(
                "p",
                ["class": "fine"],
                text: "Redaction: the experiment's configuration and secrets are not part of this "
                    + "report; passwords in free-form data are masked. Order numbers and "
                    + "idempotency keys are shown, because witnesses need them."
            )
        }
        page.breakLine()
    }

    private var entries: [(String, String)] {
        var list = [("run", run.runID), ("experiment", run.file), ("seed", String(run.seed))]
        if let start = run.startedAt { list.append(("started", Clock.text(start))) }
        list.append(("duration", NumberText.seconds(run.duration)))
        list.append(("ended", ending))
        if let host = facts.host { list.append(("machine", Self.text(host))) }
        if !run.toolVersion.isEmpty { list.append(("chaos", run.toolVersion)) }
        if !run.mutants.isEmpty { list.append(("mutants", run.mutants.joined(separator: ", "))) }
        if let system = facts.system {
            let links = NumberText.count(system.links.count, "link")
            let services = NumberText.count(system.services.count, "service")
            list.append(("system", "\(system.name): \(services), \(links)"))
        }
        let environment = Redaction.object(facts.started?.environment ?? [:])
        for member in environment.members {
            list.append((member.name, NumberText.value(member.value, unit: "")))
        }
        list.append(("events", NumberText.integer(facts.report.eventCount)))
        return list
    }

    /// How the machine was after the last undo.
    private static func text(_ host: HostComparison) -> String {
        if let error = host.error { return "not compared with before: \(error)" }
        let others = host.others.isEmpty ? "" : "; changed by others: \(list(host.others))"
        guard host.left.isEmpty else { return "NOT as before: \(list(host.left))\(others)" }
        return "as before, in \(NumberText.count(host.facts, "thing"))\(others)"
    }

    private static func list(_ texts: [String]) -> String {
        texts.map(Redaction.text).joined(separator: "; ")
    }

    private var ending: String {
        switch run.ending {
        case .completed: "completed"
        case .aborted(let reason): "aborted: \(reason)"
        case .interrupted: "interrupted"
        case .failed(let reason): "failed: \(reason)"
        case .cut: "cut: the journal ends without a last word"
        }
    }

    private func writeProblems(into section: inout Markup) {
        let problems = facts.report.problems
        guard !problems.isEmpty else { return }
        section.element("div", ["class": "warning", "role": "note"]) { box in
            let count = NumberText.count(problems.count, "problem")
            box.element("h3", text: "The journal has \(count)")
            box.element("ul") { list in
                for problem in problems { list.element("li", text: problem.message) }
            }
        }
    }

    private func writePlan(into section: inout Markup) {
        guard let plan = facts.started?.plan, !plan.isEmpty else { return }
        section.element("details") { details in
            details.element("summary", text: "The plan, \(NumberText.count(plan.count, "line"))")
            details.element("pre", text: plan.map(Redaction.text).joined(separator: "\n"))
        }
    }

    private func writeNotes(into section: inout Markup) {
        let actions = facts.actions.map { entry in
            let result = entry.outcome.error.map { "failed: \($0)" } ?? "done"
            return (entry.elapsed, "action “\(entry.outcome.step)” \(result)")
        }
        let notes = (facts.notes.map { ($0.elapsed, $0.text) } + actions).sorted { $0.0 < $1.0 }
        guard !notes.isEmpty else { return }
        section.element("details") { details in
            let title =
                "Notes and actions, \(NumberText.count(notes.count, "entry", plural: "entries"))"
            details.element("summary", text: title)
            details.element("ol", ["class": "moments"]) { list in
                for (elapsed, text) in notes.prefix(Self.notesListed) {
                    list.element("li") { item in
                        RunTime.write(elapsed, into: &item)
                        item.element("span", text: Redaction.text(text))
                    }
                }
            }
            if notes.count > Self.notesListed {
                let rest = NumberText.integer(notes.count - Self.notesListed)
                details.element("p", text: "… and \(rest) more in the journal.")
            }
        }
    }
}

/// The command that repeats a run.
enum Replay {
    static func line(_ run: RunIdentity) -> String {
        var line = "chaos run \(quoted(run.file.isEmpty ? "FILE" : run.file)) --seed \(run.seed)"
        for mutant in run.mutants { line += " --mutant \(quoted(mutant))" }
        return line
    }

    /// Quotes for a shell what is not plainly a word.
    private static func quoted(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."),
                UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard !isPlain || text.isEmpty else { return text }
        return "'"
            + text.split(separator: "'", omittingEmptySubsequences: false)
            .joined(separator: "'\\''") + "'"
    }
}
