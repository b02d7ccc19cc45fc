internal import CNetlink

/// One request to the kernel, built by libnl: a header, a fixed part, and attributes.
///
/// Not shared: built by one function and sent by one.
@safe
package final class NetlinkMessage {
    /// How large a message may become: room for a distribution table and hundreds of keys.
    package static let capacity = 65_536

    private let message: OpaquePointer

    /// - Parameters:
    ///   - type: `RTM_…`.
    ///   - flags: `NLM_F_…`; `NLM_F_REQUEST` and `NLM_F_ACK` are added.
    init(_ type: Int, flags: Int32 = 0) {
        guard let message = unsafe nlmsg_alloc_size(Self.capacity),
            unsafe nlmsg_put(message, 0, 0, Int32(type), 0, flags | NLM_F_REQUEST | NLM_F_ACK)
                != nil
        else { preconditionFailure("out of memory for a message of \(Self.capacity) bytes") }
        unsafe self.message = message
    }

    deinit { unsafe nlmsg_free(message) }

    /// Appends a fixed part; padded to 4 bytes.
    func append<Part: BitwiseCopyable>(_ part: Part) {
        unsafe withUnsafeBytes(of: part) { bytes in
            let start = unsafe UnsafeMutableRawPointer(mutating: bytes.baseAddress)
            check(unsafe nlmsg_append(message, start, bytes.count, Int32(NLMSG_ALIGNTO)))
        }
    }

    /// Appends an attribute of a fixed size: a number or a structure of the kernel.
    func put<Value: BitwiseCopyable>(_ type: Int, _ value: Value) {
        unsafe withUnsafeBytes(of: value) { bytes in
            check(unsafe nla_put(message, Int32(type), Int32(bytes.count), bytes.baseAddress))
        }
    }

    /// Appends an attribute of raw bytes.
    func put(_ type: Int, bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { bytes in
            check(unsafe nla_put(message, Int32(type), Int32(bytes.count), bytes.baseAddress))
        }
    }

    /// Appends an attribute of 16-bit numbers in the machine's order.
    func put(_ type: Int, numbers: [Int16]) {
        unsafe numbers.withUnsafeBytes { bytes in
            check(unsafe nla_put(message, Int32(type), Int32(bytes.count), bytes.baseAddress))
        }
    }

    /// Appends an attribute of text, with its terminating zero.
    func put(_ type: Int, text: String) {
        put(type, bytes: Array(text.utf8) + [0])
    }

    /// Appends an attribute that holds what the body appends.
    func nest(_ type: Int, _ body: () -> Void) {
        guard let start = unsafe nla_nest_start(message, Int32(type)) else {
            preconditionFailure("a message holds at most \(Self.capacity) bytes")
        }
        body()
        check(unsafe nla_nest_end(message, start))
    }

    /// The message as it goes to the kernel.
    package var bytes: [UInt8] {
        guard let header = unsafe nlmsg_hdr(message) else { return [] }
        let count = unsafe Int(header.pointee.nlmsg_len)
        return unsafe Array(UnsafeRawBufferPointer(start: header, count: count))
    }

    /// Gives it to a socket, which fills in sequence number and port.
    func send(on socket: OpaquePointer, _ deed: String) throws(NetlinkError) {
        try NetlinkError.check(unsafe nl_send_auto(socket, message), deed)
    }

    /// What the kernel's answers will refer to; known once it was sent.
    var sequence: UInt32 { unsafe nlmsg_hdr(message)?.pointee.nlmsg_seq ?? 0 }

    private func check(_ result: Int32) {
        precondition(result >= 0, "a message holds at most \(Self.capacity) bytes")
    }
}
