/// The column by which a row passes on the trace in which it was written: `TraceContext.stored`.
///
/// NULL when there was none, which takes eight bytes of a row at most. Added apart, for databases
/// of `up --keep` that are older than it.
enum TraceColumn {
    static func of(_ table: String) -> String {
        "ALTER TABLE \(table) ADD COLUMN IF NOT EXISTS trace text;"
    }
}
