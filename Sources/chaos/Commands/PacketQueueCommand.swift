import CommandLine
import EventLoop
import PacketQueue

/// `chaos packet-queue`: started by a fault, never by hand.
enum PacketQueueCommand {
    static let command = Command(
        "packet-queue",
        summary: "hold packets until standard input ends (started by a fault)",
        options: [Option("options", value: "JSON", "What is held, and how.")],
        isHidden: true,
        action: { invocation in
            guard let options = invocation.value("options") else {
                throw UsageError(path: invocation.path, message: "--options JSON is missing.")
            }
            return try Loop.main {
                try await QueueProcess(options: options).run { Console.answer($0) }
                return ExitStatus.held
            }
        }
    )
}
