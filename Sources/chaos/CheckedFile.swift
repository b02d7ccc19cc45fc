import ChaosModel
import JSON

/// A file that was read and checked: an experiment, or the plan of a GameDay.
protocol CheckedFile {
    /// As the user wrote it.
    var name: String { get }
    var problems: [Problem] { get }
    /// The problems as text, with the offending lines.
    var rendered: String { get }
}

extension CheckedFile {
    /// Whether it can be used.
    var isValid: Bool { !problems.hasErrors }
}

extension Array where Element: CheckedFile {
    /// Tells every mistake of the files, as text or as one JSON document; the exit status.
    func answer(isJSON: Bool) -> Int32 {
        let problems = flatMap(\.problems)
        let status = problems.hasErrors ? ExitStatus.usage : ExitStatus.held
        if isJSON {
            Console.answer(problems.json.serialized(pretty: true))
            return status
        }
        for file in self {
            if !file.problems.isEmpty { Console.say(file.rendered, terminator: "") }
            if file.isValid { Console.answer("\(file.name): valid") }
        }
        let count = problems.count { $0.severity == .error }
        if count > 0 {
            Console.say("\(count) mistake\(count == 1 ? "" : "s") found; nothing was run.")
        }
        return status
    }
}
