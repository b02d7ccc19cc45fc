internal import ChaosModel
internal import JSON

extension ProbeReading {
    func write(to line: inout LineWriter) {
        line.string("phase", phase?.rawValue)
        line.string("step", step)
        line.string("path", path)
        line.value("output", output)
        line.string("unit", unit)
        line.string("tolerance", tolerance)
        line.bool("met", met)
        line.bool("cumulative", isCumulative)
        line.string("error", error)
        line.number("duration_ms", milliseconds)
    }

    init(_ members: LineMembers) throws(JournalError) {
        let hasPhase = try members.optionalString("phase") != nil
        self.init(
            phase: hasPhase ? try members.choice("phase", ProbePhase.self) : nil,
            step: try members.string("step"),
            path: try members.string("path"),
            output: members.value("output"),
            unit: try members.optionalString("unit") ?? "",
            tolerance: try members.optionalString("tolerance"),
            met: try members.optionalBool("met"),
            isCumulative: try members.optionalBool("cumulative") ?? false,
            error: try members.optionalString("error"),
            milliseconds: try members.optionalNumber("duration_ms") ?? 0
        )
    }
}

extension ActionOutcome {
    func write(to line: inout LineWriter) {
        line.string("step", step)
        line.string("path", path)
        line.value("output", output)
        line.string("error", error)
        line.number("duration_ms", milliseconds)
    }

    init(_ members: LineMembers) throws(JournalError) {
        self.init(
            step: try members.string("step"),
            path: try members.string("path"),
            output: members.value("output"),
            error: try members.optionalString("error"),
            milliseconds: try members.optionalNumber("duration_ms") ?? 0
        )
    }
}

extension InvariantResult {
    func write(to line: inout LineWriter) {
        line.string("name", name)
        line.string("statement", statement)
        line.bool("holds", holds)
        line.integer("checked", checked)
        line.integer("violations", violations)
        line.value("witnesses", .array(witnesses.map { .object($0) }))
        line.string("error", error)
    }

    init(_ members: LineMembers) throws(JournalError) {
        self.init(
            name: try members.string("name"),
            statement: try members.string("statement"),
            holds: try members.optionalBool("holds"),
            checked: try members.integer("checked"),
            violations: try members.integer("violations"),
            witnesses: try members.objects("witnesses"),
            error: try members.optionalString("error")
        )
    }
}
