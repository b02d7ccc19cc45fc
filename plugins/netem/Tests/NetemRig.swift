import ChaosModel
import ChaosPluginAPI
import EventLoop
import Glibc
import JSON
import LinuxSystem
import Netlink
import Testing

@testable import FaultNetem

/// Two hosts, each in a network namespace of its own, and a cable between them.
///
/// ```
/// west (10.98.0.1, fd98::1, eth0) ───veth─── (eth0, 10.98.0.2, fd98::2) east
/// ```
///
/// The west has a name, as `chaos recover` finds namespaces by names and processes.
struct NetemRig: Sendable {
    let west: OpenNamespace
    let east: OpenNamespace
    private let name: String

    static let westAddress = "10.98.0.1"
    static let eastAddress = "10.98.0.2"

    /// Why the tests of effects cannot run here; empty when they can.
    static let complaint = UserAccount.isRoot ? NetemSupport.complaint() : "needs root"
    static let isPossible = complaint.isEmpty
    static let reason: Comment = "they run in the lab (make lab), whose kernel has netem"

    /// What it makes, `remove` removes.
    init() throws {
        name = "netem-test-\(ProcessIdentity.current)-\(UInt32.random(in: 0 ... .max))"
        try NetworkNamespace(named: name)?.create()
        west = try OpenNamespace(named: name)
        east = try OpenNamespace.fresh()
        let (left, right) = (try RouteSocket.open(in: west), try RouteSocket.open(in: east))
        try east.withDescriptor { descriptor in
            try left.addLink(.veth(peer: "eth0", namespace: descriptor), name: "eth0")
        }
        for (socket, four, six) in [
            (left, "\(Self.westAddress)/24", "fd98::1/64"),
            (right, "\(Self.eastAddress)/24", "fd98::2/64"),
        ] {
            for name in ["lo", "eth0"] {
                let index = try #require(try socket.link(named: name)?.index)
                try socket.setLink(index, isUp: true)
                guard name == "eth0" else { continue }
                try socket.addAddress(try #require(AddressRange(four)), to: index)
                try socket.addAddress(try #require(AddressRange(six)), to: index)
            }
        }
    }

    func remove() {
        do {
            try NetworkNamespace(named: name)?.remove()
        } catch {
            Issue.record("the namespace \(name) is still there: \(error)")
        }
    }

    /// Runs a test on a loop of its own; the interface of the west is warm (its neighbours are
    /// known).
    static func run(
        _ body: @escaping @Sendable (NetemRig) async throws -> Void
    ) async throws {
        let loop = try Loop.start(label: "netem-test")
        defer { loop.stop() }
        try await loop.spawn {
            let rig = try NetemRig()
            defer { rig.remove() }
            let probe = try Probe(rig: rig, port: 9)
            // A cable that was just plugged in may lose a first packet.
            var tries = 1
            while try probe.measure(count: 3).arrived.count < 3, tries < 20 { tries += 1 }
            try #require(tries < 20, "nothing arrives on an undisturbed cable")
            try await body(rig)
        }.value
    }

    /// What a run tells the fault: it hits the west's end of the cable.
    func context(_ arguments: JSONObject) -> StepContext {
        var context = StepContext(runID: "lab", arguments: arguments, seed: 1)
        context.target = .interface("eth0", namespace: name)
        return context
    }

    func fault(_ function: String) throws -> any Fault {
        try #require(try NetemPlugin().fault(function))
    }

    /// Everything that `tc` tells of the west, as JSON; counters are not shown.
    func state() throws -> String {
        let command =
            "tc -j qdisc show; tc -j filter show dev eth0; tc -j filter show dev eth0 ingress;"
            + " cat /proc/net/dev | cut -d: -f1"
        return try west.run {
            guard let pipe = unsafe popen("(\(command)) 2>&1", "r") else {
                throw NetemError("no shell")
            }
            var text: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = unsafe fread(&chunk, 1, chunk.count, pipe)
                guard count > 0 else { break }
                text += chunk[..<count]
            }
            let status = unsafe pclose(pipe)
            guard status == 0 else { throw NetemError("tc failed: \(text)") }
            return String(decoding: text, as: UTF8.self)
        }
    }
}
