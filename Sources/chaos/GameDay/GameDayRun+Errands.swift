import ChaosGameDay
import ChaosModel
import ChaosRunner
import CommandLine
import EventLoop
import JSON
import LinuxSystem

// What is due, from the first event to the last.
extension GameDayRun {
    func hold(
        _ conductor: GameDayConductor,
        _ directory: GameDayDirectory,
        page: String?
    ) async throws {
        try await settle(conductor, directory)
        let system = try await startSystem(conductor)
        try listen(conductor, page: page)
        do {
            try await lead(conductor, directory)
        } catch {
            await system?.stop()
            throw error
        }
        try Self.write(conductor.day, directory)
        conductor.showDocument()
        if case .ending(let ending) = conductor.day.stage {
            try conductor.append(.init(.closed, data: ["ending": .string(ending.rawValue)]))
        }
        try Self.write(conductor.day, directory)
        await system?.stop()
    }

    private func lead(_ conductor: GameDayConductor, _ directory: GameDayDirectory) async throws {
        guard let (number, changes) = conductor.watch() else { return }
        defer { conductor.leave(number) }
        var turns = changes.makeAsyncIterator()
        while true {
            if let (command, by) = conductor.day.consequence {
                try conductor.submit(command, by: by)
            }
            switch conductor.day.errand {
            case .check: try await check(conductor, directory)
            case .run(let round): try await run(round, conductor, directory)
            case .close: return
            case .wait:
                var isMoved = false
                if request.isRehearsal {
                    try conductor.change { day in
                        let drafts = day.rehearsal ?? []
                        isMoved = !drafts.isEmpty
                        return drafts
                    }
                }
                if !isMoved { _ = await turns.next() }
            }
        }
    }

    /// Reads the probes of the checks in one run, and writes down each answer.
    private func check(_ conductor: GameDayConductor, _ directory: GameDayDirectory) async throws {
        try conductor.append(.init(.checksBegun))
        var evidence: JSONObject = [:]
        let plan = conductor.day.plan
        if let experiment = GameDayExperiments.checks(plan) {
            let run = GameDayRound(
                directory: directory,
                conductor: conductor,
                flags: request.flags,
                round: nil
            )
            let result = try await run.perform(experiment, name: "checks", seed: nil)
            if let place = result.evidence { evidence["evidence"] = .string(place) }
            let readings = GameDayChecks.readings("\(directory.path)/\(result.evidence ?? "")")
            for (index, check) in plan.checks.enumerated() where check.question == nil {
                let reading = readings[check.name]
                var data: JSONObject = ["check": .integer(Int64(index))]
                data["met"] = .bool(reading?.met ?? false)
                try conductor.append(
                    .init(.checked, by: "probe", text: reading?.text ?? result.sentence, data: data)
                )
            }
        }
        try conductor.change { day in
            day.stage == .checking && day.checks.allSatisfy(\.isAnswered)
                ? [.init(.checksEnded, data: evidence)] : []
        }
    }

    private func run(
        _ round: Int,
        _ conductor: GameDayConductor,
        _ directory: GameDayDirectory
    ) async throws {
        let plan = conductor.day.plan
        guard case .experiment(let path) = plan.rounds[round].work else { return }
        let result: RoundResult
        do {
            result = try await GameDayRound(
                directory: directory,
                conductor: conductor,
                flags: request.flags,
                round: round
            ).perform(
                try GameDayExperiments.round(path, plan),
                name: ExperimentName.stem(of: path),
                seed: plan.rounds[round].seed
            )
        } catch {
            result = RoundResult(.failed, "\(error)")
        }
        try conductor.append(.init(.roundEnded, round: round, data: result.json))
    }

    /// Takes words from the terminal, or from a pipe.
    private func listen(_ conductor: GameDayConductor, page: String?) throws {
        guard !request.isRehearsal || Keyboard.isTerminal else { return }
        let lines = try Keyboard.lines()
        let name = Environment.get("USER") ?? Environment.get("LOGNAME") ?? "terminal"
        // Owned by the loop: it ends with the program.
        Loop.current?.spawn {
            for await line in lines {
                defer { GameDayTerminal.prompt() }
                if line.trimmed.isEmpty { continue }
                switch line.trimmed.lowercased() {
                case "help", "?", "h": Self.help()
                case "status":
                    Console.say(
                        GameDayWords.stage(conductor.day) + ". " + GameDayWords.hint(conductor.day)
                    )
                    if let page { Console.say("page: \(page)") }
                default:
                    do {
                        try conductor.submit(try GameDayCommand(typed: line), by: name)
                    } catch {
                        Console.say("\(error)")
                    }
                }
            }
            // Nobody is left who could say "go".
            if page == nil { try? conductor.submit(.abort("the input ended"), by: name) }
        }
    }

    private static func help() {
        for (word, summary) in GameDayCommand.words {
            Console.say("  \(word.padding(to: 14)) \(summary)")
        }
    }
}
