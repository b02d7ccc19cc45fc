import ChaosModel
import ChaosPluginAPI
import EventLoop
import JSON
import LinuxSystem
import Netlink
import Testing

@testable import FaultNetem

struct RefusalTests {
    @Test(
        arguments: [
            (["jitter": 5, "delay": 1], "the jitter is longer than the delay"),
            (["reorder": 0.2], "reorder needs a delay"),
            ([:], "nothing would be impaired"),
            (["distribution": "normal", "gap": 3], "nothing would be impaired"),
            (["loss": 0.1, "p13": 0.1], "loss and p13 cannot hold together"),
            (["burst-begins": 0.1], "burst-begins needs burst-ends above 0"),
            (["p13": 0.1, "p31": 0], "p13 needs p31 above 0"),
            (["slot-min": 5, "slot-max": 1], "slot-max is shorter than slot-min"),
            (["delay": 1, "peers": ["host"]], "\"host\" is no address"),
            (["delay": 1, "ports": [0]], "0 is no port"),
            (["delay": 1, "ports": [1], "protocol": "icmp"], "icmp has no ports"),
        ] as [(JSONObject, String)]
    )
    func `arguments that contradict each other are refused with a remedy`(
        _ arguments: JSONObject,
        _ start: String
    ) {
        let error = #expect(throws: NetemError.self) {
            _ = try Impairment(arguments, seed: 1)
            _ = try Selection(arguments)
        }
        #expect(error?.description.hasPrefix(start) == true, "\(String(describing: error))")
    }

    @Test func `too many combinations of peers and ports are refused`() {
        let peers = (1...100).map { JSONValue.string("10.0.0.\($0)") }
        let ports = (1...10).map { JSONValue.integer($0) }
        #expect(throws: NetemError.self) {
            _ = try Selection(["peers": .array(peers), "ports": .array(ports)])
        }
    }

    @Test func `ports that are named are not spared`() throws {
        let selection = try Selection(["ports": [53], "spare-ports": [22, 53]])
        #expect(selection.sparedPorts == [22])
        #expect(selection.hits(.egress).count == 8, "two protocols, two networks, two directions")
    }

    @Test func `only the networks of the peers get filters`() throws {
        let selection = try Selection(["peers": ["10.0.0.0/8"], "spare-ports": []])
        #expect(selection.hits(.egress).map(\.network) == [.ipv4])
        #expect(selection.hits(.egress).first?.destination?.description == "10.0.0.0/8")
        #expect(selection.hits(.ingress).first?.source?.description == "10.0.0.0/8")
        #expect(selection.spares().isEmpty)
    }

    @Test(.enabled(if: UserAccount.isRoot, "needs root: a network namespace is entered"))
    func `a target that is not there is refused by what is there`() async throws {
        let fault = try #require(try NetemPlugin().fault("delay"))
        for (target, start) in [
            (nil, "there is no interface to hit — target."),
            (.link("a->b"), "a->b does not join two services"),
            (.service("a"), "there is no interface to hit — target."),
            (.interface("eth9", namespace: nil), "there is no interface eth9 — this host."),
        ] as [(TargetSelector?, String)] {
            var context = StepContext(runID: "r", arguments: ["delay": 1])
            context.target = target
            let error = await #expect(throws: NetemError.self) {
                _ = try await fault.prepare(context)
            }
            #expect(error?.description.hasPrefix(start) == true, "\(String(describing: error))")
        }
    }
}

