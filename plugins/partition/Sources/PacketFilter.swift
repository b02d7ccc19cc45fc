import JSON
import NFTables

/// Which packets of those between two hosts are hit, and what becomes of them.
struct PacketFilter: Sendable, Hashable {
    enum Transport: String, Sendable { case any, tcp, udp }

    /// How many ports one cut may name.
    static let portsMax = 16

    var transport: Transport
    var ports: [UInt16]
    var share: Rule.Share
    var verdict: Rule.Verdict

    /// - Throws: `PartitionError` about arguments that do not hold together.
    init(_ arguments: JSONObject) throws {
        transport = Transport(rawValue: arguments["protocol"]?.stringValue ?? "any") ?? .any
        ports = try (arguments["ports"]?.arrayValue ?? []).map { value in
            guard let port = value.integerValue.flatMap({ UInt16(exactly: $0) }), port > 0 else {
                throw PartitionError(
                    "\(value.serialized()) is no port — ports. Use whole numbers from 1 to 65535."
                )
            }
            return port
        }
        guard ports.count <= Self.portsMax else {
            throw PartitionError(
                "\(ports.count) ports are too many — ports. Name at most \(Self.portsMax)."
            )
        }
        let loss = arguments["loss"]?.doubleValue ?? 1
        switch arguments["every"]?.integerValue {
        case let every? where loss == 1: share = .every(Int(every))
        case nil where loss == 1: share = .all
        case nil where loss > 0:
            share = .random(partsPerMillion: max(1, Int((loss * 1_000_000).rounded())))
        case nil:
            throw PartitionError("a loss of nothing is no fault — loss. Use more than 0%.")
        default:
            throw PartitionError(
                "loss and every cannot hold together — arguments. Give only one of them."
            )
        }
        verdict = arguments["reject"]?.boolValue == true ? .reset : .drop
        if verdict == .reset {
            guard transport != .udp else {
                throw PartitionError(
                    "only TCP knows a reset — protocol. Use tcp, or leave reject out."
                )
            }
            transport = .tcp
        }
    }

    /// The form in the undo record.
    var json: JSONObject {
        var object: JSONObject = [
            "protocol": .string(transport.rawValue),
            "ports": .array(ports.map { .integer(Int64($0)) }),
            "reject": .bool(verdict == .reset),
        ]
        switch share {
        case .all: break
        case .every(let count): object["every"] = .integer(Int64(count))
        case .random(let parts): object["loss"] = .number(Double(parts) / 1_000_000)
        }
        return object
    }

    /// What a packet must be like before its ports are looked at.
    var transportMatch: [Rule.Match] {
        switch transport {
        case .tcp: [.tcp]
        case .udp: [.udp]
        case .any: ports.isEmpty ? [] : [.tcpOrUDP]
        }
    }
}
