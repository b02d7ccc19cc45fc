import EventLoop
import LinuxSystem
import Testing

@testable import Netlink

/// Against this machine's kernel, in fresh network namespaces.
@Suite(.serialized, .enabled(if: NetlinkRig.isPermitted, NetlinkRig.reason))
struct KernelTests {
    static let ours = TrafficHandle(major: 0xc4a5)

    @Test func `a fresh namespace holds only the loopback interface, and the thread stays home`()
        throws
    {
        let home = try OpenNamespace(named: nil)
        let rig = try NetlinkRig()
        #expect(try rig.socket.links().map(\.name) == ["lo"])
        #expect(try rig.socket.links()[0].isUp == false)
        #expect(rig.namespace.identity != home.identity)
        #expect(try OpenNamespace(named: nil).identity == home.identity)
        #expect(try OpenNamespace(path: rig.namespace.path).identity == rig.namespace.identity)
    }

    @Test(arguments: [LinkKind.ifb, .bridge, .veth(peer: "peer0", namespace: nil)])
    func `an interface is made, found, switched and removed`(_ kind: LinkKind) throws {
        let rig = try NetlinkRig()
        try rig.socket.addLink(kind, name: "test0", group: 77, isUp: false)
        let link = try #require(try rig.socket.link(named: "test0"))
        #expect(link.kind == kind.word)
        #expect(link.group == 77)
        #expect(!link.isUp)
        try rig.socket.setLink(link.index, isUp: true)
        #expect(try rig.socket.link(named: "test0")?.isUp == true)
        try rig.socket.setLink(link.index, isUp: false)
        #expect(try rig.socket.link(named: "test0")?.isUp == false)
        try rig.socket.deleteLink(link.index)
        #expect(try rig.socket.links().map(\.name) == ["lo"])
        let error = #expect(throws: NetlinkError.self) {
            try rig.socket.deleteLink(link.index)
        }
        #expect(error?.code == .missing)
    }

    @Test func `the other end of a pair lies in another namespace`() throws {
        let (rig, other) = (try NetlinkRig(), try NetlinkRig())
        try other.namespace.withDescriptor { descriptor in
            try rig.socket.addLink(.veth(peer: "b", namespace: descriptor), name: "a")
        }
        #expect(try Set(rig.socket.links().map(\.name)) == ["lo", "a"])
        #expect(try Set(other.socket.links().map(\.name)) == ["lo", "b"])
    }

    @Test func `a name that is taken is refused in the kernel's words`() throws {
        let rig = try NetlinkRig()
        _ = try rig.interface()
        let error = #expect(throws: NetlinkError.self) { _ = try rig.interface() }
        #expect(error?.code == .exists)
        #expect(
            error?.description
                == "making the ifb test0 failed: File exists. Remove what is there first."
        )
    }

    @Test(arguments: [
        QdiscForm.tbf(bytesPerSecond: 1_000_000, burst: 10_000, limit: 100_000),
        .pfifo(limit: 7),
    ])
    func `a discipline is added, changed, found and removed`(_ form: QdiscForm) throws {
        let rig = try NetlinkRig()
        let index = try rig.interface().index
        let before = try rig.socket.qdiscs(of: index).map(\.uncounted)
        try rig.socket.addQdisc(form, to: index, parent: .root, handle: Self.ours)
        let added = try #require(try rig.socket.qdiscs(of: index).first)
        #expect(added.kind == form.kind)
        #expect(added.handle == Self.ours)
        #expect(added.parent == .root)
        let twice = #expect(throws: NetlinkError.self) {
            try rig.socket.addQdisc(form, to: index, parent: .root, handle: Self.ours)
        }
        #expect(twice?.code == .exists)
        try rig.socket.replaceQdisc(form, on: index, parent: .root, handle: Self.ours)
        #expect(try rig.socket.qdiscs(of: index).first?.options == added.options)
        try rig.socket.deleteQdisc(on: index, parent: .root, handle: Self.ours)
        #expect(try rig.socket.qdiscs(of: index).map(\.uncounted) == before)
        // Nobody else's discipline goes in its place.
        #expect(throws: NetlinkError.self) {
            try rig.socket.deleteQdisc(on: index, parent: .root, handle: Self.ours)
        }
    }

    @Test func `what enters is redirected to another interface, and all of it can be removed`()
        throws
    {
        let rig = try NetlinkRig()
        let entry = try rig.interface().index
        let block = try rig.interface(.ifb, "block0").index
        try rig.socket.addQdisc(
            .ingress(block: 4711),
            to: entry,
            parent: .ingress,
            handle: .ingressMajor
        )
        let hook = try rig.socket.qdiscs(of: entry).first { $0.parent == .ingress }
        #expect(hook?.block == 4711)
        let place = FilterPlace.block(4711)
        for (priority, network) in [PacketMatch.Network.ipv4, .ipv6].enumerated() {
            try rig.socket.addFilter(
                PacketMatch(network),
                .redirect(block),
                at: place,
                priority: UInt16(priority + 1)
            )
        }
        let filters = try rig.socket.filters(at: place)
        // u32 tells its hash table beside each filter.
        #expect(Set(filters.map(\.kind)) == ["u32"])
        #expect(Set(filters.map(\.network)) == [0x0800, 0x86dd])
        #expect(Set(filters.map(\.priority)) == [1, 2])
        try rig.socket.deleteFilters(at: place)
        #expect(try rig.socket.filters(at: place).isEmpty)
        try rig.socket.deleteQdisc(on: entry, parent: .ingress, handle: .ingressMajor)
        #expect(try rig.socket.qdiscs(of: entry).allSatisfy { $0.kind != "ingress" })
    }

    @Test func `an interface that is not there is named with the remedy`() throws {
        let rig = try NetlinkRig()
        let error = #expect(throws: NetlinkError.self) {
            try rig.socket.addQdisc(.pfifo(limit: 1), to: 999, parent: .root, handle: Self.ours)
        }
        #expect(error?.code == .missing)
        #expect(error?.description.hasPrefix("adding pfifo c4a5: at root failed: No such") == true)
        #expect(error?.description.hasSuffix("Check the names: ip link, tc qdisc.") == true)
    }

    @Test func `a namespace that is not there is named`() throws {
        let error = #expect(throws: SystemError.self) {
            _ = try OpenNamespace(named: "no-such-namespace")
        }
        #expect(
            error?.description.hasPrefix(
                "opening the network namespace /run/netns/no-such-namespace failed: No such file"
            ) == true
        )
    }
}

extension Qdisc {
    /// What it is, without what it has counted.
    fileprivate var uncounted: Qdisc {
        var qdisc = self
        qdisc.statistics = QdiscStatistics()
        return qdisc
    }
}
