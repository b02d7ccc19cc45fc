import BundledPlugins
import ChaosModel
import EventLoop
import Glibc
import JSON
import LinuxSystem
import RunnerFixtures
import Testing

@testable import ChaosRunner

/// One killing and what came of it: how long until the fault was gone, and thanks to whom.
struct CrashCell: Sendable {
    enum Cleaner: String, Sendable {
        /// Nothing was in effect yet, or not any more.
        case nobody = "–"
        case runner, guardian, kernel, recover
    }

    var cleaner: Cleaner
    /// From the killing, or from the start of `chaos recover` on, until it was clean.
    var seconds: Double
    var isClean: Bool
    /// What `recover` says that it could not undo.
    var trouble = ""

    /// How a cell of the table reads.
    var text: String {
        guard isClean else { return "LEFT BEHIND" }
        if cleaner == .nobody { return "–" }
        let hundredths = Int((seconds * 100).rounded(.up))
        let fraction = hundredths % 100
        return "\(cleaner.rawValue) \(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction) s"
    }
}

extension CrashCell {
    /// How long a guardian or the kernel may take at most before `recover` is called.
    private static let patience = Duration.seconds(8)
    /// What a lost runner and guardian leave to the kernel; after that `recover` is called.
    private static let kernelPatience = Duration.milliseconds(400)

    /// How often a cell is measured again that somebody else has spoilt.
    private static let triesMax = 3

    /// Runs the fault with one killing and watches; on a loop.
    ///
    /// With runner and guardian killed a fault is anybody's who calls `chaos recover` on this host,
    /// other tests included; what the kernel cannot have undone is measured again.
    static func measure(
        _ fault: CrashFault,
        _ point: KillPoint,
        _ victims: Victims,
        _ loop: Loop
    ) async throws -> CrashCell {
        var tries = 1
        while true {
            let (cell, isPlausible) = try await once(fault, point, victims, loop)
            if isPlausible || tries == triesMax { return cell }
            tries += 1
        }
    }

    private static func once(
        _ fault: CrashFault,
        _ point: KillPoint,
        _ victims: Victims,
        _ loop: Loop
    ) async throws -> (CrashCell, isPlausible: Bool) {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        var subject = try await CrashSubject.start(fault, sandbox)
        subject.specification.killAt = point
        subject.specification.victims = victims
        do {
            let cell = try await measure(subject, victims, sandbox, loop)
            try await subject.stop()
            return (cell, cell.cleaner != .kernel || subject.diesWithRunner)
        } catch {
            try await subject.stop()
            throw error
        }
    }

    private static func measure(
        _ subject: CrashSubject,
        _ victims: Victims,
        _ sandbox: Sandbox,
        _ loop: Loop
    ) async throws -> CrashCell {
        let host = try HostProcess(sandbox, subject.specification)
        let wasReached = try await eventually(within: .seconds(30), loop) {
            SystemFiles.exists(sandbox.killed) || host.child.status != nil
        }
        let killed = try #require(
            sandbox.killedAt,
            "\(wasReached) \(sandbox.errors)\(sandbox.story)"
        )
        // Watched until nobody is left who could clean up.
        var lastDirty: Int64?
        let limit = victims == .both ? kernelPatience : patience
        while Loop.monotonicNanoseconds() < killed + limit.nanosecondsClamped {
            // Taken first: on a busy machine a look may end long after it saw anything.
            let now = Loop.monotonicNanoseconds()
            let isClean = try await subject.isClean()
            if !isClean { lastDirty = now }
            let isOver = victims == .both ? false : isOver(host, sandbox, victims)
            if isOver, isClean { break }
            try await loop.sleep(for: .milliseconds(2))
        }
        _ = try await withDeadline(.seconds(10)) { try await host.child.wait() }
        guard let lastDirty else {
            // Gone before the first look: at once, where something was in effect at all.
            let wasInEffect = [.afterEffect, .confirm, .beforeUndo].contains(
                subject.specification.killAt
            )
            let first = wasInEffect ? cleaner(subject, victims) : Cleaner.nobody
            return CrashCell(cleaner: first, seconds: 0, isClean: true)
        }
        if try await subject.isClean() {
            let seconds = Double(lastDirty - killed) / 1e9
            return CrashCell(
                cleaner: cleaner(subject, victims),
                seconds: max(0, seconds),
                isClean: true
            )
        }
        let begin = Loop.monotonicNanoseconds()
        let report = await Recovery.recover(
            plugins: bundledPlugins,
            ledger: sandbox.ledger,
            loop: loop
        )
        let seconds = Double(Loop.monotonicNanoseconds() - begin) / 1e9
        let isClean = try await subject.isClean()
        return CrashCell(
            cleaner: .recover,
            seconds: seconds,
            isClean: isClean && report.isClean,
            trouble: "\(report.failed)"
        )
    }

    private static func isOver(
        _ host: HostProcess,
        _ sandbox: Sandbox,
        _ victims: Victims
    ) -> Bool {
        guard host.child.status != nil else { return false }
        return victims == .guardian || sandbox.guardianStates.last == .clean
    }

    /// Whoever was left could do it; of what dies with the runner the kernel is the first.
    private static func cleaner(_ subject: CrashSubject, _ victims: Victims) -> Cleaner {
        switch victims {
        case .guardian: .runner
        case .both: .kernel
        case .runner: subject.diesWithRunner ? .kernel : .guardian
        }
    }
}

extension HostProcess {
    /// Starts a run with a fault of a real plugin; on a loop.
    init(_ sandbox: Sandbox, _ specification: FaultSpecification) throws {
        let file = sandbox.specification
        let text = specification.json.serialized()
        try SystemFiles.writeAtomically(file, Array(text.utf8), mode: 0o600)
        var request = SpawnRequest(
            executable: Self.executable,
            arguments: ["fault", sandbox.output, file]
        )
        request.environment = Environment.all() + ["CHAOS_STATE_DIR=\(sandbox.directory)"]
        request.stdout = .null
        request.stderr = .file("\(sandbox.directory)/stderr", append: true)
        request.newSession = true
        self.init(sandbox: sandbox, child: try ChildProcess.spawn(request))
    }
}

extension Sandbox {
    var specification: String { "\(directory)/specification.json" }
    /// There when somebody was killed; holds the monotonic time.
    var killed: String { specification + ".killed" }
    var killedAt: Int64? { text(killed).flatMap { Int64($0.filter(\.isNumber)) } }
    /// The journal of a run that ended before it could be killed.
    var story: String { text("\(latest)/journal.jsonl") ?? "there is no journal" }
    var errors: String { text("\(directory)/stderr") ?? "" }
}
