/// Packets that wait for their time, earliest first; pure.
///
/// A binary heap; packets of one time leave in the order in which they came.
struct HeldPackets: Sendable {
    struct Packet: Sendable, Hashable {
        /// Monotonic nanoseconds at which it goes on.
        var due: Int64
        /// The kernel's number, which rises within a queue.
        var id: UInt32
        /// Its bytes, when it goes on otherwise than it came.
        var replacement: [UInt8]?
        /// Its bytes, when it goes on twice.
        var double: [UInt8]?
    }

    private var heap: [Packet] = []

    var count: Int { heap.count }
    /// When the next one is due.
    var nextDue: Int64? { heap.first?.due }

    mutating func hold(_ packet: Packet) {
        heap.append(packet)
        var index = heap.count - 1
        while index > 0, Self.isEarlier(heap[index], heap[(index - 1) / 2]) {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    /// Takes the next one if it is due.
    mutating func release(at now: Int64) -> Packet? {
        guard let first = heap.first, first.due <= now else { return nil }
        return removeFirst()
    }

    /// Takes the next one, due or not.
    mutating func removeFirst() -> Packet? {
        guard let last = heap.popLast() else { return nil }
        guard let first = heap.first else { return last }
        heap[0] = last
        var index = 0
        while true {
            var child = 2 * index + 1
            guard child < heap.count else { return first }
            if child + 1 < heap.count, Self.isEarlier(heap[child + 1], heap[child]) { child += 1 }
            guard Self.isEarlier(heap[child], heap[index]) else { return first }
            heap.swapAt(index, child)
            index = child
        }
    }

    private static func isEarlier(_ left: Packet, _ right: Packet) -> Bool {
        left.due != right.due ? left.due < right.due : Int32(bitPattern: left.id &- right.id) < 0
    }
}
