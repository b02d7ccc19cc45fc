package import ChaosJournal
package import ChaosModel
package import ChaosPlan
package import ChaosPluginAPI
import EventLoop
package import JSON
import LinuxSystem

/// Carries out plans on this host.
package struct ExperimentRunner: Sendable {
    /// What the runner is given from outside.
    package struct Options: Sendable {
        package var plugins: [any Plugin]
        /// The directory of all runs, usually `runs`.
        package var output: String
        /// The command that starts a guardian; `--run <id>` is appended: `[chaos, "guardian"]`.
        package var guardian: [String]
        package var toolVersion: String
        package var mutants: [String] = []
        /// Whether faults may hit this host as a whole, or by what it is reached.
        package var allowsHost = false
        /// Kernel, processors, memory, PostgreSQL: names and values for the report.
        package var environment: JSONObject = [:]
        package var system: (any SystemProvider)?
        /// What the links carry; `nil`: nobody can tell.
        package var traffic: (any TrafficSource)?
        package var ledger = Ledger()
        package var lever = Lever()
        /// SIGINT and SIGTERM as they come; `nil`: the run cannot be interrupted.
        package var signals: AsyncStream<Int32>?
        package var progress: @Sendable (RunProgress) -> Void = { _ in }
        /// Called at the second signal with the command that undoes what is left; should end the
        /// process.
        package var giveUp: @Sendable (String) -> Void = { _ in }

        package init(
            plugins: [any Plugin],
            output: String,
            guardian: [String],
            toolVersion: String
        ) {
            self.plugins = plugins
            self.output = output
            self.guardian = guardian
            self.toolVersion = toolVersion
        }
    }

    package var options: Options

    package init(_ options: Options) {
        self.options = options
    }

    /// A seed for a run that was given none; small enough for every JSON reader.
    package static func derivedSeed() -> UInt64 { UInt64.random(in: 0..<(1 << 53)) }

    /// Carries out the plan of an experiment; see below.
    package func run(experiment: Experiment, plan: Plan) async throws -> RunOutcome {
        try await run(experiment: experiment.document, plan: plan)
    }

    /// Carries out a plan to its end, whatever the end is; `document` is the experiment as it was
    /// read.
    ///
    /// Errors: `.lever` when the safety lever is engaged, `.unclean` when an earlier run left
    /// something that cannot be undone, `.directory` when the run cannot be recorded; nothing was
    /// then touched. What goes wrong later stands in the journal and in the outcome.
    package func run(experiment document: JSONValue, plan: Plan) async throws -> RunOutcome {
        guard let loop = Loop.current else { preconditionFailure("a run needs a loop") }
        let values = try Values(document)
        if let engagement = options.lever.engagement {
            throw RunnerError(
                .lever,
                "no run may begin: the safety lever is \(engagement.text)."
                    + " Release it when the reason is gone: chaos lever release"
            )
        }
        try await recover(loop)
        let now = Timestamp(microseconds: Loop.wallMicroseconds())
        let directory = try RunDirectory(output: options.output, file: plan.file, at: now)
        options.progress(.directory(directory.path))
        let runID = Self.runID(at: now)
        let stop = StopSwitch()
        let journal = try JournalWriter(path: directory.journal) { error in
            stop.stop(.failed, "the journal cannot be written: \(error)")
        }
        try options.ledger.open(account(runID, plan.title, now, directory.path))
        let session = RunSession(
            runID: runID,
            plan: plan,
            values: values,
            directory: directory,
            options: options,
            journal: journal,
            stop: stop,
            loop: loop
        )
        return await session.run()
    }

    private func recover(_ loop: Loop) async throws {
        let report = await Recovery.recover(
            plugins: options.plugins,
            ledger: options.ledger,
            loop: loop
        )
        if !report.reverted.isEmpty { options.progress(.recovered(report)) }
        guard report.isClean else {
            let left = report.failed.map { "\($0.what): \($0.why)" }.joined(separator: "; ")
            throw RunnerError(
                .unclean,
                "an earlier run left something that could not be undone — \(left)."
                    + " Mend the cause and run: chaos recover"
            )
        }
    }

    private func account(
        _ runID: String,
        _ title: String,
        _ now: Timestamp,
        _ directory: String
    ) -> LedgerRun {
        let pid = ProcessIdentity.current
        return LedgerRun(
            runID: runID,
            title: title,
            pid: pid,
            processStart: ProcessIdentity.startTime(pid) ?? 0,
            since: now,
            directory: SystemFiles.absolute(directory)
        )
    }

    /// `20261120-104245-3f9a2c`: sorts by time, unique on this host.
    private static func runID(at time: Timestamp) -> String {
        let stamp = time.rfc3339.prefix(19).filter { $0 != ":" && $0 != "-" }
        let random = String(UInt32.random(in: 0..<(1 << 24)) | 1 << 24, radix: 16).dropFirst()
        return stamp.map { $0 == "T" ? "-" : String($0) }.joined() + "-" + random
    }
}

/// How a run ended.
package struct RunOutcome: Sendable {
    package var runID: String
    package var directory: String
    /// The path of the journal.
    package var journal: String
    package var reason: RunEnded.Reason
    package var detail: String?
    /// Faults whose undo could not be confirmed: exit status 4, and what `chaos recover` is for.
    package var left: [LedgerEntry]
    /// The system as it ran; `nil` when it never came up or there is none.
    package var hadSystem: Bool
}
