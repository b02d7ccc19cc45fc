internal import CNFTables
internal import JSON
package import LinuxSystem

/// A connection to the nf_tables of one network namespace; used by one thread at a time.
///
/// A call takes about 0.1 ms, so that it is made where it is needed, without a thread of its own.
/// C counterpart: `struct nft_ctx`.
@safe
package final class NFTablesConnection {
    /// Where it works.
    package let namespace: NetworkNamespace
    private let context: OpaquePointer
    /// Without it libnftables would complain on stderr, whatever its buffers are told.
    private let isPermitted: Bool

    /// Connects in a namespace; the connection stays there whatever becomes of the thread.
    ///
    /// - Throws: `SystemError` when the namespace cannot be entered.
    package init(in namespace: NetworkNamespace = .current) throws {
        self.namespace = namespace
        isPermitted = Capability.networkAdministration.isHeld
        let made = unsafe try namespace.perform {
            // The netlink socket is opened here and belongs to the namespace.
            guard let context = unsafe nft_ctx_new(UInt32(NFT_CTX_DEFAULT)) else {
                throw NFTablesError(
                    .answer,
                    "libnftables gives no context — \(namespace). Free some memory."
                )
            }
            return unsafe context
        }
        unsafe context = made
        unsafe nft_ctx_buffer_output(context)
        unsafe nft_ctx_buffer_error(context)
    }

    deinit { unsafe nft_ctx_free(context) }

    /// Carries out a batch as one transaction: all of it or nothing.
    ///
    /// - Throws: `NFTablesError`; nothing has changed then.
    package func apply(_ batch: Batch) throws(NFTablesError) {
        guard !batch.text.isEmpty else { return }
        _ = try run(batch.text, flags: 0)
    }

    /// The tables of the namespace: everybody's, by name only.
    package func tables() throws(NFTablesError) -> [TableName] {
        try read("list tables").compactMap { $0["table"].flatMap(TableName.init(json:)) }
    }

    /// What a table holds; `nil` when there is none of that name.
    package func listing(_ table: TableName) throws(NFTablesError) -> TableListing? {
        do {
            return TableListing(table, json: try read("list table \(table.text)"))
        } catch  where error.code == .missing {
            return nil
        }
    }

    /// All of the namespace's rules as canonical text, to be compared before and after.
    package func ruleset() throws(NFTablesError) -> String {
        try run("list ruleset", flags: UInt32(NFT_CTX_OUTPUT_STATELESS))
    }

    private func read(_ command: String) throws(NFTablesError) -> [JSONValue] {
        let flags = NFT_CTX_OUTPUT_JSON | NFT_CTX_OUTPUT_NUMERIC_ALL
        let text = try run(command, flags: UInt32(flags))
        guard let json = try? JSONValue.parse(text), let items = json["nftables"]?.arrayValue
        else {
            throw NFTablesError(
                .answer,
                "libnftables answers with something else than its JSON — \(command) in"
                    + " \(namespace). Use libnftables 1.0 or newer, built with JSON."
            )
        }
        return items
    }

    private func run(_ command: String, flags: UInt32) throws(NFTablesError) -> String {
        guard isPermitted else { throw notPermitted }
        unsafe nft_ctx_output_set_flags(context, flags)
        let status = unsafe nft_run_cmd_from_buffer(context, command)
        // Reading a buffer empties it, so both are read whatever happened.
        let output = unsafe String(cString: nft_ctx_get_output_buffer(context))
        let trouble = unsafe String(cString: nft_ctx_get_error_buffer(context))
        guard status == 0 else { throw failure(command, trouble) }
        return output
    }

    private var notPermitted: NFTablesError {
        NFTablesError(
            .permission,
            "nf_tables may not be used — \(namespace). Run as root or grant CAP_NET_ADMIN."
        )
    }

    private func failure(_ command: String, _ trouble: String) -> NFTablesError {
        // The first line says what is wrong; the next ones repeat the command with a marker.
        let lines = trouble.split(separator: "\n")
        let first = lines.first.map(String.init) ?? "no reason given"
        let reason = first.hasPrefix("Error: ") ? String(first.dropFirst(7)) : first
        let at = lines.count > 1 ? " at \"\(lines[1])\"" : ""
        switch true {
        case reason.contains("Operation not permitted"):
            return notPermitted
        case reason.contains("No such file or directory"):
            return NFTablesError(
                .missing,
                "nf_tables has no such thing\(at) — \(namespace). See what is there: nft list"
                    + " ruleset."
            )
        default:
            return NFTablesError(
                .refused,
                "nf_tables refuses a change: \(reason)\(at) — \(namespace). See what this kernel"
                    + " can do: chaos doctor."
            )
        }
    }
}
