import CClock
package import EventLoop
import Glibc
import LinuxSystem

/// The clock of a running process on x86-64, moved by replacing three functions of its vDSO.
///
/// The process stands still for the time of a few system calls. Whatever it forks inherits the
/// moved clock; what it executes does not.
package enum VDSOPatch {
    /// Why a process cannot be patched, or that it can.
    package enum Fitness: Sendable, Hashable {
        case fit
        case unfit(String, remedy: String)
    }

    /// Looks, and changes nothing.
    package static func fitness(of pid: Int32) -> Fitness {
        guard cclock_can_patch() != 0 else {
            return .unfit(
                "running processes can be patched on x86-64 only",
                remedy: "start the program under chaos clock exec"
            )
        }
        guard let bytes = try? SystemFiles.read("/proc/\(pid)/status") else {
            return .unfit("it is gone", remedy: "start it")
        }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        func number(_ name: String) -> Int? {
            lines.first { $0.hasPrefix(name + ":") }.flatMap { Int($0.filter(\.isNumber)) }
        }
        if number("Seccomp") ?? 0 != 0 {
            return .unfit(
                "it runs under a seccomp filter, which may kill it for asking the kernel the time",
                remedy: "start it under chaos clock exec, or without the filter"
            )
        }
        if number("TracerPid") ?? 0 != 0 {
            return .unfit("a debugger holds it", remedy: "detach the debugger")
        }
        let page = cclock_find(pid)
        if page > 0 { return .unfit("its clock is moved already", remedy: "chaos recover") }
        guard page == 0 else {
            let error = SystemError(call: "reading", object: "its vDSO", code: Int32(-page))
            return .unfit("\(error)", remedy: "run as root or as its user")
        }
        return .fit
    }

    /// Moves the clock of a process; blocks for milliseconds, with `onOwnThread` not our loop.
    ///
    /// Throws `SystemError`; the process is then as it was.
    package static func apply(
        _ setting: ClockSetting,
        to pid: Int32,
        tag: String
    ) async throws {
        let status = await BlockingCall.run {
            var native = setting.native
            return unsafe cclock_patch(pid, &native, tag)
        }
        _ = try SystemError.check(status, call: "patching the clock of", object: "process \(pid)")
    }

    /// Changes the clock of a process that is patched; at once, and without stopping it.
    ///
    /// Throws `SystemError`.
    package static func set(_ setting: ClockSetting, of pid: Int32) throws(SystemError) {
        try withBlock(of: pid, writes: true) { descriptor, page in
            var native = setting.native
            return unsafe cclock_set(descriptor, page, &native)
        }
    }

    /// The control block of a process; `nil` when it is not patched, or gone.
    package static func state(of pid: Int32) -> ClockState? {
        var control = cclock_control()
        do {
            try withBlock(of: pid, writes: false) { descriptor, page in
                unsafe cclock_read(descriptor, page, &control)
            }
            return ClockState(control)
        } catch {
            return nil
        }
    }

    /// Gives a process its own clock back; one that is not patched stays as it is.
    ///
    /// Throws `SystemError`.
    package static func remove(from pid: Int32) async throws {
        let status = await BlockingCall.run { cclock_unpatch(pid) }
        if status == -ESRCH || status == -ENOENT { return }
        _ = try SystemError.check(status, call: "restoring the clock of", object: "process \(pid)")
    }

    /// Every process of this host that is patched, with what stands in its block.
    package static func patched() -> [(pid: Int32, state: ClockState)] {
        guard cclock_can_patch() != 0 else { return [] }
        return ProcessTable.all().compactMap { entry in
            guard entry.state != "Z", let state = state(of: entry.pid) else { return nil }
            return (entry.pid, state)
        }
    }

    private static func withBlock(
        of pid: Int32,
        writes: Bool,
        _ body: (Int32, UInt64) -> Int32
    ) throws(SystemError) {
        let object = "process \(pid)"
        let page = cclock_find(pid)
        guard page > 0 else {
            let code = page == 0 ? ENOENT : Int32(-page)
            throw SystemError(call: "finding the moved clock of", object: object, code: code)
        }
        let memory = unsafe cclock_open("/proc/\(pid)/mem", writes ? 1 : 0)
        _ = try SystemError.check(memory, call: "opening the memory of", object: object)
        defer { close(memory) }
        let status = body(memory, UInt64(page))
        _ = try SystemError.check(status, call: "reaching the moved clock of", object: object)
    }
}

/// Runs a call that blocks on a thread of its own, so that the loop goes on beating.
enum BlockingCall {
    static func run(_ body: @escaping @Sendable () -> Int32) async -> Int32 {
        await withCheckedContinuation { continuation in
            let job = Job { continuation.resume(returning: body()) }
            var thread = pthread_t()
            let passed = unsafe Unmanaged.passRetained(job)
            let status = unsafe pthread_create(
                &thread,
                nil,
                { pointer in
                    guard let pointer = unsafe pointer else { return nil }
                    unsafe Unmanaged<Job>.fromOpaque(pointer).takeRetainedValue().body()
                    return nil
                },
                passed.toOpaque()
            )
            guard status == 0 else {
                unsafe passed.release()
                continuation.resume(returning: -status)
                return
            }
            pthread_detach(thread)
        }
    }

    private final class Job: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
