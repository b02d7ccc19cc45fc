import BundledPlugins
import CommandLine
import JSON

/// `chaos doctor`: what this machine lacks.
enum DoctorCommand {
    static let command = Command(
        "doctor",
        summary: "tell what this machine lacks, and what to do about it",
        discussion: """
            Looks at PostgreSQL's programs, the unprivileged user, the state directory, limits and \
            ports, by trying them; changes nothing. Exit status: 0 when everything needed is \
            there, 1 otherwise.
            """,
        options: [Option("json", "Print one JSON document: {\"ok\", \"checks\", \"faults\"}.")],
        action: { invocation in
            let examination = Examination.ofThisMachine()
            if invocation.has("json") {
                Console.answer(examination.json.serialized(pretty: true))
            } else {
                Console.answer(examination.text, terminator: "")
            }
            return examination.isHealthy ? ExitStatus.held : ExitStatus.deviated
        }
    )
}
