import ChaosModel
import CommandLine
import EventLoop

/// The words of `chaos shop ledger`.
enum LedgerCommands {
    static let command = Command(
        "ledger",
        summary: "look at the books of payments, and make the balances anew from the entries",
        discussion: """
            Payments keep an append-only log of double entries: what was authorised, captured and \
            let go. The balances are computed from it twice a second.
            """,
        subcommands: [show, rebuild]
    )

    private static let show = Command(
        "show",
        summary: "show each account's balance, and whether it is the sum of its entries",
        discussion: "Exit status: 0 when all are right, 1 when one is not.",
        options: [ShopTools.name, ShopTools.json],
        action: { invocation in try with(invocation) { try await $0.show() } }
    )

    private static let rebuild = Command(
        "rebuild",
        summary: "compute all balances anew from the entries",
        options: [ShopTools.name, ShopTools.json],
        action: { invocation in try with(invocation) { try await $0.rebuild() } }
    )

    private static func with(
        _ invocation: Invocation,
        _ body: @escaping @Sendable (ShopLedger) async throws -> Int32
    ) throws -> Int32 {
        let system = try ShopTools.running(invocation)
        let isJSON = invocation.has("json")
        return try Loop.main { try await body(ShopLedger(system, isJSON: isJSON)) }
    }
}
