import EventLoop
import PostgresServer
import RabbitMQ
import RabbitMQServer
import ShopBroker
import ShopCore

extension Supervision {
    /// Starts RabbitMQ's servers and declares the shop's topics.
    func startRabbit() async throws {
        let begin = Loop.monotonicNanoseconds()
        let names = fleet.rabbitNodes.map(ShopTopology.rabbit)
        var request = RabbitRequest(directory: places.rabbit, logs: names.map(places.log))
        request.keepsData = options.keepsDatabases
        let cluster = try await RabbitCluster.start(
            request,
            binaries: try RabbitBinaries.find(),
            account: try ServerAccount.current(preferring: "rabbitmq")
        ) { started in
            // On record before anybody waits for them.
            rabbit = started
            try adopt(started.epmd, as: .epmd)
            for (node, process) in zip(fleet.rabbitNodes, started.processes) {
                try adopt(process, as: .rabbit(node))
            }
        }
        let topology = RabbitTopology.shop()
        let broker = RabbitBroker(cluster.endpoints, topology: topology)
        do {
            try await broker.declare()
        } catch {
            await broker.close()
            throw error
        }
        await broker.close()
        try await cluster.settle(topology.queues)
        for (node, endpoint) in zip(fleet.rabbitNodes, cluster.endpoints) {
            note(.rabbit(node), endpoint.address, since: begin)
        }
    }
}