/// Somebody else's disciplines, on this machine's kernel, whatever it has.
@Suite(.serialized, .enabled(if: UserAccount.isRoot, "needs root: interfaces are made"))
struct ForeignDisciplineTests {
    @Test(arguments: ["egress", "ingress", "both"])
    func `a discipline that is not ours is never replaced`(_ direction: String) async throws {
        let namespace = try OpenNamespace.fresh()
        let socket = try RouteSocket.open(in: namespace)
        try socket.addLink(.ifb, name: "test0")
        let index = try #require(try socket.link(named: "test0")?.index)
        if direction != "ingress" {
            let handle = TrafficHandle(major: 1)
            try socket.addQdisc(.pfifo(limit: 9), to: index, parent: .root, handle: handle)
        } else {
            try socket.addQdisc(
                .ingress(block: 5),
                to: index,
                parent: .ingress,
                handle: .ingressMajor
            )
        }
        var context = StepContext(
            runID: "r",
            arguments: [
                "delay": 1, "direction": .string(direction), "backend": "netem",
            ]
        )
        context.target = .interface("test0", namespace: namespace.path)
        let fault = try #require(try NetemPlugin().fault("delay"))
        let before = try socket.qdiscs(of: index)
        let error = await #expect(throws: NetemError.self) { _ = try await fault.prepare(context) }
        #expect(
            error?.description.contains("is never replaced") == true,
            "\(String(describing: error))"
        )
        #expect(try socket.qdiscs(of: index) == before)
    }

    @Test func `a foreign discipline that came after prepare survives the undo`() async throws {
        let namespace = try OpenNamespace.fresh()
        let socket = try RouteSocket.open(in: namespace)
        try socket.addLink(.ifb, name: "test0")
        let link = try #require(try socket.link(named: "test0"))
        let site = Site(
            interface: link,
            namespace: namespace.path,
            identity: namespace.identity,
            socket: socket
        )
        let record = FaultRecord(
            site: SiteRecord(site),
            mark: Mark.new(),
            directions: [.egress, .ingress],
            before: try KernelState.read(site)
        )
        try socket.addQdisc(
            .pfifo(limit: 9),
            to: link.index,
            parent: .root,
            handle: TrafficHandle(major: 0xc4a5)
        )
        try socket.addQdisc(
            .ingress(block: 5),
            to: link.index,
            parent: .ingress,
            handle: .ingressMajor
        )
        let foreign = try socket.qdiscs(of: link.index)
        let loop = try Loop.start(label: "netem-test")
        defer { loop.stop() }
        try await loop.spawn {
            let fault = try #require(try NetemPlugin().fault("delay"))
            let undo = record.undo(function: "delay")
            try await fault.revert(undo)
            // The state is not the former one, and the user shall know.
            await #expect(throws: NetemError.self) { try await fault.confirmReverted(undo) }
        }.value
        #expect(try socket.qdiscs(of: link.index) == foreign)
    }

    @Test func `nothing is left to undo when the namespace is gone`() async throws {
        var namespace: OpenNamespace? = try OpenNamespace.fresh()
        let socket = try RouteSocket.open(in: try #require(namespace))
        let link = try #require(try socket.links().first)
        let site = Site(
            interface: link,
            namespace: namespace?.path,
            identity: try #require(namespace?.identity),
            socket: socket
        )
        let undo = FaultRecord(
            site: SiteRecord(site),
            mark: Mark.new(),
            directions: [.egress],
            before: try KernelState.read(site)
        ).undo(function: "delay")
        namespace = nil
        let fault = try #require(try NetemPlugin().fault("delay"))
        try await fault.revert(undo)
        try await fault.confirmReverted(undo)
    }

    @Test func `a kernel without netem is told before anything is touched`() async throws {
        let complaint = NetemSupport.complaint()
        guard !complaint.isEmpty else { return }
        #expect(complaint.hasPrefix("this kernel cannot impair packets — adding "), "\(complaint)")
        #expect(complaint.contains("sch_netem"))
    }
}

/// What hits more of this host than was named.
@Suite struct HostReachTests {
    private func reach(_ arguments: JSONObject, _ namespace: String? = nil) throws -> String? {
        var context = StepContext(runID: "r", arguments: arguments)
        context.target = .interface("lo", namespace: namespace)
        context.system = SystemDescription(
            name: "s",
            services: [],
            links: [],
            databases: [.init(service: "a", observer: "host=127.0.0.1 port=7432")]
        )
        return try NetemPlugin().hostReach(of: "delay", context)
    }

    @Test func `all traffic of an interface of this host is hit only when it is allowed`() throws {
        let everything = try reach(["delay": 10])
        #expect(everything?.hasPrefix("all traffic of this host through lo") == true)
        #expect(try reach(["delay": 10, "ports": [9_999]]) == nil)
        let observer = "it strikes the observer of a"
        #expect(try reach(["delay": 10, "ports": [7_432]]) == observer)
        #expect(try reach(["delay": 10, "peers": ["127.0.0.0/8"]])?.contains(observer) == true)
        #expect(try reach(["delay": 10, "peers": ["203.0.113.0/24"]]) == nil)
        let spared: JSONObject = ["delay": 10, "peers": ["127.0.0.0/8"], "spare-ports": [7_432]]
        #expect(try reach(spared)?.contains("observer") != true)
    }

    @Test(.enabled(if: UserAccount.isRoot, "needs root, which makes network namespaces"))
    func `in another namespace it may be hit`() throws {
        let namespace = try OpenNamespace.fresh()
        #expect(try reach(["delay": 10], namespace.path) == nil)
    }
}

struct MarkTests {
    @Test func `a mark is read from what it wrote, and its owner lives`() throws {
        let mark = Mark.new()
        #expect(Mark(text: mark.text) == mark)
        #expect(mark.text.count == 10 && mark.interfaceName.count == 15)
        #expect(mark.pid == ProcessIdentity.current)
        #expect(mark.isOwnerAlive)
        let other = Mark(pid: mark.pid, startTime: 1, fault: 0)
        let late = Mark(pid: mark.pid, startTime: 2, fault: 0)
        #expect(!(other.isOwnerAlive && late.isOwnerAlive), "a reused pid is not the owner")
        #expect(Mark(pid: 4_194_303, startTime: .max, fault: .max).pid == 4_194_303)
        for text in ["", "12345", "zzzzzzzzzz"] { #expect(Mark(text: text) == nil) }
    }

    @Test func `an undo record that is not ours says so`() async throws {
        let undo = UndoRecord(plugin: "netem", function: "delay", target: "eth0", state: [:])
        let fault = try #require(try NetemPlugin().fault("delay"))
        await #expect(throws: NetemError.self) { try await fault.revert(undo) }
        #expect(throws: NetemError.self) { _ = try FaultRecord(undo) }
    }
}
