import EventLoop
import LinuxSystem
import PostgresServer

extension RabbitCluster {
    /// How long RabbitMQ may take to write names down; it takes three seconds at most.
    private static let settlePatience: Duration = .seconds(20)

    /// Waits until quorum queues that were declared just now survive the death of their nodes.
    ///
    /// A node notes its members of quorum queues in `names.dets`, which Erlang writes some time
    /// later (Ra's `ra_directory`; half a second without a look at it, three at most). A node that
    /// is killed before does not know its member when it comes back, begins an empty one that never
    /// elects a leader, and what the queue had confirmed is gone.
    ///
    /// Throws `RabbitServerError` when a name is missing for too long.
    package func settle(_ queues: [String]) async throws {
        let end = Loop.monotonicNanoseconds() + Self.settlePatience.nanosecondsClamped
        for node in nodes {
            var missing = queues
            while true {
                let bytes = try SystemFiles.read(node.queueNames)
                missing.removeAll { bytes.contains(RabbitNode.note(of: $0)) }
                if missing.isEmpty { break }
                guard Loop.monotonicNanoseconds() < end else {
                    throw RabbitServerError(
                        .timeout,
                        "\(RabbitNode.name(node.number)) did not write down the queues \(missing) "
                            + "within \(Self.settlePatience). See \(node.log).",
                        log: LogTail.read(node.log)
                    )
                }
                try await Loop.current?.sleep(for: .milliseconds(50))
            }
        }
    }
}

extension RabbitNode {
    /// Where the node notes which quorum queues it has a member of.
    var queueNames: String {
        let name = Self.name(number)
        return "\(directory)/mnesia/\(name)/quorum/\(name)/names.dets"
    }

    /// How a queue of the virtual host `/` is noted: the end of an atom in Erlang's external format
    /// (its length and its text), and the beginning of a binary.
    static func note(of queue: String) -> [UInt8] {
        let name = Array("%2F_\(queue)".utf8)
        return [UInt8(truncatingIfNeeded: name.count)] + name + [UInt8(ascii: "m")]
    }
}
