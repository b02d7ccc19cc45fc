import ChaosModel
import CommandLine
import EventLoop

/// The words of `chaos shop dead-letters`.
enum DeadLetterCommands {
    static let command = Command(
        "dead-letters",
        summary: "look at events that could not be handled, and have them handled after all",
        discussion: """
            A consumer tries an event a few times, then parks it with the reason and goes on. \
            Mend what was wrong, then replay it: it is handled once, beside the stream.
            """,
        subcommands: [list, show, replay]
    )

    private static let letter = Argument("LETTER", "Whose, and which: notifications/1.")

    private static let list = Command(
        "list",
        summary: "list parked events, the newest first, with the reason",
        options: [ShopTools.name, ShopTools.json],
        action: { invocation in try with(invocation) { try await $0.list() } }
    )

    private static let show = Command(
        "show",
        summary: "tell all of one, its payload too",
        arguments: [letter],
        options: [ShopTools.name, ShopTools.json],
        action: { invocation in
            let word = invocation.arguments[0]
            return try with(invocation) { try await $0.show(word) }
        }
    )

    private static let replay = Command(
        "replay",
        summary: "handle one now",
        discussion: "Exit status: 0 when it was handled, 1 when it still cannot be.",
        arguments: [letter],
        options: [ShopTools.name],
        action: { invocation in
            let word = invocation.arguments[0]
            return try with(invocation) { try await $0.replay(word) }
        }
    )

    private static func with(
        _ invocation: Invocation,
        _ body: @escaping @Sendable (ShopDeadLetters) async throws -> Int32
    ) throws -> Int32 {
        let system = try ShopTools.running(invocation)
        let isJSON = invocation.has("json")
        return try Loop.main { try await body(ShopDeadLetters(system, isJSON: isJSON)) }
    }
}
