package import JSON
package import Telemetry

/// What one service process is told at its start: the JSON file behind `--config`.
///
/// `{"role":"orders","name":"orders-1","listen":"127.0.0.1:20102","database":"host=…
/// dbname=orders",
/// "peers":{"inventory":["http://127.0.0.1:20311"],"payments":["http://127.0.0.1:20312", …]},
/// "mutants":[],"log":"/path/orders.log","pool":8,"drain_ms":5000}`
package struct ShopServiceConfiguration: Sendable, Equatable {
    package var role: ShopRole
    /// The name in logs; several replicas of a role differ in it.
    ///
    /// Default: the role.
    package var name: String
    /// Where to listen: `127.0.0.1:20102`, `unix:/path`.
    package var listen: String
    /// A libpq connection string, through the proxy's link where there is one.
    package var database: String
    /// The broker's, for the roles of the event side.
    package var broker: String?
    /// Base URLs of the peers' instances by role, without a trailing slash.
    package var peers: [ShopRole: [String]]
    /// The names of the deliberate bugs that are switched on (see `Mutant`).
    package var mutants: [Mutant]
    /// The log file (JSON lines); `nil` means standard error.
    package var log: String?
    /// The number of database connections, 1…64.
    package var pool: Int
    /// How long a drain after SIGTERM may take, in milliseconds, 0…60000.
    package var drainMilliseconds: Int
    /// Where spans go; not in the file, but in the environment (`TracingSettings.read`).
    package var tracing: TracingSettings?

    package init(
        role: ShopRole,
        name: String? = nil,
        listen: String,
        database: String,
        broker: String? = nil,
        peers: [ShopRole: [String]] = [:],
        mutants: [Mutant] = [],
        log: String? = nil,
        pool: Int = 8,
        drainMilliseconds: Int = 5000
    ) {
        self.role = role
        self.name = name ?? role.rawValue
        self.listen = listen
        self.database = database
        self.broker = broker
        self.peers = peers
        self.mutants = mutants
        self.log = log
        self.pool = pool
        self.drainMilliseconds = drainMilliseconds
    }

    /// The configuration as the document that `init(json:)` reads.
    package var json: JSONValue {
        var object: JSONObject = [
            "role": .string(role.rawValue),
            "name": .string(name),
            "listen": .string(listen),
            "database": .string(database),
            "peers": .object(
                JSONObject(
                    ShopRole.allCases.compactMap { role in
                        peers[role].map { urls in
                            .init(name: role.rawValue, value: .array(urls.map { .string($0) }))
                        }
                    }
                )
            ),
            "mutants": .array(mutants.map { .string($0.name) }),
            "pool": .integer(Int64(pool)),
            "drain_ms": .integer(Int64(drainMilliseconds)),
        ]
        object["log"] = log.map { .string($0) }
        object["broker"] = broker.map { .string($0) }
        return .object(object)
    }
}

/// Every mistake of a configuration file, found in one go.
package struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    /// One sentence each: what is wrong, where, what to do.
    package var problems: [String]
    package var description: String { problems.joined(separator: "\n") }

    package init(problems: [String]) {
        self.problems = problems
    }
}

extension ShopServiceConfiguration {
    /// Reads the document.
    ///
    /// - Throws: `ConfigurationError` with every mistake.
    package init(json: JSONValue) throws(ConfigurationError) {
        var reader = ConfigurationReader(json: json)
        let role = reader.role()
        let name = reader.text("name")
        let listen = reader.requiredText("listen")
        let database = reader.requiredText("database")
        let broker = reader.text("broker")
        let peers = reader.peers(of: role)
        let mutants = reader.mutants()
        let log = reader.text("log")
        let pool = reader.number("pool", in: 1...64, default: 8)
        let drain = reader.number("drain_ms", in: 0...60_000, default: 5000)
        reader.refuseUnknownNames()
        guard let role, reader.problems.isEmpty else {
            throw ConfigurationError(problems: reader.problems)
        }
        self.init(
            role: role,
            name: name,
            listen: listen,
            database: database,
            broker: broker,
            peers: peers,
            mutants: mutants,
            log: log,
            pool: pool,
            drainMilliseconds: drain
        )
    }
}

/// Takes the members one by one and remembers what was wrong.
private struct ConfigurationReader {
    let json: JSONValue
    var problems: [String] = []

    private static let names = [
        "role", "name", "listen", "database", "broker", "peers", "mutants", "log", "pool",
        "drain_ms",
    ]

    mutating func role() -> ShopRole? {
        guard let name = json["role"]?.stringValue, let role = ShopRole(rawValue: name) else {
            let roles = ShopRole.allCases.map(\.rawValue).joined(separator: ", ")
            problems.append("role: not one of the shop's roles. Use one of \(roles).")
            return nil
        }
        return role
    }

    mutating func text(_ name: String) -> String? {
        guard let value = json[name], !value.isNull else { return nil }
        guard let text = value.stringValue, !text.isEmpty else {
            problems.append("\(name): not a text. Use a non-empty string or leave it out.")
            return nil
        }
        return text
    }

    mutating func requiredText(_ name: String) -> String {
        if json[name] == nil {
            problems.append("\(name): missing. Add it as a non-empty string.")
            return ""
        }
        return text(name) ?? ""
    }

    mutating func number(_ name: String, in range: ClosedRange<Int>, default normal: Int) -> Int {
        guard let value = json[name], !value.isNull else { return normal }
        guard let number = value.integerValue, range.contains(Int(number)) else {
            let bounds = "\(range.lowerBound) to \(range.upperBound)"
            problems.append("\(name): out of range. Use an integer from \(bounds).")
            return normal
        }
        return Int(number)
    }

    mutating func peers(of role: ShopRole?) -> [ShopRole: [String]] {
        var peers: [ShopRole: [String]] = [:]
        for member in json["peers"]?.objectValue?.members ?? [] {
            let urls = (member.value.arrayValue ?? [member.value]).map { $0.stringValue ?? "" }
            guard let peer = ShopRole(rawValue: member.name), !urls.isEmpty,
                urls.allSatisfy({ $0.hasPrefix("http://") || $0.hasPrefix("unix:") })
            else {
                problems.append(
                    "peers.\(member.name): not a role with URLs. Use e.g. "
                        + "\"inventory\": [\"http://127.0.0.1:20311\"]."
                )
                continue
            }
            peers[peer] = urls
        }
        // The event side may be left out of a shop.
        for peer in role?.peers ?? [] where peers[peer] == nil && !peer.isOfEvents {
            problems.append("peers.\(peer.rawValue): missing. Add its URLs.")
        }
        return peers
    }

    mutating func mutants() -> [Mutant] {
        var mutants: [Mutant] = []
        for value in json["mutants"]?.arrayValue ?? [] {
            guard let mutant = value.stringValue.flatMap({ Mutant(named: $0) }) else {
                let known = Mutant.names.joined(separator: ", ")
                problems.append("mutants: \(value) is not a mutant. Use \(known).")
                continue
            }
            mutants.append(mutant)
        }
        return mutants
    }

    mutating func refuseUnknownNames() {
        for name in json.objectValue?.names ?? [] where !Self.names.contains(name) {
            problems.append("\(name): unknown. Use \(Self.names.joined(separator: ", ")).")
        }
    }
}
