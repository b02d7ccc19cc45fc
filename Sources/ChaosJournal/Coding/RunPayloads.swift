internal import ChaosModel
internal import JSON

extension RunStarted {
    func write(to line: inout LineWriter) {
        line.string("run", runID)
        line.string("file", file)
        // As text, because JSON numbers above 2^53 are not safe everywhere.
        line.string("seed", String(seed))
        line.string("version", toolVersion)
        line.strings("mutants", mutants)
        line.value("environment", .object(environment))
        line.strings("plan", plan)
        line.value("experiment", experiment)
    }

    init(_ members: LineMembers) throws(JournalError) {
        guard let seed = UInt64(try members.string("seed")) else {
            throw JournalError("member \"seed\" must be a whole number from 0 to 2^64-1 as text")
        }
        self.init(
            runID: try members.string("run"),
            file: try members.string("file"),
            experiment: members.value("experiment"),
            seed: seed,
            toolVersion: try members.string("version"),
            mutants: try members.strings("mutants"),
            environment: try members.objectOrEmpty("environment"),
            plan: try members.strings("plan")
        )
    }
}

extension RunEnded {
    func write(to line: inout LineWriter) {
        line.string("reason", reason.rawValue)
        line.string("detail", detail)
    }

    init(_ members: LineMembers) throws(JournalError) {
        self.init(
            reason: try members.choice("reason", Reason.self),
            detail: try members.optionalString("detail")
        )
    }
}

extension HostComparison {
    func write(to line: inout LineWriter) {
        line.integer("facts", facts)
        line.strings("left", left)
        line.strings("others", others)
        line.string("error", error)
    }

    init(_ members: LineMembers) throws(JournalError) {
        self.init(
            facts: try members.integer("facts"),
            left: try members.strings("left"),
            others: try members.strings("others"),
            error: try members.optionalString("error")
        )
    }
}
