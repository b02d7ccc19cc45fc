import CLinux
import EventLoop
import JSON
import LinuxSystem
import NFTables

/// What `chaos packet-queue --options JSON` does: holds packets until its standard input ends.
///
/// It installs the steering itself, renews its lease, and takes it away. A question mark on
/// standard input is answered with the counts, one JSON object on a line.
package struct QueueProcess: Sendable {
    /// How long packets are led to the queue beyond our last sign of life.
    static let lease = Duration.seconds(15)
    private static let renewal = Duration.seconds(1)

    private let selection: HoldSelection
    private let impairment: Impairment
    private let table: TableName

    /// Reads the options; throws `PacketQueueError` or `JSONError`.
    package init(options text: String) throws {
        let json = try JSONValue.parse(text)
        selection = try HoldSelection(json["selection"] ?? [:])
        impairment = Impairment(json["impairment"] ?? [:])
        let name = json["table"]?.stringValue ?? ""
        guard OwnershipTag(tableName: name) != nil, let table = TableName(.inet, name) else {
            throw PacketQueueError(
                "the options name no table of ours — chaos packet-queue. It is started by a fault,"
                    + " not by hand."
            )
        }
        self.table = table
    }

    /// Holds packets; on a loop.
    ///
    /// Returns when standard input ends or the table is taken away.
    /// Throws `SystemError`, `NFTablesError` or `PacketQueueError`; no packet is led to us then.
    package func run(say: @escaping @Sendable (String) -> Void) async throws {
        guard let loop = Loop.current else { preconditionFailure("run is called on a loop") }
        // A packet that is held for 10 ms must not wait for the kernel's leisure as well.
        loop.sharpenTimers()
        let queue = try QueueSocket(
            in: selection.namespace,
            first: UInt16.random(in: 1_000...60_000),
            copiesPackets: impairment.needsPayload
        )
        let doubler = impairment.duplicate > 0 ? try PacketDoubler(in: selection.namespace) : nil
        let shell = QueueShell(queue, impairment, doubler: doubler, loop: loop)
        try loop.watch(queue.descriptor, shell)
        defer { loop.unwatch(queue.descriptor) }
        let steering = Steering(selection, table: table)
        try steering.install(queue: queue.number, lease: Self.lease)
        say("{\"ready\":\(queue.number)}")
        // The pipe comes from our starter, whose end alone was made non-blocking.
        _ = try SystemError.check(clinux_nonblocking(0), call: "watching", object: "standard input")
        let input = try Stream(adopting: 0, loop: loop)
        // Owned and ended here.
        let renewing = loop.spawn { try await renew(steering, loop, input) }
        await answer(input) { say(shell.counts.json.serialized()) }
        renewing.cancel()
        _ = await renewing.result
        // The kernel drops what waits in a queue when the last hook goes: so first nothing new is
        // led here, then what is held goes on, and only then the table goes.
        try steering.close()
        shell.releaseAll()
        try steering.remove()
    }

    /// Answers questions until the input ends.
    private func answer(_ input: Stream, _ say: () -> Void) async {
        var buffer = ByteBuffer()
        while let count = try? await input.read(into: &buffer), count > 0 {
            for byte in buffer.bytes where byte == UInt8(ascii: "?") { say() }
            buffer = ByteBuffer()
        }
    }

    /// Renews the lease; when somebody took the table away, it is over.
    private func renew(_ steering: Steering, _ loop: Loop, _ input: Stream) async throws {
        let connection = try NFTablesConnection(in: selection.namespace)
        do {
            while true {
                try await loop.sleep(for: Self.renewal)
                try steering.renew(connection, lease: Self.lease)
            }
        } catch is NFTablesError {
            input.close()
        }
    }
}

extension QueueShell.Counts {
    var json: JSONValue {
        [
            "seen": .integer(Int64(seen)), "lost": .integer(Int64(lost)),
            "doubled": .integer(Int64(doubled)), "damaged": .integer(Int64(damaged)),
            "overtook": .integer(Int64(overtook)), "overruns": .integer(Int64(overruns)),
        ]
    }
}
