import EventLoop
import LinuxSystem
import NetworkFixtures
import ShopCore
import Testing

@testable import ShopSupervisor

@Suite(.serialized, .timeLimit(.minutes(1)))
struct NetworkTests {
    @Test(arguments: ["chaos-shop-", "chaos-shop-x", "shop-4711", "chaos-shop-1/..", ""])
    func `a record with a foreign prefix removes no namespace`(prefix: String) {
        #expect(!ShopNetwork.isPrefix(prefix))
    }

    @Test(.enabled(if: NetworkLab.isPossible, "\(NetworkLab.need)"))
    func `services reach each other and this host, and nothing is left after removal`() throws {
        let prefix = ShopNetwork.prefix(supervisor: ProcessIdentity.current)
        var built: ShopNetwork?
        do {
            let fleet = ShopFleet(replicas: [.payments: 2])
            let network = try ShopNetwork.build(prefix: prefix, fleet: fleet)
            built = network
            let here = (network.hostAddress, NetworkNamespace.current)
            let places =
                [here]
                + network.fleet.instances.map {
                    (network.address(of: $0), network.namespace(of: $0))
                }
            for source in places {
                for target in places where target.0 != source.0 {
                    let receiver = try Datagrams(in: target.1, address: target.0)
                    let sender = try Datagrams(in: source.1, address: source.0)
                    try sender.connect(to: target.0, port: receiver.port)
                    sender.send([1, 2, 3])
                    // The first packet waits for the neighbour's address.
                    #expect(receiver.receive(waitingMilliseconds: 5_000) == [1, 2, 3])
                }
            }
        } catch {
            try ShopNetwork.remove(prefix: prefix)
            throw error
        }
        try ShopNetwork.remove(prefix: prefix)
        try ShopNetwork.remove(prefix: prefix)
        let network = try #require(built)
        #expect(!network.switchboard.exists)
        #expect(network.fleet.instances.allSatisfy { !network.namespace(of: $0).exists })
        // The kernel takes namespaces apart in its own time.
        let deadline = Loop.monotonicNanoseconds() + 30_000_000_000
        while try NetworkNamespace.current.interfaces().contains(network.hostInterface) {
            try #require(Loop.monotonicNanoseconds() < deadline)
        }
    }
}
