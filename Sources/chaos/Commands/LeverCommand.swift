import ChaosModel
import ChaosRunner
import CommandLine
import EventLoop
import JSON

/// `chaos lever`: stops everything on this host, and keeps it stopped.
enum LeverCommand {
    /// How long runs may take to undo what they injected and end.
    private static let patience = Duration.seconds(60)

    static let command = Command(
        "lever",
        summary: "stop all runs of this host and refuse new ones, until released",
        discussion: """
            The lever is a file: engaged, every run of this host reverts what it injected and \
            ends with exit status 3, and none begins. Root's lever holds for all users.
            """,
        subcommands: [engage, release, status]
    )

    private static let engage = Command(
        "engage",
        summary: "stop all runs, wait until they have, and refuse new ones",
        discussion: """
            Exit status: 0 when nothing runs and no fault is in effect, 4 otherwise: then see \
            'chaos status'.
            """,
        options: [Option("reason", value: "TEXT", "Why; runs and 'chaos status' tell it.")],
        action: { invocation in
            let lever = Lever()
            try lever.engage(reason: invocation.value("reason"))
            return try Loop.main {
                let end = Loop.monotonicNanoseconds() + patience.nanosecondsClamped
                while try RunStatus.list().contains(where: \.isAlive) {
                    guard Loop.monotonicNanoseconds() < end else { break }
                    try await Loop.current?.sleep(for: .milliseconds(50))
                }
                return try conclude(lever)
            }
        }
    )

    private static let release = Command(
        "release",
        summary: "allow runs again",
        action: { _ in
            let lever = Lever()
            try lever.release()
            guard let left = lever.engagement else {
                Console.answer("The lever is released.")
                return ExitStatus.held
            }
            throw Failure(
                "the lever is still \(left.text). Whoever engaged it has to release it.",
                status: ExitStatus.aborted
            )
        }
    )

    private static let status = Command(
        "status",
        summary: "tell whether the lever is engaged",
        discussion: "Exit status: 0 released, 3 engaged.",
        options: [Option("json", "Print one JSON document.")],
        action: { invocation in
            let engagement = Lever().engagement
            if invocation.has("json") {
                Console.answer(json(engagement).serialized(pretty: true))
            } else {
                Console.answer("The lever is \(engagement?.text ?? "released").")
            }
            return engagement == nil ? ExitStatus.held : ExitStatus.aborted
        }
    )

    /// `{"engaged", "since", "reason", "file"}`.
    static func json(_ engagement: Lever.Engagement?) -> JSONValue {
        [
            "engaged": .bool(engagement != nil),
            "since": engagement?.since.map { .string($0.rfc3339) } ?? .null,
            "reason": engagement?.reason.map { .string($0) } ?? .null,
            "file": engagement.map { .string($0.path) } ?? .null,
        ]
    }

    private static func conclude(_ lever: Lever) throws -> Int32 {
        let runs = try RunStatus.list()
        let faults = runs.reduce(0) { $0 + $1.faults.count }
        let living = runs.count(where: \.isAlive)
        Console.answer("The lever is \(lever.engagement?.text ?? "released").")
        guard living == 0, faults == 0 else {
            Console.answer(
                "\(living) runs still go on and \(faults) faults are in effect. See chaos status."
            )
            return ExitStatus.undoIncomplete
        }
        Console.answer("Nothing runs, and no fault is in effect.")
        return ExitStatus.held
    }
}
