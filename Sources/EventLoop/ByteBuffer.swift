internal import Glibc

/// Bytes that are appended at one end and consumed at the other.
///
/// A value: a copy shares its storage until one of the two changes. Memory is reused when
/// everything was consumed.
package struct ByteBuffer: Sendable {
    /// `storage[head..<tail]` waits to be consumed; what lies behind `tail` is room.
    private var storage: [UInt8]
    private var head = 0
    private var tail = 0

    /// Room above this is given back when the buffer runs empty.
    private static let roomKept = 1 << 20

    package init(reserving capacity: Int = 0) {
        storage = capacity > 0 ? [UInt8](repeating: 0, count: capacity) : []
    }

    package init(_ bytes: [UInt8]) {
        storage = bytes
        tail = bytes.count
    }

    /// How many bytes wait to be consumed.
    package var readableBytes: Int { tail - head }
    package var isEmpty: Bool { head == tail }

    /// The byte at an offset from the first unconsumed one; traps when out of bounds.
    package subscript(offset: Int) -> UInt8 {
        precondition(offset >= 0 && head + offset < tail, "the offset is within the bytes")
        return storage[head + offset]
    }

    package mutating func append(_ byte: UInt8) {
        makeRoom(1)
        storage[tail] = byte
        tail += 1
    }

    package mutating func append(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe append(raw: $0) }
    }

    package mutating func append(_ bytes: ArraySlice<UInt8>) {
        unsafe bytes.withUnsafeBytes { unsafe append(raw: $0) }
    }

    package mutating func append(utf8 text: String) {
        var text = text
        text.withUTF8 { unsafe append(raw: UnsafeRawBufferPointer($0)) }
    }

    private mutating func append(raw bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, unsafe !bytes.isEmpty else { return }
        makeRoom(bytes.count)
        let start = tail
        unsafe storage.withUnsafeMutableBytes { all in
            guard let base = all.baseAddress else { return }
            unsafe memcpy(base + start, source, bytes.count)
        }
        tail += bytes.count
    }

    /// Makes room for more bytes behind `tail`: moves what is there to the front, or grows to at
    /// least the double.
    private mutating func makeRoom(_ count: Int) {
        guard storage.count - tail < count else { return }
        let used = readableBytes
        if head > 0, head >= used, storage.count - used >= count {
            let start = head
            unsafe storage.withUnsafeMutableBytes { all in
                guard let base = all.baseAddress else { return }
                unsafe memcpy(base, base + start, used)
            }
        } else {
            var grown = [UInt8](repeating: 0, count: max(256, used + count, 2 * used))
            if used > 0 {
                unsafe grown.withUnsafeMutableBytes { new in
                    unsafe storage.withUnsafeBytes { old in
                        guard let to = new.baseAddress, let from = old.baseAddress else { return }
                        unsafe memcpy(to, from + head, used)
                    }
                }
            }
            storage = grown
        }
        head = 0
        tail = used
    }

    /// Drops bytes from the front; traps when there are fewer.
    package mutating func consume(_ count: Int) {
        precondition(count >= 0 && count <= readableBytes, "no more is consumed than is there")
        head += count
        guard head == tail else { return }
        head = 0
        tail = 0
        if storage.count > Self.roomKept { storage = [] }
    }

    /// The unconsumed bytes, without copying.
    package var readable: ArraySlice<UInt8> { storage[head..<tail] }

    /// The unconsumed bytes as an array.
    package var bytes: [UInt8] { Array(storage[head..<tail]) }

    /// Takes bytes from the front; traps when there are fewer.
    package mutating func take(_ count: Int) -> [UInt8] {
        precondition(count >= 0 && count <= readableBytes, "no more is taken than is there")
        let bytes = Array(storage[head..<(head + count)])
        consume(count)
        return bytes
    }

    /// The offset of the first such byte at or after an offset; `nil` when there is none.
    package func firstIndex(of byte: UInt8, from offset: Int = 0) -> Int? {
        guard offset >= 0, offset < readableBytes else { return nil }
        return unsafe storage.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return nil }
            let start = unsafe base + head + offset
            guard let hit = unsafe memchr(start, Int32(byte), readableBytes - offset)
            else { return nil }
            return unsafe UnsafeRawPointer(hit) - base - head
        }
    }

    /// Lends the unconsumed bytes as a span; no copy, no unsafe code at the caller.
    package func withReadableSpan<Value>(
        _ body: (Span<UInt8>) throws -> Value
    ) rethrows -> Value {
        try body(storage.span.extracting(head..<tail))
    }

    /// Lends the unconsumed bytes.
    @unsafe
    package func withUnsafeReadableBytes<Value>(
        _ body: (UnsafeRawBufferPointer) throws -> Value
    ) rethrows -> Value {
        try unsafe storage.withUnsafeBytes { bytes in
            try unsafe body(UnsafeRawBufferPointer(rebasing: bytes[head..<tail]))
        }
    }

    /// Lets a reader append up to `capacity` bytes; it returns how many it wrote, negative: none.
    @unsafe
    package mutating func appendUnsafe(
        capacity: Int,
        _ body: (UnsafeMutableRawBufferPointer) -> Int
    ) -> Int {
        makeRoom(capacity)
        let room = tail..<(tail + capacity)
        let count = unsafe storage.withUnsafeMutableBytes { bytes in
            unsafe body(UnsafeMutableRawBufferPointer(rebasing: bytes[room]))
        }
        precondition(count <= capacity, "no more is written than there is room")
        tail += max(0, count)
        return count
    }
}
