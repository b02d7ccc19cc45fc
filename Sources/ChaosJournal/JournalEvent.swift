package import ChaosModel
package import JSON

/// One line of the journal: when, and what happened.
///
/// JSON form: `{"seq":7,"at":"2026-11-20T10:42:45.087402Z","t":12.345678,"event":"fault",…}`, the
/// members of the payload following.
package struct JournalEvent: Sendable, Equatable {
    /// 1, 2, 3 … without a gap.
    package var sequence: Int
    /// Wall clock.
    package var at: Timestamp
    /// Monotonic seconds since the run started.
    package var elapsed: Double
    package var payload: Payload

    package init(sequence: Int, at: Timestamp, elapsed: Double, payload: Payload) {
        self.sequence = sequence
        self.at = at
        self.elapsed = elapsed
        self.payload = payload
    }

    /// What can happen in a run; the JSON name of each is in its comment.
    package enum Payload: Sendable, Equatable {
        case runStarted(RunStarted)  // "run-started"
        case system(SystemDescription)  // "system"
        case phase(PhaseChange)  // "phase"
        case probe(ProbeReading)  // "probe"
        case action(ActionOutcome)  // "action"
        case fault(FaultTransition)  // "fault"
        case firing(FaultFiring)  // "firing"
        case operation(ClientOperation)  // "operation"
        case load(LoadSecond)  // "load"
        case traffic(TrafficSample)  // "traffic"
        case invariant(InvariantResult)  // "invariant"
        case abort(reason: String)  // "abort"
        case hostCompared(HostComparison)  // "host-compared"
        case note(String)  // "note"
        case runEnded(RunEnded)  // "run-ended"
    }
}

package struct RunStarted: Sendable, Equatable {
    package var runID: String
    package var file: String
    package var experiment: JSONValue
    package var seed: UInt64
    package var toolVersion: String
    package var mutants: [String]
    /// Kernel, processors, memory, PostgreSQL: names and values for the report.
    package var environment: JSONObject
    /// The plan's steps as text lines.
    package var plan: [String]

    package init(
        runID: String,
        file: String,
        experiment: JSONValue,
        seed: UInt64,
        toolVersion: String,
        mutants: [String],
        environment: JSONObject,
        plan: [String]
    ) {
        self.runID = runID
        self.file = file
        self.experiment = experiment
        self.seed = seed
        self.toolVersion = toolVersion
        self.mutants = mutants
        self.environment = environment
        self.plan = plan
    }
}

/// The machine after the last undo, compared with what it was before the method.
package struct HostComparison: Sendable, Equatable {
    /// How many things were looked at.
    package var facts: Int
    /// What is ours and still there, or not as it was: exit status 4.
    package var left: [String]
    /// What others may have changed meanwhile.
    package var others: [String]
    /// Why nothing could be compared.
    package var error: String?

    package init(facts: Int, left: [String] = [], others: [String] = [], error: String? = nil) {
        self.facts = facts
        self.left = left
        self.others = others
        self.error = error
    }
}

/// A phase begins (the one before it ends).
package struct PhaseChange: Sendable, Equatable {
    package enum Phase: String, Sendable, CaseIterable {
        case start, warmUp = "warm-up", baseline, method, recovery, settle, end
    }
    package var phase: Phase

    package init(_ phase: Phase) {
        self.phase = phase
    }
}

/// A hypothesis probe or a method probe was read.
package struct ProbeReading: Sendable, Equatable {
    /// `nil`: a probe of the method, not of the hypothesis.
    package var phase: ProbePhase?
    package var step: String
    /// `steady-state-hypothesis.probes[0]`.
    package var path: String
    package var output: JSONValue
    package var unit: String
    /// As the author wrote it, for example `at most 300ms`.
    package var tolerance: String?
    /// `nil`: could not be judged (failed, or too few observations).
    package var met: Bool?
    package var isCumulative: Bool
    package var error: String?
    package var milliseconds: Double

    package init(
        phase: ProbePhase?,
        step: String,
        path: String,
        output: JSONValue,
        unit: String = "",
        tolerance: String? = nil,
        met: Bool? = nil,
        isCumulative: Bool = false,
        error: String? = nil,
        milliseconds: Double = 0
    ) {
        self.phase = phase
        self.step = step
        self.path = path
        self.output = output
        self.unit = unit
        self.tolerance = tolerance
        self.met = met
        self.isCumulative = isCumulative
        self.error = error
        self.milliseconds = milliseconds
    }
}

/// An action of the method or the rollbacks was carried out.
package struct ActionOutcome: Sendable, Equatable {
    package var step: String
    package var path: String
    package var output: JSONValue
    package var error: String?
    package var milliseconds: Double

    package init(
        step: String,
        path: String,
        output: JSONValue,
        error: String? = nil,
        milliseconds: Double = 0
    ) {
        self.step = step
        self.path = path
        self.output = output
        self.error = error
        self.milliseconds = milliseconds
    }
}

