package import EventLoop
package import LinuxSystem
import Synchronization

/// A switch and some hosts, each in a network namespace of its own, with names that nobody else
/// has.
///
/// ```
/// node 1 (10.99.0.1, eth0) ─┐
/// node 2 (10.99.0.2, eth0) ─┼─ bridge br0 in the switch's namespace
/// node 3 …                 ─┘
/// ```
package struct NetworkLab: Sendable {
    /// The namespace with the bridge.
    package let switchboard: NetworkNamespace
    /// The hosts: `nodes[0]` is node 1.
    package let nodes: [NetworkNamespace]

    /// Whether this process may make namespaces; tests that need them are skipped otherwise.
    package static let isPossible = UserAccount.isRoot && SystemFiles.exists("/usr/sbin/ip")
    /// What is printed with a skipped test.
    package static let need = "needs root and ip(8), which make network namespaces"

    private static let serial = Mutex(0)

    /// The address of node 1, 2, ….
    package static func address(_ node: Int) -> String { "10.99.0.\(node)" }

    /// Builds a lab, runs the body on a loop of its own, and removes the lab whatever happens.
    package static func run<Value: Sendable>(
        nodes count: Int,
        _ body: @escaping @Sendable (NetworkLab, Loop) async throws -> Value
    ) async throws -> Value {
        let loop = try Loop.start(label: "network-lab")
        defer { loop.stop() }
        return try await loop.spawn {
            let lab = try NetworkLab(count)
            defer { lab.remove() }
            try await lab.connect()
            return try await withDeadline(.seconds(60)) { try await body(lab, loop) }
        }.value
    }

    private init(_ count: Int) throws {
        let number = Self.serial.withLock { value in
            value += 1
            return value
        }
        let prefix = "chaostest-\(ProcessIdentity.current)-\(number)"
        func named(_ suffix: String) throws -> NetworkNamespace {
            guard let namespace = NetworkNamespace(named: "\(prefix)-\(suffix)") else {
                throw LabError(description: "no name for a namespace: \(prefix)-\(suffix)")
            }
            return namespace
        }
        switchboard = try named("switch")
        nodes = try (1...count).map { try named("\($0)") }
        do {
            for namespace in [switchboard] + nodes { try namespace.create() }
        } catch {
            remove()
            throw error
        }
    }

    private func connect() async throws {
        let board = switchboard.name ?? ""
        var script = """
            set -e
            ip -n \(board) link set lo up
            ip -n \(board) link add br0 type bridge
            ip -n \(board) link set br0 up

            """
        for (index, node) in nodes.enumerated() {
            let (name, number) = (node.name ?? "", index + 1)
            script += """
                ip -n \(board) link add port\(number) type veth peer name eth0 netns \(name)
                ip -n \(board) link set port\(number) master br0 up
                ip -n \(name) link set lo up
                ip -n \(name) address add \(Self.address(number))/24 dev eth0
                ip -n \(name) link set eth0 up

                """
        }
        var request = SpawnRequest(executable: "/bin/sh", arguments: ["-c", script])
        request.environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]
        let status = try await ChildProcess.spawn(request).wait()
        guard status == .exited(0) else { throw LabError(description: "ip ended with \(status)") }
    }

    /// Removes everything; also what a start that failed has left.
    private func remove() {
        for namespace in nodes + [switchboard] { try? namespace.remove() }
    }
}

/// Why a lab could not be built or used.
package struct LabError: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) {
        self.description = description
    }
}
