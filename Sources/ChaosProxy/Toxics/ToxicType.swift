import ChaosModel

/// A kind of toxic: its name, its attributes and the machine that carries it out.
struct ToxicType: Sendable {
    let name: String
    /// The attributes' names in the order of `ToxicAttributes.values`.
    let fields: [ToxicField]
    /// The protocols of which a link must speak one; empty: it may speak any.
    let protocols: [SystemDescription.Link.WireProtocol]
    /// Makes what the type does to a session from its attributes; `nil`: it works on chunks.
    let makeFault: FaultMaker?
    /// What a match can count; the first is meant when it does not say.
    var matchUnits: [MatchUnit] {
        if hitsSession { return [.event, .connection] }
        return makeStage == nil ? [] : [.connection, .chunk]
    }
    /// Whether the type works on the listener: connects hang.
    var holdsListener: Bool { makeFault == nil && makeStage == nil }
    /// Makes the stage of one direction of one connection; `nil` for types that hit sessions.
    let makeStage: (@Sendable (_ toxic: Toxic, _ random: SeedStream, _ now: Int64) -> Stage)?

    /// A type that works on chunks.
    init<Machine: ToxicMachine>(_ name: String, fields: [ToxicField], machine: Machine.Type) {
        self.name = name
        self.fields = fields
        protocols = []
        makeFault = nil
        makeStage = { toxic, random, now in
            MachineStage<Machine>(toxic: toxic, random: random, now: now)
        }
    }

    /// A type that works on chunks with a stage of its own kind.
    init(
        _ name: String,
        fields: [ToxicField],
        makeStage: @escaping @Sendable (_ toxic: Toxic, _ random: SeedStream, _ now: Int64) -> Stage
    ) {
        self.name = name
        self.fields = fields
        protocols = []
        makeFault = nil
        self.makeStage = makeStage
    }

    /// A type that works on the listener.
    init(listener name: String) {
        self.name = name
        fields = []
        protocols = []
        makeFault = nil
        makeStage = nil
    }

    /// Errors: an attribute that the type cannot use.
    typealias FaultMaker =
        @Sendable (_ attributes: ToxicAttributes) throws(ControlError) -> SessionFault

    /// A type that hits single statements or requests of a protocol's session.
    init(
        _ name: String,
        needs protocols: SystemDescription.Link.WireProtocol...,
        fields: [ToxicField] = [],
        makeFault: @escaping FaultMaker
    ) {
        self.name = name
        self.fields = fields
        self.protocols = protocols
        self.makeFault = makeFault
        makeStage = nil
    }

    /// Whether the type hits a session, and so knows matches and counts occurrences.
    var hitsSession: Bool { makeFault != nil }
}

/// An attribute of a toxic: an integer in the unit that Toxiproxy gives it, a share, or a text.
struct ToxicField: Sendable {
    enum Unit: Sendable {
        case milliseconds, microseconds, kilobytesPerSecond, bytes, count
        /// Kept in millionths, so that attributes stay integers; shown and given in percent.
        case percent
        case text
    }

    /// Millionths in one percent.
    static let partsPerPercent: Int64 = 10_000

    let name: String
    let unit: Unit
    /// What it is when the client says nothing; 0 for all that Toxiproxy knows.
    let defaultValue: Int64

    init(_ name: String, _ unit: Unit, default value: Int64 = 0) {
        self.name = name
        self.unit = unit
        defaultValue = value
    }

    /// Millionths as a probability.
    static func share(parts: Int64) -> Double { Double(parts) / Double(100 * partsPerPercent) }

    /// Percent in millionths, held to 0 … 100 percent.
    static func parts(percent: Double) -> Int64 {
        Int64((min(max(0, percent), 100) * Double(partsPerPercent)).rounded())
    }
}
