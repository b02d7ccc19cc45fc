internal import ChaosJournal
internal import ChaosModel
internal import ChaosVerdict
internal import JSON

extension ReportFormat {
    /// The body of a request to a collector's `/v1/traces`.
    package static let openTelemetry = ReportFormat(
        name: "otlp",
        summary: "The run as an OpenTelemetry trace (OTLP/JSON): phases and faults as spans.",
        fileExtension: "otlp.json",
        mediaType: "application/json"
    ) { report in
        Array((RunTrace(report).json.serialized(pretty: true) + "\n").utf8)
    }
}

/// A run as one trace: the run is the root, phases and faults are its children, firings are events.
///
/// Times are those of the wall clock, so that the spans line up with a system's own. Source:
/// opentelemetry-proto, `trace/v1/trace.proto`, and the JSON mapping of OTLP/HTTP.
struct RunTrace {
    /// Firings that become events of their fault's span.
    static let firingsMax = 128

    private let facts: ReportFacts
    private let traceID: String

    init(_ report: Report) {
        facts = ReportFacts(report)
        traceID = Self.identifier(report.verdict.run.runID, bytes: 16)
    }

    private var verdict: Verdict { facts.verdict }

    var json: JSONValue {
        [
            "resourceSpans": [
                [
                    "resource": [
                        "attributes": Self.attributes([
                            ("service.name", "chaos"),
                            ("service.version", .string(verdict.run.toolVersion)),
                        ])
                    ],
                    "scopeSpans": [
                        ["scope": ["name": "chaos.run"], "spans": .array([root] + phases + faults)]
                    ],
                ]
            ]
        ]
    }

    private var rootID: String { Self.identifier(verdict.run.runID, bytes: 8) }

    private var root: JSONValue {
        var span = span(
            verdict.run.title,
            id: "",
            from: 0,
            to: verdict.run.duration,
            [
                ("chaos.run.id", .string(verdict.run.runID)),
                ("chaos.experiment.file", .string(verdict.run.file)),
                ("chaos.seed", .string(String(verdict.run.seed))),
                ("chaos.outcome", .string(verdict.outcome.rawValue)),
                ("chaos.exit_status", .integer(Int64(verdict.exitStatus))),
            ]
        )
        span["spanId"] = .string(rootID)
        span["status"] = Self.status(
            isOK: verdict.exitStatus == 0,
            verdict.exitStatus == 0 ? "" : verdict.sentence
        )
        return .object(span)
    }

    private var phases: [JSONValue] {
        verdict.phases.filter { $0.end > $0.start }.map { phase in
            let name = "phase \(phase.phase.rawValue)"
            return .object(child(name, id: "\(name)@\(phase.start)", phase.start, phase.end, []))
        }
    }

    private var faults: [JSONValue] {
        verdict.faults.compactMap { fault in
            guard let start = fault.injectedAt else { return nil }
            var attributes: [(String, JSONValue)] = [
                ("chaos.fault.function", .string(fault.function)),
                ("chaos.fault.plugin", .string(fault.plugin)),
                ("chaos.fault.target", .string(fault.target)),
                ("chaos.fault.proven", .bool(fault.proof == .proven)),
                ("chaos.fault.undone", .bool(fault.undo == .undone)),
            ]
            if let hits = fault.hits {
                attributes.append(("chaos.fault.hits", .integer(Int64(hits))))
            }
            var span = child(
                "fault \(fault.function) on \(fault.target)",
                id: "fault \(fault.faultID)",
                start,
                fault.undoneAt ?? verdict.run.duration,
                attributes
            )
            let firings = facts.firings[fault.faultID] ?? []
            span["events"] = .array(
                firings.prefix(Self.firingsMax).map { firing in
                    [
                        "timeUnixNano": Self.nanoseconds(firing.firedAt), "name": "fired",
                        "attributes": Self.attributes([
                            ("chaos.firing.ordinal", .integer(Int64(firing.ordinal)))
                        ]),
                    ]
                }
            )
            if firings.count > Self.firingsMax {
                span["droppedEventsCount"] = .integer(Int64(firings.count - Self.firingsMax))
            }
            return .object(span)
        }
    }

    private func child(
        _ name: String,
        id: String,
        _ start: Double,
        _ end: Double,
        _ attributes: [(String, JSONValue)]
    ) -> JSONObject {
        var span = span(name, id: id, from: start, to: end, attributes)
        span["parentSpanId"] = .string(rootID)
        return span
    }

    private func span(
        _ name: String,
        id: String,
        from start: Double,
        to end: Double,
        _ attributes: [(String, JSONValue)]
    ) -> JSONObject {
        [
            "traceId": .string(traceID),
            "spanId": .string(Self.identifier(verdict.run.runID + "/" + id, bytes: 8)),
            "name": .string(name),
            // SPAN_KIND_INTERNAL
            "kind": 1,
            "startTimeUnixNano": time(start), "endTimeUnixNano": time(end),
            "attributes": Self.attributes(attributes),
        ]
    }

    private func time(_ elapsed: Double) -> JSONValue {
        let origin = facts.origin?.microseconds ?? 0
        return Self.nanoseconds(Timestamp(microseconds: origin + Int64((elapsed * 1e6).rounded())))
    }

    /// 64-bit numbers are strings in the JSON mapping of protocol buffers.
    private static func nanoseconds(_ time: Timestamp) -> JSONValue {
        .string(String(time.microseconds * 1000))
    }

    private static func status(isOK: Bool, _ message: String) -> JSONValue {
        isOK ? ["code": 1] : ["code": 2, "message": .string(message)]
    }

    private static func attributes(_ list: [(String, JSONValue)]) -> JSONValue {
        .array(
            list.map { key, value in
                let kind =
                    switch value {
                    case .bool: "boolValue"
                    case .integer: "intValue"
                    default: "stringValue"
                    }
                let written: JSONValue =
                    if case .integer(let number) = value { .string(String(number)) } else { value }
                let object = JSONObject([.init(name: kind, value: written)])
                return ["key": .string(key), "value": .object(object)]
            }
        )
    }

    /// An identifier of that length that is the same for the same text (FNV-1a), never all zero.
    static func identifier(_ text: String, bytes: Int) -> String {
        var digits = ""
        for part in 0..<(bytes / 8) {
            var hash: UInt64 = 0xcbf2_9ce4_8422_2325
            for byte in "\(part) \(text)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            let hex = String(Swift.max(1, hash), radix: 16)
            digits += String(repeating: "0", count: 16 - hex.count) + hex
        }
        return digits
    }
}
