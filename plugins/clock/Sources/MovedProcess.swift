import ChaosTargets
import JSON
import LinuxSystem
import ProcessClock

/// One process whose clock is moved, and by what means.
struct MovedProcess: Sendable {
    enum Backend: String, Sendable { case preload, patch }

    var process: TargetProcess
    var backend: Backend
    /// With `preload`.
    var control: String

    /// Finds out by what means the clock of a process can be moved.
    ///
    /// - Throws: `ClockError` when there is none.
    init(_ process: TargetProcess) throws {
        self.process = process
        if let control = ClockShim.control(of: process.pid) {
            (backend, self.control) = (.preload, control)
            guard try !ControlFile.read(control).setting.isMoved else {
                throw Self.refusal(process, "its clock is moved already", "Run chaos recover.")
            }
            return
        }
        (backend, control) = (.patch, "")
        if case .unfit(let why, let remedy) = VDSOPatch.fitness(of: process.pid) {
            throw Self.refusal(
                process,
                why,
                "\(remedy.prefix(1).uppercased())\(remedy.dropFirst())."
            )
        }
    }

    func apply(_ setting: ClockSetting, tag: String) async throws {
        switch backend {
        case .preload: try ControlFile.set(control, setting)
        case .patch: try await VDSOPatch.apply(setting, to: process.pid, tag: tag)
        }
    }

    func change(_ setting: ClockSetting) throws {
        switch backend {
        case .preload: try ControlFile.set(control, setting)
        case .patch: try VDSOPatch.set(setting, of: process.pid)
        }
    }

    /// `nil` when it is not moved any more, or gone.
    var state: ClockState? {
        switch backend {
        case .preload: try? ControlFile.read(control)
        case .patch: VDSOPatch.state(of: process.pid)
        }
    }

    var json: JSONValue {
        var object = process.state
        object["backend"] = .string(backend.rawValue)
        if backend == .preload { object["control"] = .string(control) }
        return .object(object)
    }

    /// Reads what `json` writes.
    init?(json: JSONValue, name: String) {
        guard let pid = json["pid"]?.integerValue.flatMap(Int32.init(exactly:)),
            let start = json["pid-started"]?.integerValue.flatMap(UInt64.init(exactly:)),
            let backend = json["backend"]?.stringValue.flatMap(Backend.init(rawValue:))
        else { return nil }
        process = TargetProcess(name: name, pid: pid, startTime: start)
        self.backend = backend
        control = json["control"]?.stringValue ?? ""
    }

    private static func refusal(
        _ process: TargetProcess,
        _ why: String,
        _ remedy: String
    ) -> ClockError {
        ClockError(
            "the clock cannot be moved: \(why) — \(process.name), process \(process.pid)."
                + " \(remedy)"
        )
    }
}
