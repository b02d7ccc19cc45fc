/// What a session's prepared statements and portals stand for.
///
/// Named ones are remembered from the first, because a toxic may come long after they were made;
/// both are bounded, and what does not fit is simply not known.
struct StatementNames: Sendable {
    /// Named statements of one session.
    static let countMax = 5_000
    /// The bytes of all their texts.
    static let bytesMax = 4 << 20

    private var statements: [[UInt8]: SQLText] = [:]
    private var portals: [[UInt8]: SQLText] = [:]
    private var unnamedStatement: SQLText?
    private var unnamedPortal: SQLText?
    private var byteCount = 0

    /// Parse.
    mutating func prepare(_ name: [UInt8], _ text: SQLText) {
        guard !name.isEmpty else {
            unnamedStatement = text
            return
        }
        forget(statement: name)
        guard statements.count < StatementNames.countMax,
            byteCount + text.bytes.count <= StatementNames.bytesMax
        else { return }
        statements[name] = text
        byteCount += text.bytes.count
    }

    /// Bind.
    mutating func bind(_ portal: [UInt8], to statement: [UInt8]) {
        let text = statement.isEmpty ? unnamedStatement : statements[statement]
        guard !portal.isEmpty else {
            unnamedPortal = text
            return
        }
        guard let text, portals.count < StatementNames.countMax else {
            portals[portal] = nil
            return
        }
        portals[portal] = text
    }

    /// The text that a portal runs.
    func text(ofPortal portal: [UInt8]) -> SQLText? {
        portal.isEmpty ? unnamedPortal : portals[portal]
    }

    mutating func forget(statement: [UInt8]) {
        guard !statement.isEmpty else {
            unnamedStatement = nil
            return
        }
        if let old = statements.removeValue(forKey: statement) { byteCount -= old.bytes.count }
    }

    mutating func forget(portal: [UInt8]) {
        if portal.isEmpty { unnamedPortal = nil } else { portals[portal] = nil }
    }

    /// A simple query does away with both that have no name.
    mutating func forgetUnnamed() {
        unnamedStatement = nil
        unnamedPortal = nil
    }

    /// Portals end with their transaction.
    mutating func forgetPortals() {
        if !portals.isEmpty { portals.removeAll() }
    }
}
