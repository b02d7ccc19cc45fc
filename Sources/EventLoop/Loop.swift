internal import CLinux
internal import Glibc
internal import Synchronization

/// One epoll loop on one thread; a serial executor and a task executor, so that async code runs on
/// it.
///
/// Everything below "on the loop" must be called on the loop's thread; a debug build traps
/// otherwise.
///
/// A loop that was stopped resumes everybody who still waits on it with `SystemError` (ECANCELED).
/// What reaches it afterwards — jobs of its tasks, closures — runs on the thread that brings it,
/// one at a time, so that cancelled tasks still end and descriptors are still closed; nobody can
/// wait on it any more.
// Unchecked: loop-confined state is touched only on the loop's thread; what crosses threads is
// behind the mutex.
package final class Loop: SerialExecutor, TaskExecutor, @unchecked Sendable {
    /// Shown in diagnostics; its first 15 bytes are the thread's name.
    package let label: String

    private struct Inbox {
        var jobs: [UnownedJob] = []
        var closures: [@Sendable () -> Void] = []
        var isWoken = false
        /// `run()` is over.
        var hasEnded = false
        /// After the end: some thread carries out what the inbox holds.
        var isLent = false

        var isEmpty: Bool { jobs.isEmpty && closures.isEmpty }
    }

    private enum Duty { case none, wake, lend }

    let epoll: Int32
    private let wake: Int32
    private let inbox = Mutex(Inbox())
    private let isStopping = Atomic<Bool>(false)

    // Touched only on the loop's thread.
    private var local: [UnownedJob] = []
    private var batch: [UnownedJob] = []
    private var closures: [@Sendable () -> Void] = []
    private var closureBatch: [@Sendable () -> Void] = []
    var descriptors = DescriptorTable()
    var timers = TimerHeap()
    var nextWaiter: UInt64 = 0
    /// Another thread may have put something into the inbox.
    private var isCalled = true

    /// Above this, nanoseconds, a wait ends a little early and a short one follows: the kernel lets
    /// one that waits for descriptors be late by a thousandth of its length.
    private static let longWait: Int64 = 1_000_000

    /// Events taken from the kernel in one call.
    private static let eventsPerCall = 256
    /// How often a stopped loop still goes round for tasks that end because of it.
    private static let lastRounds = 1000

    /// Makes a loop that does not run yet.
    ///
    /// Throws `SystemError` when the kernel refuses an epoll or event descriptor (EMFILE, ENFILE).
    package init(label: String) throws(SystemError) {
        self.label = label
        clinux_ignore_sigpipe()
        let object = "the loop \(label)"
        epoll = try SystemError.check(clinux_epoll_create(), call: "epoll_create1", object: object)
        do {
            wake = try SystemError.check(clinux_eventfd(), call: "eventfd", object: object)
        } catch {
            close(epoll)
            throw error
        }
        let added = clinux_epoll_control(
            epoll,
            Int32(EPOLL_CTL_ADD),
            wake,
            EPOLLIN.rawValue,
            UInt64(UInt32(bitPattern: wake))
        )
        _ = try SystemError.check(added, call: "epoll_ctl", object: object)
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
                let loop = unsafe Unmanaged<Loop>.fromOpaque(pointer).takeRetainedValue()
                unsafe clinux_name_thread(String(loop.label.utf8.prefix(15)) ?? "loop")
                loop.run()
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

    /// Turns the calling thread into the loop until `stop()`; once in a loop's life.
    package func run() {
        whileCurrent {
            let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: Self.eventsPerCall)
            defer { unsafe events.deallocate() }
            while !isStopping.load(ordering: .acquiring) {
                // Who puts something in wakes the loop: a look without a call finds nothing.
                if isCalled { takeInbox() }
                runJobs()
                unsafe poll(events)
                fireTimers()
            }
            finish()
        }
    }

    /// Ends `run()` after the jobs at hand; any thread.
    ///
    /// Whoever waits on the loop gets ECANCELED.
    package func stop() {
        isStopping.store(true, ordering: .releasing)
        wakeUp()
    }

    /// Whether `stop()` was called: nothing can be waited for any more.
    var isStopped: Bool { isStopping.load(ordering: .acquiring) }

    private func whileCurrent(_ body: () -> Void) {
        let former = unsafe clinux_current_loop()
        unsafe clinux_set_current_loop(Unmanaged.passUnretained(self).toOpaque())
        body()
        unsafe clinux_set_current_loop(former)
    }

    private func poll(_ events: UnsafeMutablePointer<epoll_event>) {
        let count = unsafe clinux_epoll_wait(
            epoll,
            events,
            Int32(Self.eventsPerCall),
            waitNanoseconds()
        )
        // EINTR: nothing was delivered, look again. Other errors are ours alone: the descriptor is
        // bad.
        precondition(count >= 0 || count == -EINTR, "epoll_pwait2 failed with errno \(-count)")
        for index in 0..<max(0, count) {
            let data = unsafe clinux_event_data(events, index)
            let flags = unsafe clinux_event_flags(events, index)
            dispatch(data, Readiness(epoll: flags))
        }
    }

    private func waitNanoseconds() -> Int64 {
        if !local.isEmpty || !closures.isEmpty || isStopped { return 0 }
        guard let deadline = timers.nextDeadline else { return -1 }
        let remaining = max(0, deadline - Loop.monotonicNanoseconds())
        return remaining > Self.longWait ? remaining - remaining / 500 : remaining
    }

    private func dispatch(_ data: UInt64, _ readiness: Readiness) {
        let descriptor = Int32(truncatingIfNeeded: data & 0xFFFF_FFFF)
        if descriptor == wake {
            var value: UInt64 = 0
            _ = unsafe read(wake, &value, 8)
            isCalled = true
            return
        }
        let generation = UInt32(truncatingIfNeeded: data >> 32)
        // The handler may watch and unwatch: it is called when the table is at rest.
        if let handler = descriptors.handler(of: descriptor, generation: generation) {
            handler.ready(readiness)
        } else {
            descriptors.deliver(readiness, to: descriptor, generation: generation)
        }
    }

    private func fireTimers() {
        guard timers.nextDeadline != nil else { return }
        let now = Loop.monotonicNanoseconds()
        while let action = timers.popDue(now: now) { action.fire() }
    }

    private func takeInbox() {
        isCalled = false
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
            swap(&closureBatch, &closures)
            for closure in closureBatch { closure() }
            closureBatch.removeAll(keepingCapacity: true)
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

    /// Lets everybody who waits go, and what they do then run to its end, as far as it ends.
    private func finish() {
        for _ in 0..<Self.lastRounds {
            let stopped = SystemError.stopped(label)
            for waiter in descriptors.takeWaiters() { waiter.resume(throwing: stopped) }
            for action in timers.takeAll() { action.abandon(stopped) }
            takeInbox()
            runJobs()
            guard local.isEmpty, closures.isEmpty else { continue }
            let isOver = inbox.withLock { inbox in
                inbox.hasEnded = inbox.isEmpty
                return inbox.hasEnded
            }
            if isOver { break }
        }
        inbox.withLock { $0.hasEnded = true }
    }

    // MARK: - From any thread

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent {
            local.append(job)
        } else {
            post { $0.jobs.append(job) }
        }
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        unsafe UnownedSerialExecutor(ordinary: self)
    }

    package func asUnownedTaskExecutor() -> UnownedTaskExecutor {
        unsafe UnownedTaskExecutor(ordinary: self)
    }

    package func checkIsolated() {
        precondition(isCurrent, "this is called on the thread of the loop \(label)")
    }

    /// Runs a closure on the loop, after what the loop is doing now; any thread.
    package func execute(_ body: @escaping @Sendable () -> Void) {
        if isCurrent {
            closures.append(body)
        } else {
            post { $0.closures.append(body) }
        }
    }

    /// Starts a task whose async code runs on the loop; any thread.
    ///
    /// The caller owns the task.
    @discardableResult
    package func spawn<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) -> Task<Value, any Error> {
        Task(executorPreference: self) { try await body() }
    }

    private func post(_ add: (inout Inbox) -> Void) {
        let duty = inbox.withLock { inbox -> Duty in
            add(&inbox)
            if inbox.hasEnded {
                defer { inbox.isLent = true }
                return inbox.isLent ? .none : .lend
            }
            defer { inbox.isWoken = true }
            return inbox.isWoken ? .none : .wake
        }
        switch duty {
        case .none: break
        case .wake: wakeUp()
        case .lend: lend()
        }
    }

    /// After the end: the calling thread stands in for the loop until the inbox is empty.
    private func lend() {
        whileCurrent {
            repeat {
                takeInbox()
                while !local.isEmpty || !closures.isEmpty { runJobs() }
            } while inbox.withLock { inbox in
                inbox.isLent = !inbox.isEmpty
                return inbox.isLent
            }
        }
    }

    private func wakeUp() {
        var one: UInt64 = 1
        _ = unsafe write(wake, &one, 8)
    }
}
