import CPostgres

/// The server's notices and warnings; the latest hundred are kept.
///
/// `@unchecked Sendable`: libpq calls the receiver on the thread that reads the connection, which
/// is the loop's, the only one that uses the box.
final class NoticeBox: @unchecked Sendable {
    /// How many notices are kept.
    static let countMax = 100

    private(set) var messages: [String] = []

    /// Makes libpq put notices here instead of on stderr; the box must outlive the connection.
    func receive(from pointer: OpaquePointer) {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe _ = PQsetNoticeReceiver(
            pointer,
            { context, result in
                guard let context = unsafe context else { return }
                let box = unsafe Unmanaged<NoticeBox>.fromOpaque(context).takeUnretainedValue()
                guard let text = unsafe PQresultErrorField(result, DiagnosticField.message) else {
                    return
                }
                box.append(unsafe String(cString: text))
            },
            context
        )
    }

    func append(_ message: String) {
        if messages.count >= Self.countMax { messages.removeFirst() }
        messages.append(message)
    }

    /// Returns the notices and forgets them.
    func take() -> [String] {
        defer { messages = [] }
        return messages
    }
}

/// The fields of an error result (`postgres_ext.h`, `PG_DIAG_…`).
enum DiagnosticField {
    static let severity = Int32(UInt8(ascii: "V"))
    static let sqlState = Int32(UInt8(ascii: "C"))
    static let message = Int32(UInt8(ascii: "M"))
    static let detail = Int32(UInt8(ascii: "D"))
    static let constraint = Int32(UInt8(ascii: "n"))
}
