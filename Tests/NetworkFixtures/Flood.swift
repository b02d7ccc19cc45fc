import Glibc
import Synchronization

/// Datagrams from node 1 to node 2 as fast as one thread sends them, until it is stopped.
package final class Flood: Sendable {
    private let sender: Datagrams
    private let receiver: Datagrams
    private let isStopping = Atomic<Bool>(false)
    private let sent = Atomic<Int>(0)
    private let hasEnded = Atomic<Bool>(false)

    package init(_ lab: NetworkLab) throws {
        receiver = try Datagrams(in: lab.nodes[1], address: NetworkLab.address(2))
        sender = try Datagrams(in: lab.nodes[0], address: NetworkLab.address(1))
        try sender.connect(to: NetworkLab.address(2), port: receiver.port)
    }

    /// Starts to send, on a thread of its own.
    package func start() {
        var thread = pthread_t()
        let retained = unsafe Unmanaged.passRetained(self)
        unsafe pthread_create(
            &thread,
            nil,
            { pointer in
                guard let pointer = unsafe pointer else { return nil }
                let flood = unsafe Unmanaged<Flood>.fromOpaque(pointer).takeRetainedValue()
                while !flood.isStopping.load(ordering: .acquiring) {
                    flood.sender.send([1])
                    flood.sent.add(1, ordering: .relaxed)
                }
                flood.hasEnded.store(true, ordering: .releasing)
                return nil
            },
            retained.toOpaque()
        )
        pthread_detach(thread)
        while sent.load(ordering: .relaxed) == 0 { sched_yield() }
    }

    /// Stops sending; returns how many were sent and how many arrived.
    package func stop() -> (sent: Int, arrived: Int) {
        isStopping.store(true, ordering: .releasing)
        while !hasEnded.load(ordering: .acquiring) { sched_yield() }
        var arrived = 0
        while receiver.receive(waitingMilliseconds: 100) != nil { arrived += 1 }
        return (sent.load(ordering: .relaxed), arrived)
    }
}
