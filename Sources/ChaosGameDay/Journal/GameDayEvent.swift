package import ChaosModel
package import JSON

/// One line of a GameDay's journal: when, what, who, and about which round.
///
/// JSON form: `{"seq":7,"at":"2026-12-04T10:42:45.087402Z","event":"observed","round":1,"by":"Ada",
/// "text":"…","data":{…}}`; what does not apply is left out.
package struct GameDayEvent: Sendable, Equatable {
    /// What can happen on a GameDay.
    package enum Kind: String, Sendable, CaseIterable {
        /// The first line; `data` holds the plan.
        case opened
        /// The process was started again and went on where the journal ends.
        case resumed
        /// We started the system under test, so we shall stop it.
        case systemStarted = "system-started"
        /// The checks begin, or begin anew.
        case checksBegun = "checks-begun"
        /// A check was read or answered: `data.check` is its place, `data.met` the answer.
        case checked
        case checksEnded = "checks-ended"
        /// `data.go`: true or false.
        case decided
        case predicted
        /// `data.kind`: `note`, `seen` or `surprise`.
        case observed
        case actionItem = "action-item"
        case roundBegun = "round-begun"
        /// The round's process: `data.pid`, `data.started`; then `data.directory`.
        case runBegun = "run-begun"
        /// Something that the round's own journal tells: `text`, `data.kind`.
        case happened
        case stopAsked = "stop-asked"
        /// `data`: a `RoundResult`.
        case roundEnded = "round-ended"
        case paused
        case continued
        /// On from the talk after a round.
        case wentOn = "went-on"
        /// The same round once more.
        case repeated
        case skipped
        case abortAsked = "abort-asked"
        /// The last line; `data.ending`.
        case closed
    }

    /// 1, 2, 3 … without a gap.
    package var sequence: Int
    package var at: Timestamp
    package var draft: Draft

    package var kind: Kind { draft.kind }

    /// An event that has not been written down yet.
    package struct Draft: Sendable, Equatable {
        package var kind: Kind
        package var round: Int?
        package var by: String?
        package var text: String?
        package var data: JSONObject

        package init(
            _ kind: Kind,
            round: Int? = nil,
            by: String? = nil,
            text: String? = nil,
            data: JSONObject = [:]
        ) {
            self.kind = kind
            self.round = round
            self.by = by
            self.text = text
            self.data = data
        }
    }

    package init(sequence: Int, at: Timestamp, draft: Draft) {
        self.sequence = sequence
        self.at = at
        self.draft = draft
    }

    /// The line of the journal, its line feed included.
    package var line: [UInt8] {
        var object: JSONObject = [
            "seq": .integer(Int64(sequence)), "at": .string(at.rfc3339),
            "event": .string(kind.rawValue),
        ]
        if let round = draft.round { object["round"] = .integer(Int64(round + 1)) }
        if let by = draft.by { object["by"] = .string(by) }
        if let text = draft.text { object["text"] = .string(text) }
        if !draft.data.isEmpty { object["data"] = .object(draft.data) }
        return Array(JSONValue.object(object).serialized().utf8) + [UInt8(ascii: "\n")]
    }

    /// Reads a line; `nil` when it is none of ours.
    package init?(line: some Sequence<UInt8>) {
        guard let value = try? JSONValue.parse(Array(line)),
            let sequence = value["seq"]?.integerValue.flatMap({ Int(exactly: $0) }),
            let at = value["at"]?.stringValue.flatMap({ Timestamp(rfc3339: $0) }),
            let kind = value["event"]?.stringValue.flatMap(Kind.init(rawValue:))
        else { return nil }
        let round = value["round"]?.integerValue.flatMap { Int(exactly: $0) }
        self.init(
            sequence: sequence,
            at: at,
            draft: Draft(
                kind,
                round: round.map { $0 - 1 },
                by: value["by"]?.stringValue,
                text: value["text"]?.stringValue,
                data: value["data"]?.objectValue ?? [:]
            )
        )
    }

    /// Every event of a journal; a last line without its end is left out, as its writer was killed.
    package static func events(in bytes: [UInt8]) -> [GameDayEvent] {
        guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        return bytes[..<end].split(separator: UInt8(ascii: "\n")).compactMap {
            GameDayEvent(line: $0)
        }
    }
}

/// How a round's run ended, and when what happened in it; all that the closing document needs.
package struct RoundResult: Sendable, Equatable {
    package var outcome: RoundOutcome
    /// One sentence for a tired person.
    package var sentence: String
    /// Why, in order of weight.
    package var reasons: [String] = []
    /// Where its journal and report are, from the GameDay's directory; `nil`: there is no run.
    package var evidence: String?
    /// What was injected: `latency on payments->processor`.
    package var faults: [String] = []
    package var injectedAt: Timestamp?
    /// When a probe of the hypothesis was first not met while a fault was in effect.
    package var unmetAt: Timestamp?
    package var undoneAt: Timestamp?
    /// Seconds from the last undo until all was well again.
    package var recovery: Double?
    /// What it asked for and got: probes and their last values.
    package var figures: [String] = []

    package init(_ outcome: RoundOutcome, _ sentence: String) {
        self.outcome = outcome
        self.sentence = sentence
    }

    package var json: JSONObject {
        var object: JSONObject = [
            "outcome": .string(outcome.rawValue), "sentence": .string(sentence),
            "reasons": .array(reasons.map { .string($0) }),
            "faults": .array(faults.map { .string($0) }),
            "figures": .array(figures.map { .string($0) }),
        ]
        if let evidence { object["evidence"] = .string(evidence) }
        if let injectedAt { object["injected-at"] = .string(injectedAt.rfc3339) }
        if let unmetAt { object["unmet-at"] = .string(unmetAt.rfc3339) }
        if let undoneAt { object["undone-at"] = .string(undoneAt.rfc3339) }
        if let recovery { object["recovery-seconds"] = .number(recovery) }
        return object
    }

    /// What cannot be read counts as a round that failed.
    package init(json: JSONObject) {
        func time(_ name: String) -> Timestamp? {
            json[name]?.stringValue.flatMap { Timestamp(rfc3339: $0) }
        }
        func texts(_ name: String) -> [String] {
            json[name]?.arrayValue?.compactMap(\.stringValue) ?? []
        }
        outcome = json["outcome"]?.stringValue.flatMap(RoundOutcome.init(rawValue:)) ?? .failed
        sentence = json["sentence"]?.stringValue ?? ""
        reasons = texts("reasons")
        faults = texts("faults")
        figures = texts("figures")
        evidence = json["evidence"]?.stringValue
        injectedAt = time("injected-at")
        unmetAt = time("unmet-at")
        undoneAt = time("undone-at")
        recovery = json["recovery-seconds"]?.doubleValue
    }
}
