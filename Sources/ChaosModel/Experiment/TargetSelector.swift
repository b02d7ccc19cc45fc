package import JSON

/// What a fault hits, in the words of the system description or of the machine.
package enum TargetSelector: Sendable, Hashable {
    case link(String)
    case service(String)
    /// A process of this host: a pid in digits, the path of a pid file, or a database of the system
    /// (`payments-db`). Never a program's name: that could be anybody's.
    case process(String)
    /// A network interface; the namespace is a name under `/run/netns`, the absolute path of a
    /// namespace such as `/proc/4711/ns/net`, or `nil` for our own.
    case interface(String, namespace: String?)

    /// The name in the system description: `payments->processor`; of an interface `eth0` or
    /// `eth0@orders`.
    package var name: String {
        switch self {
        case .link(let name), .service(let name), .process(let name): name
        case .interface(let name, let namespace?): "\(name)@\(namespace)"
        case .interface(let name, nil): name
        }
    }

    /// `link payments->processor`, `service payments`, `interface eth0 in namespace orders`.
    package var text: String {
        switch self {
        case .link(let name): "link \(name)"
        case .service(let name): "service \(name)"
        case .process(let name): "process \(name)"
        case .interface(let name, let namespace?): "interface \(name) in namespace \(namespace)"
        case .interface(let name, nil): "interface \(name) of this host"
        }
    }

    /// `{"link": …}`, `{"service": …}`, `{"process": …}` or `{"interface": …, "namespace": …}`.
    package var json: JSONValue {
        switch self {
        case .link(let name): return ["link": .string(name)]
        case .service(let name): return ["service": .string(name)]
        case .process(let name): return ["process": .string(name)]
        case .interface(let name, let namespace):
            var object: JSONObject = ["interface": .string(name)]
            object["namespace"] = namespace.map { .string($0) }
            return .object(object)
        }
    }

    /// Reads what `json` writes; anything else is `nil`.
    package init?(json: JSONValue) {
        let namespace = json["namespace"]?.stringValue
        let selectors: [(String, (String) -> TargetSelector)] = [
            ("link", TargetSelector.link), ("service", TargetSelector.service),
            ("process", TargetSelector.process),
            ("interface", { TargetSelector.interface($0, namespace: namespace) }),
        ]
        let found = selectors.compactMap { kind, make in json[kind]?.stringValue.map(make) }
        guard let only = found.first, found.count == 1 else { return nil }
        if namespace != nil, json["interface"] == nil { return nil }
        self = only
    }
}

extension TargetSelector {
    /// Whether Linux may have an interface of this name: 1 to 15 bytes, no slash, colon or space.
    package static func isInterfaceName(_ name: String) -> Bool {
        (1...15).contains(name.utf8.count) && name != "." && name != ".."
            && !name.contains { $0 == "/" || $0 == ":" || $0.isWhitespace }
    }

    /// Whether this names a namespace: a file name under `/run/netns`, or an absolute path.
    package static func isNamespace(_ name: String) -> Bool {
        name.hasPrefix("/") ? name.count > 1 : !name.isEmpty && !name.contains("/")
    }
}
