import ChaosGameDay
import ChaosModel
import EventLoop
import Glibc
import HTTP
import JSON
import LinuxSystem

/// One `chaos gameday`: opens or resumes the day, does what is due, and closes it.
struct GameDayRun {
    let request: GameDayRequest

    init(_ request: GameDayRequest) {
        self.request = request
    }

    /// Returns the exit status.
    func perform() async throws -> Int32 {
        let (directory, day, isNew) = try open()
        let conductor = try GameDayConductor(day, journal: directory.journal)
        try conductor.append(isNew ? opening(day.plan) : .init(.resumed))
        let server =
            request.hasDashboard
            ? try await GameDayServer.start(conductor, directory, port: request.port) : nil
        let terminal = GameDayTerminal(
            conductor: conductor,
            address: server?.address,
            isRehearsal: request.isRehearsal
        )
        if let server { Console.say("dashboard: \(server.address)") }
        Console.say("journal: \(directory.journal)")
        try watchSignals(conductor)
        // Owned by this call, which cancels it.
        let screen = Loop.current?.spawn { await terminal.follow(from: isNew ? 0 : day.sequence) }
        let outcome: Result<Void, any Error>
        do {
            try await hold(conductor, directory, page: server?.address)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        screen?.cancel()
        _ = await screen?.result
        terminal.end()
        await server?.server.shutdown(grace: .seconds(1))
        try outcome.get()
        return conclude(conductor.day, directory)
    }

    private func open() throws -> (GameDayDirectory, GameDay, isNew: Bool) {
        if let path = request.resume { return try resumed(.open(path)) }
        let file = request.file ?? ""
        let plan = try GameDayFile.plan(file)
        if let cut = try GameDayDirectory.unfinished(output: request.output, file: file) {
            Console.say("Going on with the GameDay that was cut off: \(cut.path)")
            return try resumed(cut)
        }
        let directory = try GameDayDirectory.make(output: request.output, file: file)
        return (directory, GameDay(plan: plan), true)
    }

    /// The day as its journal tells it; the plan is the one that was read when it began.
    private func resumed(
        _ directory: GameDayDirectory
    ) throws -> (GameDayDirectory, GameDay, isNew: Bool) {
        let events = GameDayEvent.events(in: try SystemFiles.read(directory.journal))
        guard let first = events.first, first.kind == .opened,
            let document = first.draft.data["plan"],
            let plan = GameDayPlan.restored(
                document,
                file: first.draft.data["file"]?.stringValue ?? "plan.json",
                directory: first.draft.data["directory"]?.stringValue ?? ""
            )
        else {
            throw Failure(
                "\(directory.journal) is no journal of a GameDay.",
                status: ExitStatus.usage
            )
        }
        let day = GameDay(plan: plan, events: events)
        if day.isClosed {
            throw Failure(
                "this GameDay is over — \(directory.path). Read its closing.html.",
                status: ExitStatus.usage
            )
        }
        return (directory, day, false)
    }

    private func opening(_ plan: GameDayPlan) -> GameDayEvent.Draft {
        let directory = plan.file == "-" ? "" : SystemFiles.parent(of: plan.file)
        return .init(
            .opened,
            data: [
                "file": .string(plan.file), "directory": .string(directory),
                "version": .string(Program.version), "plan": plan.document,
            ]
        )
    }

    /// Ctrl-C ends the day and its round in order; a second one does not wait.
    private func watchSignals(_ conductor: GameDayConductor) throws {
        let signals = try SignalSource.on([SIGINT, SIGTERM])
        // Owned by the loop: it ends with the program.
        Loop.current?.spawn {
            var count = 0
            for await _ in signals {
                count += 1
                if count > 1 {
                    Console.say("Stopped waiting. Undo what is left with:\n  chaos recover")
                    exit(ExitStatus.undoIncomplete)
                }
                Console.say("Ending the day: what runs is interrupted and undone first.")
                try? conductor.submit(.abort("Ctrl-C"), by: "terminal")
            }
        }
    }

    static func write(_ day: GameDay, _ directory: GameDayDirectory) throws {
        let document = ClosingDocument(day)
        for (name, bytes) in [("closing.html", document.html), ("closing.md", document.markdown)] {
            try SystemFiles.writeAtomically("\(directory.path)/\(name)", bytes, mode: 0o644)
        }
    }

    private func conclude(_ day: GameDay, _ directory: GameDayDirectory) -> Int32 {
        let status = GameDayOutcome.exitStatus(day)
        if request.isJSON {
            Console.answer(
                GameDayOutcome.json(day, directory.path, status).serialized(pretty: true)
            )
        } else {
            for line in GameDayOutcome.lines(day) { Console.answer(line) }
            Console.answer("closing document: \(directory.path)/closing.html")
        }
        return status
    }
}
