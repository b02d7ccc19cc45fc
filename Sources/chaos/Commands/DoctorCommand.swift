import BundledPlugins
import CommandLine
import EventLoop
import JSON

/// `chaos doctor`: what this machine lacks.
enum DoctorCommand {
    static let command = Command(
        "doctor",
        summary: "tell what this machine lacks, and what to do about it",
        discussion: """
            Looks at PostgreSQL's programs, the unprivileged user, the state directory, limits and \
            ports, and tries each fault on throwaway children and in throwaway namespaces: what \
            works here, by which backend, and what to install or grant where it does not. Changes \
            nothing that stays. Exit status: 0 when everything that the bundled shop needs is \
            there, 1 otherwise; a fault that does not work here does not count.
            """,
        options: [Option("json", "Print one JSON document: {\"ok\", \"checks\", \"faults\"}.")],
        action: { invocation in
            var examination = Examination.ofThisMachine()
            examination.faults = try Loop.main { await FaultFinding.all() }
            if invocation.has("json") {
                Console.answer(examination.json.serialized(pretty: true))
            } else {
                Console.answer(examination.text, terminator: "")
            }
            return examination.isHealthy ? ExitStatus.held : ExitStatus.deviated
        }
    )
}
