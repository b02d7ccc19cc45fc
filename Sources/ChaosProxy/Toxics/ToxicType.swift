import ChaosModel

/// A kind of toxic: its name, its attributes and the machine that carries it out.
struct ToxicType: Sendable {
    let name: String
    /// The attributes' names in the order of `ToxicAttributes.values`.
    let fields: [ToxicField]
    /// The protocol that a link must speak; `nil`: any.
    let needs: SystemDescription.Link.WireProtocol?
    /// The event of the session that the type hits; `nil`: it works on chunks, through a stage.
    let event: SessionEventKind?
    /// Makes the stage of one direction of one connection; `nil` for types that hit session events.
    let makeStage: (@Sendable (_ toxic: Toxic, _ random: SeedStream, _ now: Int64) -> Stage)?

    /// A type that works on chunks.
    init<Machine: ToxicMachine>(_ name: String, fields: [ToxicField], machine: Machine.Type) {
        self.name = name
        self.fields = fields
        needs = nil
        event = nil
        makeStage = { toxic, random, now in
            MachineStage<Machine>(toxic: toxic, random: random, now: now)
        }
    }

    /// A type that hits single events of a protocol's session.
    init(_ name: String, needs: SystemDescription.Link.WireProtocol, event: SessionEventKind) {
        self.name = name
        fields = []
        self.needs = needs
        self.event = event
        makeStage = nil
    }
}

/// An attribute of a toxic: an integer in the unit that Toxiproxy gives it.
struct ToxicField: Sendable {
    enum Unit: Sendable { case milliseconds, microseconds, kilobytesPerSecond, bytes }

    let name: String
    let unit: Unit

    init(_ name: String, _ unit: Unit) {
        self.name = name
        self.unit = unit
    }
}

/// The events that a protocol's watch reports and a toxic can hit.
enum SessionEventKind: Sendable, Hashable {
    /// The server acknowledges a COMMIT that closed a transaction.
    case commitAcknowledged
}
