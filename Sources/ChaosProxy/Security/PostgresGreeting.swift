/// What the first bytes of a PostgreSQL client ask for, before the session proper.
///
/// PostgreSQL documentation, chapters "SSL Session Encryption" and "Message Formats".
enum PostgresGreeting: Sendable, Equatable {
    /// More bytes decide.
    case incomplete
    /// SSLRequest: one byte answers it, `S` or `N`.
    case encryption
    /// GSSENCRequest: one byte answers it, `N` here.
    case kerberos
    /// A TLS ClientHello without asking before (PostgreSQL 17's direct negotiation).
    case handshake
    /// Anything else, as a rule the start-up message.
    case session

    /// The size of both requests.
    static let requestSize = 8
    /// `SSLRequest`: length 8, code 80877103.
    static let encryptionRequest: [UInt8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]
    private static let kerberosRequest: [UInt8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x30]
    private static let handshakeByte: UInt8 = 0x16

    /// - Parameter bytes: What has arrived, at least one byte; more than 8 do not matter.
    init(_ bytes: [UInt8]) {
        let request = bytes.prefix(PostgresGreeting.requestSize)
        if request.first == PostgresGreeting.handshakeByte {
            self = .handshake
        } else if request.elementsEqual(PostgresGreeting.encryptionRequest) {
            self = .encryption
        } else if request.elementsEqual(PostgresGreeting.kerberosRequest) {
            self = .kerberos
        } else if PostgresGreeting.encryptionRequest.starts(with: request)
            || PostgresGreeting.kerberosRequest.starts(with: request)
        {
            self = .incomplete
        } else {
            self = .session
        }
    }
}
