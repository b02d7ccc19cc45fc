import ChaosModel
import CommandLine
import EventLoop

/// The words of `chaos shop conflicts`.
enum ConflictCommands {
    static let command = Command(
        "conflicts",
        summary: "list what services tell differently of orders, and what was done about it",
        discussion: """
            The reconciler compares orders, payments, inventory, the processor and the read model \
            while the shop runs. What a rule allows is mended when it was seen twice; the rest is \
            for a person. Exit status: 0 when nothing is open, else 1.
            """,
        options: [
            Option("all", "Also those that were repaired or have gone."), ShopTools.name,
            ShopTools.json,
        ],
        examples: [Example("chaos shop conflicts", "What is open now.")],
        action: { invocation in
            let system = try ShopTools.running(invocation)
            let isJSON = invocation.has("json")
            let isAll = invocation.has("all")
            return try Loop.main {
                try await ShopConflicts(system, isJSON: isJSON).list(all: isAll)
            }
        }
    )
}
