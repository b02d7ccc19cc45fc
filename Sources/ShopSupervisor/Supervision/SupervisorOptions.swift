package import JSON
package import ShopCore

/// What `shop supervise --options JSON` is told; holds no secrets.
package struct SupervisorOptions: Equatable, Sendable {
    package var name: String
    /// The folder of all shops' records.
    package var shops: String
    /// The folder of this shop; `nil` is `<shops>/<name>`.
    package var directory: String?
    package var mutants: [String]
    package var topology: ShopTopology.Kind
    /// How many instances the roles have that have several.
    package var replicas: [ShopRole: Int] = [:]
    /// The sizes, bytes, of databases that get a file system of their own.
    package var disks: [ShopDatabase: Int64] = [:]
    /// Whether to go on with databases that are there.
    package var keepsDatabases = false
    /// Whether the event side runs too.
    package var hasEvents = true
    /// What carries the events.
    package var broker = BrokerChoice.postgres
    package var chaosExecutable: String
    package var shopExecutable: String
    /// The run that starts the shop, when one does.
    package var startedBy: String?
    /// The file to which progress is reported until the shop is ready.
    package var progress: String

    package var json: JSONValue {
        var object: JSONObject = [
            "name": .string(name),
            "shops": .string(shops),
            "mutants": .array(mutants.map { .string($0) }),
            "topology": .string(topology.rawValue),
            "keep": .bool(keepsDatabases),
            "events": .bool(hasEvents),
            "broker": .string(broker.text),
            "chaos": .string(chaosExecutable),
            "shop": .string(shopExecutable),
            "progress": .string(progress),
        ]
        if !replicas.isEmpty {
            var counts: JSONObject = [:]
            for (role, number) in replicas { counts[role.rawValue] = .integer(Int64(number)) }
            object["replicas"] = .object(counts)
        }
        if !disks.isEmpty {
            var sizes: JSONObject = [:]
            for (database, bytes) in disks { sizes[database.rawValue] = .integer(bytes) }
            object["disks"] = .object(sizes)
        }
        object["directory"] = directory.map { .string($0) }
        object["started-by"] = startedBy.map { .string($0) }
        return .object(object)
    }
}

extension SupervisorOptions {
    /// Throws `ShopError` with the member that is missing.
    package init(json: JSONValue) throws {
        func text(_ name: String) throws -> String {
            guard let text = json[name]?.stringValue, !text.isEmpty else {
                throw ShopError(
                    .state,
                    "shop supervise: the options have no \"\(name)\". It is started by "
                        + "chaos shop up, not by hand."
                )
            }
            return text
        }
        name = try text("name")
        shops = try text("shops")
        directory = json["directory"]?.stringValue
        mutants = (json["mutants"]?.arrayValue ?? []).compactMap(\.stringValue)
        topology = json["topology"]?.stringValue.flatMap(ShopTopology.Kind.init) ?? .loopback
        for member in json["replicas"]?.objectValue?.members ?? [] {
            guard let role = ShopRole(rawValue: member.name),
                let number = member.value.integerValue.flatMap({ Int(exactly: $0) }),
                (1...ShopInstance.numberMax).contains(number)
            else { continue }
            replicas[role] = number
        }
        for member in json["disks"]?.objectValue?.members ?? [] {
            guard let database = ShopDatabase(rawValue: member.name),
                let bytes = member.value.integerValue, bytes > 0
            else { continue }
            disks[database] = bytes
        }
        keepsDatabases = json["keep"] == true
        hasEvents = json["events"] != false
        broker = json["broker"]?.stringValue.flatMap(BrokerChoice.init) ?? .postgres
        chaosExecutable = try text("chaos")
        shopExecutable = try text("shop")
        startedBy = json["started-by"]?.stringValue
        progress = try text("progress")
    }

    /// The mutants by name; throws `ShopError` when one is unknown.
    static func mutants(named names: [String]) throws -> [Mutant] {
        try names.map { name in
            guard let mutant = Mutant(named: name) else {
                let known = Mutant.names.joined(separator: ", ")
                throw ShopError(.name, "there is no mutant \(name). Use one of: \(known).")
            }
            return mutant
        }
    }
}
