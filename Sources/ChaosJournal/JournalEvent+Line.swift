internal import ChaosModel
internal import JSON

extension JournalEvent {
    /// The event as one line of the journal, its line feed included.
    package func line() -> [UInt8] {
        var line = LineWriter()
        line.integer("seq", sequence)
        line.string("at", at.rfc3339)
        line.seconds("t", elapsed)
        line.string("event", payload.name)
        payload.write(to: &line)
        return line.finish()
    }

    /// Reads one line of a journal, with or without its line feed.
    ///
    /// An event whose name is not known (a newer writer's) becomes a `note` that holds the line.
    /// Throws when the line is no JSON object or a member is missing or of the wrong kind.
    package init(line: [UInt8]) throws(JournalError) {
        let document: JSONValue
        do {
            document = try JSONValue.parse(line)
        } catch {
            throw JournalError("no JSON: \(error.message)")
        }
        guard let object = document.objectValue else { throw JournalError("no JSON object") }
        let members = LineMembers(object: object)
        self.init(
            sequence: try members.integer("seq"),
            at: try members.timestamp("at"),
            elapsed: try members.number("t"),
            payload: try Payload(name: try members.string("event"), members: members)
        )
    }
}

extension JournalEvent.Payload {
    /// The event's name in the journal.
    package var name: String {
        switch self {
        case .runStarted: "run-started"
        case .system: "system"
        case .phase: "phase"
        case .probe: "probe"
        case .action: "action"
        case .fault: "fault"
        case .firing: "firing"
        case .operation: "operation"
        case .load: "load"
        case .traffic: "traffic"
        case .invariant: "invariant"
        case .abort: "abort"
        case .hostCompared: "host-compared"
        case .note: "note"
        case .runEnded: "run-ended"
        }
    }

    fileprivate func write(to line: inout LineWriter) {
        switch self {
        case .operation(let operation): operation.write(to: &line)
        case .load(let load): load.write(to: &line)
        case .traffic(let sample): sample.write(to: &line)
        case .runStarted(let start): start.write(to: &line)
        case .system(let system): line.value("system", system.json)
        case .phase(let change): line.string("phase", change.phase.rawValue)
        case .probe(let reading): reading.write(to: &line)
        case .action(let outcome): outcome.write(to: &line)
        case .fault(let transition): transition.write(to: &line)
        case .firing(let firing): firing.write(to: &line)
        case .invariant(let result): result.write(to: &line)
        case .abort(let reason): line.string("reason", reason)
        case .hostCompared(let comparison): comparison.write(to: &line)
        case .note(let text): line.string("text", text)
        case .runEnded(let end): end.write(to: &line)
        }
    }

    fileprivate init(name: String, members: LineMembers) throws(JournalError) {
        switch name {
        case "operation": self = .operation(try ClientOperation(members))
        case "load": self = .load(try LoadSecond(members))
        case "traffic": self = .traffic(try TrafficSample(members))
        case "run-started": self = .runStarted(try RunStarted(members))
        case "system": self = .system(try Self.system(members))
        case "phase":
            self = .phase(PhaseChange(try members.choice("phase", PhaseChange.Phase.self)))
        case "probe": self = .probe(try ProbeReading(members))
        case "action": self = .action(try ActionOutcome(members))
        case "fault": self = .fault(try FaultTransition(members))
        case "firing": self = .firing(try FaultFiring(members))
        case "invariant": self = .invariant(try InvariantResult(members))
        case "abort": self = .abort(reason: try members.string("reason"))
        case "host-compared": self = .hostCompared(try HostComparison(members))
        case "note": self = .note(try members.string("text"))
        case "run-ended": self = .runEnded(try RunEnded(members))
        default:
            let text = JSONValue.object(members.object).serialized()
            self = .note("unknown event \"\(name)\": \(text)")
        }
    }

    private static func system(_ members: LineMembers) throws(JournalError) -> SystemDescription {
        do {
            return try SystemDescription(json: members.value("system"))
        } catch {
            throw JournalError("member \"system\": \(error.message)")
        }
    }
}
