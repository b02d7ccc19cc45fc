import Glibc

/// A borrowed view of bytes with checked access, valid inside `with` only.
///
/// Every byte of every message passes here: `memchr` and plain pointer reads keep unoptimised
/// builds quick too. Each access checks its bounds, so that callers need no `unsafe`.
@safe
struct MessageBytes {
    private let base: UnsafePointer<UInt8>
    let count: Int

    /// Runs `body` with a view of the span.
    static func with<Result, Failure: Error>(
        _ span: Span<UInt8>,
        _ body: (MessageBytes) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe span.withUnsafeBufferPointer { (buffer) throws(Failure) -> Result in
            guard let base = buffer.baseAddress else {
                var nothing: UInt8 = 0
                return try unsafe withUnsafePointer(to: &nothing) { (base) throws(Failure) in
                    try unsafe body(MessageBytes(base: base, count: 0))
                }
            }
            return try unsafe body(MessageBytes(base: base, count: buffer.count))
        }
    }

    private init(base: UnsafePointer<UInt8>, count: Int) {
        unsafe self.base = base
        self.count = count
    }

    subscript(index: Int) -> UInt8 {
        precondition(index >= 0 && index < count, "index out of the message's bytes")
        return unsafe base[index]
    }

    /// The bytes from a position on, counted from 0 again.
    func suffix(from offset: Int) -> MessageBytes {
        check(offset..<count)
        return unsafe MessageBytes(base: base + offset, count: count - offset)
    }

    /// The first position of a byte in `range`.
    func firstIndex(of byte: UInt8, in range: Range<Int>) -> Int? {
        check(range)
        guard let found = unsafe memchr(base + range.lowerBound, Int32(byte), range.count) else {
            return nil
        }
        return unsafe UnsafeRawPointer(base).distance(to: UnsafeRawPointer(found))
    }

    /// The bytes as text; what is not UTF-8 is replaced by U+FFFD.
    func string(_ range: Range<Int>) -> String {
        check(range)
        let slice = unsafe UnsafeBufferPointer(start: base + range.lowerBound, count: range.count)
        return unsafe String(decoding: slice, as: UTF8.self)
    }

    /// Whether the bytes are the given lower-case text when ASCII case is ignored.
    func equals(_ range: Range<Int>, _ lowercase: StaticString) -> Bool {
        check(range)
        guard range.count == lowercase.utf8CodeUnitCount else { return false }
        let other = unsafe lowercase.utf8Start
        for index in 0..<range.count {
            let byte = unsafe base[range.lowerBound + index]
            let lowered = byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
            if unsafe lowered != other[index] { return false }
        }
        return true
    }

    /// Whether all bytes are token characters and there is at least one.
    func isToken(_ range: Range<Int>) -> Bool {
        check(range)
        var index = range.lowerBound
        while index < range.upperBound {
            if unsafe !ASCII.isToken(base[index]) { return false }
            index += 1
        }
        return !range.isEmpty
    }

    /// Whether all bytes may stand in a field value.
    func isFieldContent(_ range: Range<Int>) -> Bool {
        check(range)
        var index = range.lowerBound
        while index < range.upperBound {
            if unsafe !ASCII.isFieldContent(base[index]) { return false }
            index += 1
        }
        return true
    }

    /// Whether all bytes may stand in a request target and there is at least one.
    func isTarget(_ range: Range<Int>) -> Bool {
        check(range)
        var index = range.lowerBound
        while index < range.upperBound {
            if unsafe !ASCII.isTarget(base[index]) { return false }
            index += 1
        }
        return !range.isEmpty
    }

    /// The range without spaces and tabs at its ends.
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        check(range)
        var lower = range.lowerBound
        var upper = range.upperBound
        while lower < upper, unsafe isBlank(base[lower]) { lower += 1 }
        while upper > lower, unsafe isBlank(base[upper - 1]) { upper -= 1 }
        return lower..<upper
    }

    /// A decimal number of 1 to 18 digits and nothing else.
    func decimal(_ range: Range<Int>) -> Int? {
        number(range, base: 10, digitsMax: 18, ASCII.decimalValue)
    }

    /// A hexadecimal number of 1 to 15 digits and nothing else.
    func hexadecimal(_ range: Range<Int>) -> Int? {
        number(range, base: 16, digitsMax: 15, ASCII.hexadecimalValue)
    }

    private func number(
        _ range: Range<Int>,
        base radix: Int,
        digitsMax: Int,
        _ value: (UInt8) -> Int?
    ) -> Int? {
        check(range)
        guard !range.isEmpty, range.count <= digitsMax else { return nil }
        var result = 0
        for index in range {
            guard let digit = unsafe value(base[index]) else { return nil }
            result = result * radix + digit
        }
        return result
    }

    private func isBlank(_ byte: UInt8) -> Bool {
        byte == ASCII.space || byte == ASCII.tab
    }

    private func check(_ range: Range<Int>) {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= count,
            "range out of the message's bytes"
        )
    }
}
