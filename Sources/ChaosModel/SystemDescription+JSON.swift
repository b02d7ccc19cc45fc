package import JSON

extension SystemDescription {
    /// The description as `system.json` holds it; what is unknown is left out.
    package var json: JSONValue {
        var object: JSONObject = ["name": .string(name)]
        object["gateway"] = gateway.map { .string($0) }
        object["proxy-api"] = proxyAPI.map { .string($0) }
        object["services"] = .array(services.map(\.json))
        object["links"] = .array(links.map(\.json))
        object["databases"] = .array(databases.map(\.json))
        if !mutants.isEmpty { object["mutants"] = .array(mutants.map { .string($0) }) }
        object["directory"] = directory.map { .string($0) }
        object["network"] = network?.json
        return .object(object)
    }

    /// Reads a description; members that it does not know are ignored.
    ///
    /// Errors: the first member that is missing or of the wrong type; the problem names no file.
    package init(json: JSONValue) throws(Problem) {
        let reader = SystemReader(object: json, path: "$")
        self.init(
            name: try reader.string("name"),
            services: try reader.objects("services").map(Service.init(reader:)),
            links: try reader.objects("links").map(Link.init(reader:)),
            databases: try reader.objects("databases").map(Database.init(reader:))
        )
        gateway = try reader.optionalString("gateway")
        proxyAPI = try reader.optionalString("proxy-api")
        directory = try reader.optionalString("directory")
        mutants = try reader.strings("mutants")
        network = try reader.object("network").map(Network.init(reader:))
    }
}

extension SystemDescription.Service {
    fileprivate var json: JSONValue {
        var object: JSONObject = ["name": .string(name)]
        object["role"] = role.map { .string($0) }
        object["pid"] = pid.map { .integer(Int64($0)) }
        object["url"] = url.map { .string($0) }
        object["namespace"] = namespace.map { .string($0) }
        object["address"] = address.map { .string($0) }
        object["interface"] = interface.map { .string($0) }
        return .object(object)
    }

    fileprivate init(reader: SystemReader) throws(Problem) {
        self.init(
            name: try reader.string("name"),
            pid: try reader.integer("pid").flatMap { Int32(exactly: $0) },
            url: try reader.optionalString("url")
        )
        role = try reader.optionalString("role")
        namespace = try reader.optionalString("namespace")
        address = try reader.optionalString("address")
        interface = try reader.optionalString("interface")
    }
}

extension SystemDescription.Network {
    fileprivate var json: JSONValue {
        var object: JSONObject = [
            "switch": .string(switchNamespace), "bridge": .string(bridge),
        ]
        object["host-address"] = hostAddress.map { .string($0) }
        return .object(object)
    }

    fileprivate init(reader: SystemReader) throws(Problem) {
        self.init(
            switchNamespace: try reader.string("switch"),
            bridge: try reader.string("bridge"),
            hostAddress: try reader.optionalString("host-address")
        )
    }
}

extension SystemDescription.Link {
    fileprivate var json: JSONValue {
        var object: JSONObject = [
            "name": .string(name), "protocol": .string(wireProtocol.rawValue),
        ]
        object["listen"] = listen.map { .string($0) }
        object["upstream"] = upstream.map { .string($0) }
        return .object(object)
    }

    fileprivate init(reader: SystemReader) throws(Problem) {
        let word = try reader.optionalString("protocol") ?? "tcp"
        guard let wireProtocol = WireProtocol(rawValue: word) else {
            throw reader.problem(
                "protocol",
                "\"\(word)\" is not a protocol of a link",
                "Use tcp, http or postgres."
            )
        }
        self.init(
            name: try reader.string("name"),
            wireProtocol: wireProtocol,
            listen: try reader.optionalString("listen"),
            upstream: try reader.optionalString("upstream")
        )
    }
}

extension SystemDescription.Database {
    fileprivate var json: JSONValue {
        var object: JSONObject = ["service": .string(service)]
        object["observer"] = observer.map { .string($0) }
        object["pid"] = pid.map { .integer(Int64($0)) }
        return .object(object)
    }

    fileprivate init(reader: SystemReader) throws(Problem) {
        self.init(
            service: try reader.string("service"),
            observer: try reader.optionalString("observer"),
            pid: try reader.integer("pid").flatMap { Int32(exactly: $0) }
        )
    }
}

/// Reads the members of one object of a system description.
private struct SystemReader {
    let object: JSONValue
    let path: String

    func problem(_ name: String, _ message: String, _ remedy: String) -> Problem {
        Problem(
            file: "system description",
            line: 0,
            column: 0,
            path: JSONNode.path(path, member: name),
            message: message,
            remedy: remedy
        )
    }

    func string(_ name: String) throws(Problem) -> String {
        guard let text = try optionalString(name), !text.isEmpty else {
            throw problem(name, "\"\(name)\" is missing", "Give it as a string.")
        }
        return text
    }

    func optionalString(_ name: String) throws(Problem) -> String? {
        switch object[name] {
        case nil, .null: return nil
        case .string(let text): return text
        default: throw problem(name, "\"\(name)\" is not a string", "Put it in quotes.")
        }
    }

    func integer(_ name: String) throws(Problem) -> Int64? {
        switch object[name] {
        case nil, .null: return nil
        case .integer(let value): return value
        default: throw problem(name, "\"\(name)\" is not a whole number", "Write digits only.")
        }
    }

    func strings(_ name: String) throws(Problem) -> [String] {
        guard let value = object[name] else { return [] }
        guard let texts = value.arrayValue?.map(\.stringValue), !texts.contains(nil) else {
            throw problem(name, "\"\(name)\" is not an array of strings", "Write [\"…\"].")
        }
        return texts.compactMap(\.self)
    }

    func object(_ name: String) throws(Problem) -> SystemReader? {
        guard let value = object[name] else { return nil }
        guard value.objectValue != nil else {
            throw problem(name, "\"\(name)\" is not an object", "Write {…}.")
        }
        return SystemReader(object: value, path: JSONNode.path(path, member: name))
    }

    func objects(_ name: String) throws(Problem) -> [SystemReader] {
        guard let value = object[name] else { return [] }
        guard let elements = value.arrayValue, elements.allSatisfy({ $0.objectValue != nil })
        else {
            throw problem(name, "\"\(name)\" is not an array of objects", "Write [{…}].")
        }
        return elements.enumerated().map { index, element in
            let place = JSONNode.path(JSONNode.path(path, member: name), element: index)
            return SystemReader(object: element, path: place)
        }
    }
}
