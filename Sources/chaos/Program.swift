import ChaosRunner
import CommandLine

/// From words to an exit status.
enum Program {
    /// What `chaos --version` prints and every journal records.
    static let version = "0.1.0"

    static func run(_ words: [String]) -> Int32 {
        if words == ["--version"] || words == ["version"] {
            Console.answer("chaos \(version)")
            return ExitStatus.held
        }
        if words.first == CompletionCommand.question {
            return CompletionCommand.answer(Array(words.dropFirst()))
        }
        do {
            switch try CommandParser(CommandTree.root).parse(words) {
            case .help(let path, let command):
                Console.answer(
                    HelpText(width: min(100, Console.width)).screen(of: command, path: path),
                    terminator: ""
                )
                return ExitStatus.held
            case .run(let invocation):
                guard let action = invocation.command.action else { return ExitStatus.usage }
                return try action(invocation)
            }
        } catch let error as UsageError {
            Console.say(error.description)
            return ExitStatus.usage
        } catch let error as Failure {
            Console.say("chaos: \(error.message)")
            return error.status
        } catch let error as RunnerError where error.code == .lever {
            Console.say("chaos: \(error)")
            return ExitStatus.aborted
        } catch {
            Console.say("chaos: \(error)")
            return ExitStatus.internalFault
        }
    }
}

/// The exit statuses of the program; they may not change without a version step.
enum ExitStatus {
    static let held: Int32 = 0
    static let deviated: Int32 = 1
    static let inconclusive: Int32 = 2
    static let aborted: Int32 = 3
    static let undoIncomplete: Int32 = 4
    static let usage: Int32 = 64
    static let internalFault: Int32 = 70
    static let interrupted: Int32 = 130
}

/// An error that a command reports to its user: what, where, what to do; and the status to exit
/// with.
struct Failure: Error {
    var message: String
    var status: Int32

    init(_ message: String, status: Int32 = ExitStatus.internalFault) {
        self.message = message
        self.status = status
    }
}
