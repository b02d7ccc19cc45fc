import ChaosModel
import JSON
import LinuxSystem
import NFTables
import Netlink
import RunnerFixtures
import Testing

@testable import ChaosRunner

// What is hit in a network namespace of its own.
extension CrashSubject {
    /// Holds what passes the loopback interface of a namespace of its own.
    static func queue(_ fault: CrashFault) throws -> CrashSubject {
        let namespace = try newNamespace()
        var specification = specification(fault)
        specification.arguments["backend"] = "nfqueue"
        specification.target = .interface("lo", namespace: namespace.name)
        return CrashSubject(
            specification: specification,
            isClean: { try NFTablesConnection(in: namespace).tables().isEmpty },
            diesWithRunner: true,
            stop: { try namespace.remove() }
        )
    }

    /// Cuts a namespace of its own from an address of the documentation.
    static func partition(_ fault: CrashFault) throws -> CrashSubject {
        let namespace = try newNamespace()
        return CrashSubject(
            specification: partition(in: namespace.name ?? ""),
            isClean: { try NFTablesConnection(in: namespace).tables().isEmpty },
            stop: { try namespace.remove() }
        )
    }

    /// Nothing that comes from an address of the documentation reaches a namespace.
    static func partition(in namespace: String) -> FaultSpecification {
        var specification = specification(.partition)
        specification.arguments["namespace"] = .string(namespace)
        specification.arguments["peers"] = ["192.0.2.1"]
        specification.arguments["direction"] = "in"
        return specification
    }

    /// Divides the services of a system whose switch is a namespace of its own.
    static func division(_ fault: CrashFault) throws -> CrashSubject {
        let namespace = try newNamespace()
        let name = namespace.name ?? ""
        var system = SystemDescription(name: "net", services: [], links: [], databases: [])
        system.network = .init(switchNamespace: name, bridge: "br0")
        system.links = [.init(name: "a->b", wireProtocol: .tcp)]
        system.services = ["a", "b", "c"].enumerated().map { index, service in
            var service = SystemDescription.Service(name: service)
            service.namespace = "\(name)-\(service.name)"
            service.address = "192.0.2.\(index + 1)"
            return service
        }
        var specification = specification(fault)
        specification.system = system
        switch fault.function {
        case "link": specification.target = .link("a->b")
        case "isolate": specification.target = .service("b")
        default: break
        }
        return CrashSubject(
            specification: specification,
            isClean: { try NFTablesConnection(in: namespace).tables().isEmpty },
            stop: { try namespace.remove() }
        )
    }

    /// Impairs what leaves, or what reaches, the loopback interface of a namespace of its own.
    static func discipline(_ fault: CrashFault) throws -> CrashSubject {
        let namespace = try newNamespace()
        let opened = try OpenNamespace(named: namespace.name)
        let clean = try trafficControl(opened)
        var specification = specification(fault)
        specification.arguments["backend"] = "netem"
        specification.arguments["direction"] =
            fault.manner == CrashFault.ingress ? "ingress" : "egress"
        specification.target = .interface("lo", namespace: namespace.name)
        return CrashSubject(
            specification: specification,
            isClean: { try trafficControl(opened) == clean },
            stop: { try namespace.remove() }
        )
    }

    private static func newNamespace() throws -> NetworkNamespace {
        let name = "chaos-crash-\(UInt32.random(in: 0 ... .max))"
        let namespace = try #require(NetworkNamespace(named: name))
        try namespace.create()
        return namespace
    }

    /// The interfaces and disciplines of a namespace.
    private static func trafficControl(_ namespace: OpenNamespace) throws -> [String] {
        let socket = try RouteSocket.open(in: namespace)
        let links = try socket.links().map(\.name)
        return try links + socket.qdiscs(of: nil).map { "\($0.kind) \($0.handle) \($0.parent)" }
    }
}
