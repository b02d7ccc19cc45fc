import ChaosModel
import CommandLine
import EventLoop
import LinuxSystem
import ProcessClock

/// `chaos clock`: programs whose wall clock can be moved.
enum ClockCommand {
    static let command = Command(
        "clock",
        summary: "start programs whose wall clock can be moved",
        subcommands: [exec]
    )

    private static let exec = Command(
        "exec",
        summary: "start a program under a wall clock of its own",
        discussion: """
            The program replaces chaos and keeps its pid. Its wall clock, and that of what it \
            starts, comes from a control file: as wrong as the options say, and movable later by \
            the clock plugin's faults. Monotonic clocks and sleeps stay true. Static programs \
            ignore it.
            """,
        arguments: [
            Argument("PROGRAM", "The program and its words, after --.", arity: .oneOrMore)
        ],
        options: [
            Option("offset", value: "TIME", "How far the clock is off at first, such as -1h."),
            Option("drift", value: "PPM", "Parts per million that it gains; negative: it loses."),
            Option("control", value: "FILE", "The control file; one of its own by default."),
        ],
        examples: [
            Example("chaos clock exec --offset=-1h -- date", "What date says an hour ago.")
        ],
        action: { invocation in
            let setting = try setting(invocation)
            guard let word = invocation.arguments.first else { return ExitStatus.usage }
            let program = try find(word)
            let directory = StatePaths.clocks
            let shim = try ClockShim.install(in: directory)
            ControlFile.sweep(directory)
            let control = SystemFiles.absolute(
                invocation.value("control") ?? ControlFile.ownPath(in: directory)
            )
            try ControlFile.create(control, setting)
            let error = ProcessImage.replace(
                program,
                Array(invocation.arguments.dropFirst()),
                environment: ClockShim.environment(
                    shim: shim,
                    control: control,
                    base: Environment.all()
                )
            )
            throw Failure("\(error)", status: ExitStatus.usage)
        }
    )

    private static func setting(_ invocation: Invocation) throws -> ClockSetting {
        var setting = ClockSetting(base: Loop.wallMicroseconds() * 1_000)
        if let text = invocation.value("offset") {
            do throws(UnitError) {
                let quantity = try Quantity(parsing: text)
                guard quantity.unit == .milliseconds || quantity.value == 0 else {
                    throw UnitError("\(text) has no unit of time", "Write -1h or 90s.")
                }
                setting.offset = Int64(quantity.value * 1e6)
            } catch {
                throw UsageError(path: invocation.path, message: "--offset: \(error).")
            }
        }
        if let text = invocation.value("drift") {
            guard let ppm = Double(text), (-900_000...9_000_000).contains(ppm) else {
                throw UsageError(
                    path: invocation.path,
                    message: "--drift \(text) is not a number from -900000 to 9000000."
                )
            }
            setting.drift = Int64(ppm * 1e3)
        }
        return setting
    }

    private static func find(_ name: String) throws -> String {
        if name.contains("/") { return SystemFiles.absolute(name) }
        if let path = SearchPath.program(name) { return path }
        throw Failure(
            "there is no program \(name) in PATH. Install it, or give its whole path.",
            status: ExitStatus.usage
        )
    }
}
