import EventLoop
import Glibc

/// The bytes in and out of one connected, non-blocking socket; confined to its loop.
///
/// It knows how many bytes were handed to the kernel, which decides whether a failed request was
/// certainly not processed, and keeps the unread bytes in one array that is used again and again.
final class Wire {
    let stream: EventLoop.Stream
    private let loop: Loop
    private var descriptor: Int32 { stream.descriptor }
    /// The unread bytes are `input[head..<tail]`.
    private var input: [UInt8] = []
    private var head = 0
    private var tail = 0
    /// Bytes that the kernel took, since the start.
    private(set) var sentCount = 0

    private static let readSize = 4096
    private static let readSizeMax = 64 * 1024

    init(stream: EventLoop.Stream, loop: Loop) {
        self.stream = stream
        self.loop = loop
    }

    var unreadCount: Int { tail - head }

    /// Runs a parser on the unread bytes; the caller then consumes what the parser says.
    func parse<Head>(
        _ next: (Span<UInt8>) throws(HTTPParseError) -> HTTPStep<Head>
    ) throws(HTTPParseError) -> HTTPStep<Head> {
        // A second reference, no copy: a span cannot borrow from a class's stored property.
        let bytes = input
        return try next(bytes.span.extracting(head..<tail))
    }

    /// Copies unread bytes, counted from the first of them, behind `bytes`.
    func copy(_ range: Range<Int>, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: input[(head + range.lowerBound)..<(head + range.upperBound)])
    }

    /// Drops bytes that were read.
    func consume(_ count: Int) {
        precondition(count >= 0 && count <= unreadCount, "more consumed than there was to read")
        head += count
        if head == tail {
            head = 0
            tail = 0
        }
    }

    func consumeAll() { consume(unreadCount) }

    /// Waits for more bytes; 0 means that the peer sends no more.
    ///
    /// Errors: the connection broke (`SystemError`), the task was cancelled.
    func receive() async throws -> Int {
        makeRoom()
        while true {
            switch receiveNow() {
            case .success(let count): return count
            case .failure(EAGAIN): try await loop.readable(descriptor)
            case .failure(EINTR): continue
            case .failure(let number): throw failure("reading from", number)
            }
        }
    }

    /// Whether nothing has arrived and the peer has not closed: a pooled connection must be so.
    var isQuiet: Bool {
        guard unreadCount == 0 else { return false }
        makeRoom()
        if case .failure(EAGAIN) = receiveNow() { return true }
        return false
    }

    /// Sends all bytes, waiting while the peer does not read.
    ///
    /// Errors: the connection broke (`SystemError`), the task was cancelled; `sentCount` then says
    /// how far it came.
    func send(_ bytes: [UInt8]) async throws {
        var offset = 0
        while offset < bytes.count {
            switch sendNow(bytes, from: offset) {
            case .success(let count):
                offset += count
                sentCount += count
            case .failure(EAGAIN): try await loop.writable(descriptor)
            case .failure(EINTR): continue
            case .failure(let number): throw failure("writing to", number)
            }
        }
    }

    /// Ends the waiting of whoever reads, as if the stream had ended.
    ///
    /// Answers can still be sent.
    func stopReceiving() { _ = Glibc.shutdown(descriptor, Int32(SHUT_RD)) }

    /// Ends the waiting of whoever reads or writes.
    func stop() { _ = Glibc.shutdown(descriptor, Int32(SHUT_RDWR)) }

    private enum Outcome {
        case success(Int)
        case failure(Int32)
    }

    private func receiveNow() -> Outcome {
        let count = unsafe input.withUnsafeMutableBytes { buffer in
            unsafe recv(
                descriptor,
                buffer.baseAddress.map { unsafe $0 + tail },
                buffer.count - tail,
                Int32(MSG_DONTWAIT)
            )
        }
        guard count >= 0 else { return .failure(errno) }
        tail += count
        return .success(count)
    }

    private func sendNow(_ bytes: [UInt8], from offset: Int) -> Outcome {
        let count = unsafe bytes.withUnsafeBytes { buffer in
            unsafe Glibc.send(
                descriptor,
                buffer.baseAddress.map { unsafe $0 + offset },
                buffer.count - offset,
                Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
            )
        }
        return count >= 0 ? .success(count) : .failure(errno)
    }

    /// Makes room behind the unread bytes; what a parser leaves unread is bounded by its limits.
    private func makeRoom() {
        guard input.count - tail < Self.readSize / 2 else { return }
        if head > 0 {
            input.removeSubrange(0..<head)
            input.append(contentsOf: repeatElement(0, count: head))
            tail -= head
            head = 0
        }
        guard input.count - tail < Self.readSize / 2 else { return }
        let more = min(max(Self.readSize, input.count), Self.readSizeMax)
        input.append(contentsOf: repeatElement(0, count: more))
    }

    private func failure(_ call: String, _ number: Int32) -> SystemError {
        SystemError(
            call: call,
            object: "a connection",
            code: number,
            remedy: "The peer has gone; see its log."
        )
    }
}
