import ChaosModel
import Testing

@testable import ChaosTargets

/// What keeps a host in our hands is read from the kernel's and the system's own words.
@Suite struct ControlChannelTests {
    @Test func `name servers and gateways are read as they are written`() {
        let resolver = "# by hand\nsearch example\nnameserver 192.0.2.53\n nameserver fd00::1\n"
        #expect(ControlChannel.nameServers(resolver) == ["192.0.2.53", "fd00::1"])
        let routes = """
            Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask
            eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000
            eth0\t0000000A\t00000000\t0001\t0\t0\t0\t00FFFFFF
            """
        #expect(ControlChannel.gateways(routes) == ["10.0.0.1"])
        #expect(ControlChannel.gateways("") == [])
    }

    @Test func `who is logged in by ssh is read from the table of sockets`() {
        let head = "  sl  local_address rem_address   st tx_queue rx_queue\n"
        let table =
            head + "   0: 0100000A:0016 0700000A:D431 01 00000000:00000000\n"
            + "   1: 00000000:0016 00000000:0000 0A 00000000:00000000\n"
            + "   2: 0100000A:1F90 0800000A:D431 01 00000000:00000000\n"
        #expect(SocketTable.sessions(table) == ["10.0.0.7"])
        let six =
            head + "   0: 0000000000000000FFFF00000100000A:0016"
            + " 0000000000000000FFFF00000900000A:D431 01 0\n"
            + "   1: 000080FE000000000000000001000000:0016"
            + " 000080FE000000000000000002000000:D431 01 0\n"
        #expect(SocketTable.sessions(six) == ["10.0.0.9", "fe80:0:0:0:0:0:0:2"])
        for damaged in ["", head, head + "x\n", head + "0: 1:0016 2:3 01\n"] {
            #expect(SocketTable.sessions(damaged) == [])
        }
    }

    @Test func `a system's control API and the observers that come by network count`() {
        var system = SystemDescription(
            name: "s",
            services: [],
            links: [],
            databases: [
                .init(service: "a", observer: "host=/tmp/x port=1 dbname=a"),
                .init(service: "b", observer: "host=10.0.0.5 port=6000 dbname=b"),
                .init(service: "c", observer: "hostaddr=10.0.0.6"),
            ]
        )
        system.proxyAPI = "http://10.0.0.4:8474/"
        let found = ControlChannel.ofSystem(system)
        #expect(found.map(\.address) == ["10.0.0.4", "10.0.0.5", "10.0.0.6"])
        #expect(found.map(\.port) == [8474, 6000, 5432])
        #expect(ControlChannel.ofSystem(nil).isEmpty)
    }

    @Test func `a channel is struck by its address and its port`() {
        let channels = [
            ControlChannel("dns", "10.0.0.1", port: 53), ControlChannel("gateway", "10.0.0.2"),
        ]
        #expect(channels.struck(ports: []) { _ in true }.count == 2)
        #expect(channels.struck(ports: [53]) { _ in true }.map(\.name) == ["dns"])
        #expect(channels.struck(ports: [80]) { _ in true }.isEmpty)
        #expect(channels.struck(ports: []) { $0 == "10.0.0.2" }.map(\.name) == ["gateway"])
    }
}