/// A fault entered a state of its life.
package struct FaultTransition: Sendable, Equatable {
    package enum State: String, Sendable {
        case prepared, injected, confirmed, unconfirmed, reverting, reverted
        /// The last word on an undo that did not succeed: exit status 4.
        case revertFailed = "revert-failed"
        case failed
    }
    /// Unique within the run; the ledger's key too.
    package var faultID: String
    package var step: String
    package var path: String
    package var plugin: String
    package var function: String
    package var target: String
    package var state: State
    /// With `confirmed`, `unconfirmed` and `reverted`: hits so far.
    ///
    /// Beside them the least number that the author asks for, and the unit.
    package var hits: Int?
    package var hitsMinimum: Int?
    package var unit: String?
    package var detail: JSONObject
    package var error: String?

    package init(
        faultID: String,
        step: String,
        path: String,
        plugin: String,
        function: String,
        target: String,
        state: State,
        hits: Int? = nil,
        hitsMinimum: Int? = nil,
        unit: String? = nil,
        detail: JSONObject = [:],
        error: String? = nil
    ) {
        self.faultID = faultID
        self.step = step
        self.path = path
        self.plugin = plugin
        self.function = function
        self.target = target
        self.state = state
        self.hits = hits
        self.hitsMinimum = hitsMinimum
        self.unit = unit
        self.detail = detail
        self.error = error
    }
}

/// One occurrence of a fault, as the place that caused it recorded it.
package struct FaultFiring: Sendable, Equatable {
    package var faultID: String
    package var ordinal: Int
    package var firedAt: Timestamp
    package var target: String
    package var detail: JSONObject

    package init(
        faultID: String,
        ordinal: Int,
        firedAt: Timestamp,
        target: String,
        detail: JSONObject
    ) {
        self.faultID = faultID
        self.ordinal = ordinal
        self.firedAt = firedAt
        self.target = target
        self.detail = detail
    }
}

/// A line of the clients' history, in Jepsen's words.
package struct ClientOperation: Sendable, Equatable {
    package enum Kind: String, Sendable {
        case invoke, ok, fail
        /// The client does not know whether it happened.
        case info
    }
    /// Number of the arrival; `invoke` and its end share it.
    package var arrival: Int
    /// "placement" or "checkout".
    package var operation: String
    package var kind: Kind
    /// The idempotency key that the client sent.
    package var key: String
    package var order: String?
    package var status: Int?
    /// From the planned start; only with ends.
    package var latencyMilliseconds: Double?
    package var detail: String?

    package init(
        arrival: Int,
        operation: String,
        kind: Kind,
        key: String,
        order: String? = nil,
        status: Int? = nil,
        latencyMilliseconds: Double? = nil,
        detail: String? = nil
    ) {
        self.arrival = arrival
        self.operation = operation
        self.kind = kind
        self.key = key
        self.order = order
        self.status = status
        self.latencyMilliseconds = latencyMilliseconds
        self.detail = detail
    }
}

/// One second of load per operation, for charts: by *planned* start.
package struct LoadSecond: Sendable, Equatable {
    /// Whole seconds since the run started.
    package var second: Int
    package var operation: String
    package var planned: Int
    package var ok: Int
    package var fail: Int
    package var info: Int
    /// Milliseconds: p50, p90, p99, maximum; `nil` when nothing ended.
    package var p50: Double?
    package var p90: Double?
    package var p99: Double?
    package var max: Double?
    /// How late the generator itself was, p99 in milliseconds.
    package var lag: Double

    package init(
        second: Int,
        operation: String,
        planned: Int,
        ok: Int,
        fail: Int,
        info: Int,
        lag: Double
    ) {
        self.second = second
        self.operation = operation
        self.planned = planned
        self.ok = ok
        self.fail = fail
        self.info = info
        self.lag = lag
    }
}

/// An invariant was checked against the data.
package struct InvariantResult: Sendable, Equatable {
    package var name: String
    /// One sentence: what must be true.
    package var statement: String
    /// `nil`: could not be observed.
    package var holds: Bool?
    /// How many things were looked at.
    package var checked: Int
    package var violations: Int
    /// Each tells an offending order's story: `order`, `keys`, `charges`, `times`, …; at most 50.
    package var witnesses: [JSONObject]
    package var error: String?

    package init(
        name: String,
        statement: String,
        holds: Bool?,
        checked: Int,
        violations: Int,
        witnesses: [JSONObject] = [],
        error: String? = nil
    ) {
        self.name = name
        self.statement = statement
        self.holds = holds
        self.checked = checked
        self.violations = violations
        self.witnesses = witnesses
        self.error = error
    }
}

/// The last line of a run that ended by itself.
package struct RunEnded: Sendable, Equatable {
    package enum Reason: String, Sendable { case completed, aborted, interrupted, failed }
    package var reason: Reason
    package var detail: String?

    package init(reason: Reason, detail: String? = nil) {
        self.reason = reason
        self.detail = detail
    }
}
