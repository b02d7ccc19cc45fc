/// A first-in-first-out queue of byte chunks, each with the time at which the proxy received it.
///
/// One allocation per chunk, which holds both the bytes and the link to the next.
@safe struct ChunkQueue: ~Copyable {
    /// A chunk's head; its bytes follow in the same allocation.
    @unsafe private struct Node {
        var next: UnsafeMutablePointer<Node>?
        var receivedAt: Int64
        var offset: Int
        var count: Int
    }

    /// Bits that are flipped in one chunk at most.
    private static let flipsMax = 1_024
    private static let headSize = unsafe MemoryLayout<Node>.stride

    private var head: UnsafeMutablePointer<Node>? = nil
    private var tail: UnsafeMutablePointer<Node>? = nil
    /// The bytes in the queue.
    private(set) var byteCount = 0
    /// The chunks in the queue.
    private(set) var chunkCount = 0

    init() {}

    deinit {
        var node = unsafe head
        while let current = unsafe node {
            unsafe node = current.pointee.next
            unsafe UnsafeMutableRawPointer(current).deallocate()
        }
    }

    var isEmpty: Bool { chunkCount == 0 }

    /// The first chunk as a stage sees it.
    var firstItem: StageItem? {
        guard let node = unsafe head else { return nil }
        return unsafe .chunk(byteCount: node.pointee.count, receivedAt: node.pointee.receivedAt)
    }

    /// Appends a copy of `bytes`; nothing when they are empty.
    mutating func append(copying bytes: UnsafeRawBufferPointer, receivedAt: Int64) {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return }
        let stride = ChunkQueue.headSize
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: stride + bytes.count,
            alignment: 16
        )
        unsafe (memory + stride).copyMemory(from: base, byteCount: bytes.count)
        let node = unsafe memory.bindMemory(to: Node.self, capacity: 1)
        unsafe node.initialize(
            to: Node(next: nil, receivedAt: receivedAt, offset: 0, count: bytes.count)
        )
        unsafe append(node)
    }

    /// Gives the first bytes of the first chunk to `body`, which returns how many of them it used
    /// up.
    mutating func consumeFirst(_ body: (UnsafeRawBufferPointer) -> Int) -> Int {
        guard let node = unsafe head else { return 0 }
        let stride = ChunkQueue.headSize
        let start = unsafe UnsafeRawPointer(node) + stride + node.pointee.offset
        let used = unsafe body(UnsafeRawBufferPointer(start: start, count: node.pointee.count))
        if used > 0 { removeFirst(byteCount: used) }
        return used
    }

    /// Moves the first `count` bytes of the first chunk to the end of another queue.
    mutating func moveFirst(byteCount count: Int, to other: inout ChunkQueue) {
        guard let node = unsafe head, count > 0 else { return }
        guard unsafe count < node.pointee.count else {
            unsafe other.append(removeFirst())
            return
        }
        let start = unsafe UnsafeRawPointer(node) + ChunkQueue.headSize + node.pointee.offset
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: count)
        unsafe other.append(copying: bytes, receivedAt: node.pointee.receivedAt)
        removeFirst(byteCount: count)
    }

    /// Moves everything to the end of another queue, in order.
    mutating func moveAll(to other: inout ChunkQueue) {
        while unsafe head != nil { unsafe other.append(removeFirst()) }
    }

    /// Loses the first chunk.
    mutating func dropFirst() {
        guard unsafe head != nil else { return }
        unsafe UnsafeMutableRawPointer(removeFirst()).deallocate()
    }

    /// Flips bits of the first chunk at different places that the seed chooses; at least one.
    mutating func flipFirst(bits: Int, seed: UInt64) {
        guard let node = unsafe head else { return }
        let start = unsafe UnsafeMutableRawPointer(node) + ChunkQueue.headSize + node.pointee.offset
        let length = unsafe node.pointee.count * 8
        var dice = SeedStream(seed: seed)
        var flipped: Set<Int> = []
        while flipped.count < min(max(1, bits), ChunkQueue.flipsMax, length) {
            let place = Int.random(in: 0..<length, using: &dice)
            guard flipped.insert(place).inserted else { continue }
            let byte = unsafe start.load(fromByteOffset: place / 8, as: UInt8.self)
            let changed = byte ^ 1 << UInt8(place % 8)
            unsafe start.storeBytes(of: changed, toByteOffset: place / 8, as: UInt8.self)
        }
    }

    /// Loses everything.
    mutating func dropAll() {
        while unsafe head != nil { dropFirst() }
    }

    private mutating func removeFirst(byteCount count: Int) {
        guard let node = unsafe head else { return }
        guard unsafe count < node.pointee.count else { return dropFirst() }
        unsafe node.pointee.offset += count
        unsafe node.pointee.count -= count
        byteCount -= count
    }

    private mutating func append(_ node: UnsafeMutablePointer<Node>) {
        if let last = unsafe tail {
            unsafe last.pointee.next = node
        } else {
            unsafe head = node
        }
        unsafe tail = node
        byteCount += unsafe node.pointee.count
        chunkCount += 1
    }

    private mutating func removeFirst() -> UnsafeMutablePointer<Node> {
        guard let node = unsafe head else { preconditionFailure("the queue is empty") }
        unsafe head = node.pointee.next
        if unsafe head == nil { unsafe tail = nil }
        unsafe node.pointee.next = nil
        byteCount -= unsafe node.pointee.count
        chunkCount -= 1
        return unsafe node
    }
}
