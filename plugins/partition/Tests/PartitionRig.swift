import ChaosModel
import ChaosPluginAPI
import EventLoop
import JSON
import LinuxSystem
import NFTables
import NetworkFixtures
import Testing

@testable import FaultPartition

/// A lab whose nodes are the services `a`, `b`, `c`, … of a system.
struct PartitionRig: Sendable {
    let lab: NetworkLab
    let loop: Loop
    let plugin: PartitionPlugin

    static let names = ["a", "b", "c", "d", "e"]

    static func run(
        nodes: Int = 3,
        heartbeat: Duration = .seconds(30),
        _ body: @escaping @Sendable (PartitionRig) async throws -> Void
    ) async throws {
        try await NetworkLab.run(nodes: nodes) { lab, loop in
            let plugin = try PartitionPlugin(heartbeat: heartbeat)
            try await body(PartitionRig(lab: lab, loop: loop, plugin: plugin))
        }
    }

    var system: SystemDescription {
        var system = SystemDescription(name: "lab", services: [], links: [], databases: [])
        system.network = SystemDescription.Network(
            switchNamespace: lab.switchboard.name ?? "",
            bridge: "br0"
        )
        system.services = lab.nodes.enumerated().map { index, node in
            var service = SystemDescription.Service(name: Self.names[index])
            service.namespace = node.name
            service.address = NetworkLab.address(index + 1)
            service.interface = "eth0"
            return service
        }
        return system
    }

    func context(_ target: TargetSelector?, _ arguments: JSONObject) -> StepContext {
        var context = StepContext(runID: "20261125-090000-abcdef", arguments: arguments, seed: 7)
        context.target = target
        context.system = system
        context.lease = .seconds(60)
        return context
    }

    /// Which of all pairs of nodes still hear each other: `"12"` is from node 1 to node 2.
    func open(port: UInt16 = 0) throws -> Set<String> {
        var open: Set<String> = []
        for source in 1...lab.nodes.count {
            for target in 1...lab.nodes.count where target != source {
                if try lab.delivered(3, from: source, to: target, port: port) > 0 {
                    open.insert("\(source)\(target)")
                }
            }
        }
        return open
    }

    /// All pairs of three nodes.
    static let all: Set<String> = ["12", "13", "21", "23", "31", "32"]

    /// The rules of every namespace of the lab.
    func rules() throws -> [String] {
        try ([lab.switchboard] + lab.nodes).map { try NFTablesConnection(in: $0).ruleset() }
    }

    /// Waits for a fact; the test's own time limit bounds it.
    func wait(until isTrue: () async throws -> Bool) async throws {
        while try await !isTrue() { try await loop.sleep(for: .milliseconds(20)) }
    }
}

/// One fault of the plugin and what it must do to three nodes.
struct PartitionCase: Sendable, CustomTestStringConvertible {
    var name: String
    var function: String
    var target: TargetSelector?
    var arguments: JSONObject
    /// The pairs that do not hear each other.
    var cut: Set<String>

    var testDescription: String { name }

    static let all: [PartitionCase] = [
        PartitionCase(
            name: "a link, both directions",
            function: "link",
            target: .link("a->b"),
            arguments: [:],
            cut: ["12", "21"]
        ),
        PartitionCase(
            name: "a link, one way",
            function: "link",
            target: .link("a->b"),
            arguments: ["direction": "forward"],
            cut: ["12"]
        ),
        PartitionCase(
            name: "a link, the other way, UDP only",
            function: "link",
            target: .link("a->b"),
            arguments: ["direction": "backward", "protocol": "udp"],
            cut: ["21"]
        ),
        PartitionCase(
            name: "a service by itself",
            function: "isolate",
            target: .service("b"),
            arguments: [:],
            cut: ["12", "21", "23", "32"]
        ),
        PartitionCase(
            name: "a service deaf to another",
            function: "isolate",
            target: .service("b"),
            arguments: ["direction": "in", "from": ["c"]],
            cut: ["32"]
        ),
        PartitionCase(
            name: "two groups",
            function: "groups",
            target: nil,
            arguments: ["groups": [["a", "b"], ["c"]]],
            cut: ["13", "31", "23", "32"]
        ),
        PartitionCase(
            name: "a host and a peer",
            function: "host",
            target: nil,
            arguments: ["namespace": "1", "peers": ["10.99.0.2"]],
            cut: ["12", "21"]
        ),
        PartitionCase(
            name: "what a host sends to a peer",
            function: "host",
            target: nil,
            arguments: ["namespace": "1", "peers": ["10.99.0.2"], "direction": "out"],
            cut: ["12"]
        ),
        PartitionCase(
            name: "what a host receives, port by port",
            function: "host",
            target: nil,
            arguments: [
                "namespace": "1", "direction": "in", "ports": [4_000],
            ],
            cut: ["21", "31"]
        ),
    ]

    /// The case with the lab's own names.
    func context(_ rig: PartitionRig) -> StepContext {
        var arguments = arguments
        if let node = arguments["namespace"]?.stringValue.flatMap({ Int($0) }) {
            arguments["namespace"] = .string(rig.lab.nodes[node - 1].name ?? "")
        }
        return rig.context(target, arguments)
    }

    func fault(_ rig: PartitionRig) throws -> any Fault {
        try #require(rig.plugin.fault(function))
    }
}
