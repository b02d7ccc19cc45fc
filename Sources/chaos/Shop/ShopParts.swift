import CommandLine
import ShopCore

/// Which parts of the shop `--without` leaves out.
enum ShopParts {
    /// Whether the event side is to run.
    ///
    /// Throws `UsageError` when there is no such part, or when another option asks for something of
    /// what is left out.
    static func haveEvents(
        _ invocation: Invocation,
        replicas: [ShopRole: Int],
        disks: [ShopDatabase: Int64]
    ) throws -> Bool {
        guard let part = invocation.value("without") else { return true }
        guard part == "events" else {
            throw UsageError(
                path: invocation.path,
                message: "a shop can do without events, not without '\(part)'. "
                    + "Use --without events."
            )
        }
        let broker = invocation.value("broker").map { ["--broker \($0)"] } ?? []
        let asked =
            broker
            + replicas.filter(\.key.isOfEvents).map { "--replicas \($0.key.rawValue)=\($0.value)" }
            + disks.filter(\.key.isOfEvents).map { "--disk \($0.key.rawValue)" }
        if let option = asked.min() {
            throw UsageError(
                path: invocation.path,
                message: "'\(option)' asks for a part of the event side, and '--without events' "
                    + "leaves that out. Use one of the two."
            )
        }
        return false
    }
}
