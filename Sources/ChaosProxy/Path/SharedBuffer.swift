/// The one buffer of a data loop: every read of the fast path lands here and leaves from here.
///
/// 256 KiB: at 16 KiB bulk throughput halves (measured); per loop, so that idle connections cost
/// none.
@safe final class SharedBuffer {
    static let size = 256 << 10
    /// The most that one read takes when stages hold chunks; Toxiproxy reads as much.
    static let chunkSize = 32 << 10

    let bytes: UnsafeMutableRawBufferPointer
    /// A second buffer for what is encrypted, made when the first connection needs it.
    var cipher: UnsafeMutableRawBufferPointer {
        if let made = unsafe cipherMade { return unsafe made }
        let made = UnsafeMutableRawBufferPointer.allocate(
            byteCount: SharedBuffer.cipherSize,
            alignment: 4_096
        )
        unsafe cipherMade = made
        return unsafe made
    }
    private var cipherMade: UnsafeMutableRawBufferPointer?
    private static let cipherSize = 64 << 10

    init() {
        unsafe bytes = .allocate(byteCount: SharedBuffer.size, alignment: 4_096)
    }

    deinit {
        unsafe bytes.deallocate()
        unsafe cipherMade?.deallocate()
    }

    /// The part of the buffer for reads whose bytes are kept as chunks.
    var chunk: UnsafeMutableRawBufferPointer {
        unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[..<SharedBuffer.chunkSize])
    }
}
