internal import ChaosModel
internal import JSON

extension FaultTransition {
    func write(to line: inout LineWriter) {
        line.string("fault", faultID)
        line.string("step", step)
        line.string("path", path)
        line.string("plugin", plugin)
        line.string("function", function)
        line.string("target", target)
        line.string("state", state.rawValue)
        line.integer("hits", hits)
        line.integer("hits_minimum", hitsMinimum)
        line.string("unit", unit)
        if !detail.isEmpty { line.value("detail", .object(detail)) }
        line.string("error", error)
    }

    init(_ members: LineMembers) throws(JournalError) {
        self.init(
            faultID: try members.string("fault"),
            step: try members.string("step"),
            path: try members.string("path"),
            plugin: try members.string("plugin"),
            function: try members.string("function"),
            target: try members.string("target"),
            state: try members.choice("state", State.self),
            hits: try members.optionalInteger("hits"),
            hitsMinimum: try members.optionalInteger("hits_minimum"),
            unit: try members.optionalString("unit"),
            detail: try members.objectOrEmpty("detail"),
            error: try members.optionalString("error")
        )
    }
}

extension FaultFiring {
    func write(to line: inout LineWriter) {
        line.string("fault", faultID)
        line.integer("ordinal", ordinal)
        line.string("fired_at", firedAt.rfc3339)
        line.string("target", target)
        if !detail.isEmpty { line.value("detail", .object(detail)) }
    }

    init(_ members: LineMembers) throws(JournalError) {
        self.init(
            faultID: try members.string("fault"),
            ordinal: try members.integer("ordinal"),
            firedAt: try members.timestamp("fired_at"),
            target: try members.string("target"),
            detail: try members.objectOrEmpty("detail")
        )
    }
}
