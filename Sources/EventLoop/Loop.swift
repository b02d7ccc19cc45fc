internal import CLinux
internal import Glibc
internal import Synchronization

/// One epoll loop on one thread; a serial executor and a task executor, so that async code runs on it.
///
/// Everything below "on the loop" must be called on the loop's thread; a debug build traps otherwise.
// Unchecked: loop-confined state is touched only on the loop's thread; what crosses threads is behind the mutex.
package final class Loop: SerialExecutor, TaskExecutor, @unchecked Sendable {
    /// Shown in diagnostics.
    package let label: String

    private struct Inbox {
        var jobs: [UnownedJob] = []
        var closures: [@Sendable () -> Void] = []
        var isWoken = false
    }

    private let epoll: Int32
    private let wake: Int32
    private let inbox = Mutex(Inbox())
    private let isStopping = Atomic<Bool>(false)

    // Touched only on the loop's thread.
    private var local: [UnownedJob] = []
    private var batch: [UnownedJob] = []
    private var closures: [@Sendable () -> Void] = []
    var descriptors = DescriptorTable()
    private var timers = TimerHeap()
    private var nextWaiter: UInt64 = 0

    /// Events taken from the kernel in one call.
    private static let eventsPerCall = 256

    /// Makes a loop that does not run yet.
    ///
    /// Throws `SystemError` when the kernel refuses an epoll or event descriptor (EMFILE, ENFILE).
    package init(label: String) throws(SystemError) {
        self.label = label
        clinux_ignore_sigpipe()
        epoll = try SystemError.check(
            clinux_epoll_create(),
            call: "epoll_create1",
            object: "the loop \(label)"
        )
        wake = try SystemError.check(
            clinux_eventfd(),
            call: "eventfd",
            object: "the loop \(label)"
        )
        let added = clinux_epoll_control(
            epoll,
            Int32(EPOLL_CTL_ADD),
            wake,
            EPOLLIN.rawValue,
            UInt64(UInt32(bitPattern: wake))
        )
        _ = try SystemError.check(added, call: "epoll_ctl", object: "the loop \(label)")
    }

    deinit {
        close(epoll)
        close(wake)
    }

    /// Makes a loop that runs on a thread of its own until `stop()`.
    package static func start(label: String) throws(SystemError) -> Loop {
        let loop = try Loop(label: label)
        var thread = pthread_t()
        let retained = unsafe Unmanaged.passRetained(loop)
        let status = unsafe pthread_create(
            &thread,
            nil,
            { pointer in
                guard let pointer = unsafe pointer else { return nil }
                unsafe Unmanaged<Loop>.fromOpaque(pointer).takeRetainedValue().run()
                return nil
            },
            retained.toOpaque()
        )
        guard status == 0 else {
            unsafe retained.release()
            throw SystemError(call: "pthread_create", object: "the loop \(label)", code: status)
        }
        pthread_detach(thread)
        return loop
    }

    /// The loop whose thread this is; `nil` on any other thread.
    package static var current: Loop? {
        guard let pointer = unsafe clinux_current_loop() else { return nil }
        return unsafe Unmanaged<Loop>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// Whether the caller is on this loop's thread.
    package var isCurrent: Bool {
        unsafe clinux_current_loop() == Unmanaged.passUnretained(self).toOpaque()
    }

    // MARK: - Running

    /// Turns the calling thread into the loop until `stop()`.
    package func run() {
        let former = unsafe clinux_current_loop()
        unsafe clinux_set_current_loop(Unmanaged.passUnretained(self).toOpaque())
        defer { unsafe clinux_set_current_loop(former) }
        let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: Self.eventsPerCall)
        defer { unsafe events.deallocate() }
        while !isStopping.load(ordering: .acquiring) {
            drainInbox()
            runJobs()
            let count = unsafe clinux_epoll_wait(
                epoll,
                events,
                Int32(Self.eventsPerCall),
                waitNanoseconds()
            )
            // EINTR and the like: nothing was delivered, look again.
            for index in 0..<Int(max(0, count)) {
                let data = unsafe clinux_event_data(events, Int32(index))
                let flags = unsafe clinux_event_flags(events, Int32(index))
                dispatch(data, Readiness(epoll: flags))
            }
            fireTimers()
        }
        drainInbox()
        runJobs()
    }

    /// Ends `run()` after the jobs at hand; any thread.
    package func stop() {
        isStopping.store(true, ordering: .releasing)
        wakeUp()
    }

    private func waitNanoseconds() -> Int64 {
        if !local.isEmpty || !closures.isEmpty || isStopping.load(ordering: .acquiring) { return 0 }
        guard let deadline = timers.nextDeadline else { return -1 }
        return max(0, deadline - Loop.monotonicNanoseconds())
    }

    private func dispatch(_ data: UInt64, _ readiness: Readiness) {
        let descriptor = Int32(truncatingIfNeeded: data & 0xFFFF_FFFF)
        if descriptor == wake {
            var value: UInt64 = 0
            _ = unsafe read(wake, &value, 8)
            return
        }
        let generation = UInt32(truncatingIfNeeded: data >> 32)
        // The handler may watch and unwatch: it is called when the table is at rest.
        descriptors.deliver(readiness, to: descriptor, generation: generation)?.ready(readiness)
    }

    private func fireTimers() {
        guard timers.nextDeadline != nil else { return }
        let now = Loop.monotonicNanoseconds()
        while let action = timers.popDue(now: now) { action() }
    }

    private func drainInbox() {
        inbox.withLock { inbox in
            inbox.isWoken = false
            if !inbox.jobs.isEmpty {
                local.append(contentsOf: inbox.jobs)
                inbox.jobs.removeAll(keepingCapacity: true)
            }
            if !inbox.closures.isEmpty {
                closures.append(contentsOf: inbox.closures)
                inbox.closures.removeAll(keepingCapacity: true)
            }
        }
    }

    private func runJobs() {
        if !closures.isEmpty {
            let due = closures
            closures.removeAll()
            for closure in due { closure() }
        }
        guard !local.isEmpty else { return }
        swap(&batch, &local)
        let serial = unsafe asUnownedSerialExecutor()
        let tasks = unsafe asUnownedTaskExecutor()
        for job in batch {
            unsafe job.runSynchronously(isolatedTo: serial, taskExecutor: tasks)
        }
        batch.removeAll(keepingCapacity: true)
    }

    // MARK: - From any thread

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent {
            local.append(job)
            return
        }
        let mustWake = inbox.withLock { inbox in
            inbox.jobs.append(job)
            defer { inbox.isWoken = true }
            return !inbox.isWoken
        }
        if mustWake { wakeUp() }
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        unsafe UnownedSerialExecutor(ordinary: self)
    }

    package func asUnownedTaskExecutor() -> UnownedTaskExecutor {
        unsafe UnownedTaskExecutor(ordinary: self)
    }

    /// Runs a closure on the loop, after what the loop is doing now; any thread.
    package func execute(_ body: @escaping @Sendable () -> Void) {
        if isCurrent {
            closures.append(body)
            return
        }
        let mustWake = inbox.withLock { inbox in
            inbox.closures.append(body)
            defer { inbox.isWoken = true }
            return !inbox.isWoken
        }
        if mustWake { wakeUp() }
    }

    /// Starts a task whose async code runs on the loop; any thread. The caller owns the task.
    @discardableResult
    package func spawn<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) -> Task<Value, any Error> {
        Task(executorPreference: self) { try await body() }
    }

    private func wakeUp() {
        var one: UInt64 = 1
        _ = unsafe write(wake, &one, 8)
    }

    // MARK: - Descriptors

    /// Delivers the readiness of a descriptor to a handler until `unwatch`; on the loop.
    ///
    /// Throws `SystemError` when the descriptor cannot be polled.
    package func watch(
        _ descriptor: Int32,
        _ handler: any ReadinessHandler
    ) throws(SystemError) {
        assert(isCurrent, "watch is called on the loop's thread")
        let generation = descriptors.open(descriptor, handler: handler)
        try register(descriptor, generation)
    }

    /// Ends what `watch` began; call it before closing the descriptor; on the loop.
    package func unwatch(_ descriptor: Int32) {
        detach(descriptor)
    }

    /// Makes a descriptor awaitable with `readable` and `writable` until `detach`; on the loop.
    package func attach(_ descriptor: Int32) throws(SystemError) {
        assert(isCurrent, "attach is called on the loop's thread")
        let generation = descriptors.open(descriptor, handler: nil)
        try register(descriptor, generation)
    }

    /// Ends what `attach` began; waiters resume with an error; call it before closing; on the loop.
    package func detach(_ descriptor: Int32) {
        assert(isCurrent, "detach is called on the loop's thread")
        guard descriptors.shut(descriptor) else { return }
        _ = clinux_epoll_control(epoll, Int32(EPOLL_CTL_DEL), descriptor, 0, 0)
    }

    private func register(_ descriptor: Int32, _ generation: UInt32) throws(SystemError) {
        let interest =
            EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
        let data = UInt64(generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
        let status = clinux_epoll_control(epoll, Int32(EPOLL_CTL_ADD), descriptor, interest, data)
        if status < 0 {
            _ = descriptors.shut(descriptor)
            throw SystemError(
                call: "epoll_ctl",
                object: "descriptor \(descriptor)",
                code: -status
            )
        }
    }

    /// Waits until the descriptor can be read, or its peer hung up; on the loop.
    ///
    /// Throws `CancellationError` when the task is cancelled, `SystemError` (EBADF) when it is detached meanwhile.
    package func readable(_ descriptor: Int32) async throws {
        guard !descriptors.takeLatch(descriptor, .wakesReader) else { return }
        try await wait(for: descriptor, isReader: true)
    }

    /// Waits until the descriptor can be written; on the loop. Throws as `readable`.
    package func writable(_ descriptor: Int32) async throws {
        guard !descriptors.takeLatch(descriptor, .wakesWriter) else { return }
        try await wait(for: descriptor, isReader: false)
    }

    private func wait(for descriptor: Int32, isReader: Bool) async throws {
        nextWaiter += 1
        let id = nextWaiter
        try await withTaskCancellationHandler {
            try Task.checkCancellation()
            try await unsafe withUnsafeThrowingContinuation {
                (continuation: UnsafeContinuation<Void, any Error>) in
                let waiter = unsafe Waiter(id: id, continuation)
                descriptors.await(descriptor, isReader: isReader, waiter)
            }
        } onCancel: {
            execute { self.descriptors.cancelWaiter(id, of: descriptor) }
        }
    }

    // MARK: - Time

    /// Nanoseconds of CLOCK_MONOTONIC.
    package static func monotonicNanoseconds() -> Int64 { clinux_monotonic_ns() }

    /// Microseconds since the Unix epoch, UTC.
    package static func wallMicroseconds() -> Int64 { clinux_wall_us() }

    /// Calls a closure once after a delay, on the loop; on the loop.
    @discardableResult
    package func after(_ delay: Duration, _ body: @escaping () -> Void) -> TimerToken {
        assert(isCurrent, "after is called on the loop's thread")
        let deadline = Loop.monotonicNanoseconds() + max(0, delay.nanosecondsClamped)
        return timers.add(deadline: deadline, body)
    }

    /// Forgets a timer; harmless when it fired already; on the loop.
    package func cancel(_ timer: TimerToken) {
        assert(isCurrent, "cancel is called on the loop's thread")
        timers.cancel(timer)
    }

    /// Waits; on the loop. Throws `CancellationError` at once when the task is cancelled.
    package func sleep(for delay: Duration) async throws {
        let sleeper = Sleeper()
        try await withTaskCancellationHandler {
            try Task.checkCancellation()
            try await unsafe withUnsafeThrowingContinuation {
                (continuation: UnsafeContinuation<Void, any Error>) in
                sleeper.waiter = unsafe Waiter(id: 0, continuation)
                sleeper.timer = after(delay) { sleeper.resume(throwing: nil) }
            }
        } onCancel: {
            execute {
                if let timer = sleeper.timer { self.cancel(timer) }
                sleeper.resume(throwing: CancellationError())
            }
        }
    }
}

// Unchecked: touched only on the loop's thread (the timer and `execute` both run there).
private final class Sleeper: @unchecked Sendable {
    var waiter: Waiter?
    var timer: TimerToken?

    func resume(throwing error: (any Error)?) {
        guard let waiting = waiter else { return }
        waiter = nil
        if let error {
            waiting.resume(throwing: error)
        } else {
            waiting.resume()
        }
    }
}

extension Duration {
    /// Whole nanoseconds, at most about 292 years.
    package var nanosecondsClamped: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? (seconds < 0 ? .min : .max) : scaled &+ attoseconds / 1_000_000_000
    }
}
