import CPostgres
import EventLoop
import Glibc

/// How long a call may take and whether cancelling its task cuts it short.
struct Patience {
    /// The end, in nanoseconds of `CLOCK_MONOTONIC`.
    let deadline: Int64
    /// False for COMMIT and ROLLBACK, which must run to their end in a cancelled task too.
    var heedsCancellation = true

    init(_ timeout: Duration, heedsCancellation: Bool = true) {
        let (seconds, attoseconds) = timeout.components
        let bounded = min(max(seconds, 0), 1_000_000_000)
        let fraction = seconds < 0 ? 0 : attoseconds / 1_000_000_000
        deadline = Loop.monotonicNanoseconds() + bounded * 1_000_000_000 + fraction
        self.heedsCancellation = heedsCancellation
    }

    /// What is left, never negative.
    var remaining: Duration { .nanoseconds(max(0, deadline - Loop.monotonicNanoseconds())) }
}

/// A libpq connection and its place on the loop; owns the pointer and nothing else does.
///
/// `@unchecked Sendable` because the loop's timers and cancellation handlers carry it across
/// closures; every method runs on the loop's thread, which `claim` checks.
@safe final class ConnectionHandle: ReadinessHandler, @unchecked Sendable {
    /// Why a wait ended.
    enum Wake: Sendable { case ready, expired, cancelled, closed }

    @safe private struct Waiter {
        var serial: Int
        var interest: Readiness
        var continuation: UnsafeContinuation<Wake, Never>
        var timer: TimerToken
    }

    let loop: Loop
    /// `nil` once closed.
    private(set) var pointer: OpaquePointer?
    /// Whether a statement is under way; libpq allows one at a time.
    var isBusy = false
    /// Where notifications go.
    var notificationSink: ((PostgresNotification) -> Void)?
    /// Called once when the connection is closed, by whomever.
    var closeSink: (() -> Void)?
    let notices = NoticeBox()
    private var watched: Int32 = -1
    private var waiter: Waiter?
    private var serial = 0

    init(adopting pointer: OpaquePointer, loop: Loop) {
        unsafe self.pointer = pointer
        self.loop = loop
        unsafe notices.receive(from: pointer)
    }

    deinit {
        if let pointer = unsafe pointer { unsafe PQfinish(pointer) }
    }

    /// Traps on another thread; throws when the connection is closed.
    func claim(lossIsDefinite: Bool = true) throws(PostgresError) -> OpaquePointer {
        precondition(loop.isCurrent, "a PostgreSQL connection is used outside of its loop")
        guard let pointer = unsafe pointer else {
            throw PostgresError(
                .connection,
                "the connection is closed. Open another one.",
                isDefinite: lossIsDefinite
            )
        }
        return unsafe pointer
    }

    // MARK: The socket

    /// Starts watching the socket that libpq uses now.
    func watch() throws(PostgresError) {
        let descriptor = unsafe PQsocket(try claim())
        do {
            try loop.watch(descriptor, self)
            watched = descriptor
        } catch {
            throw PostgresError(.connection, "\(error)", isDefinite: true)
        }
    }

    /// Stops watching; must precede every call that may close the socket.
    func unwatch() {
        guard watched >= 0 else { return }
        loop.unwatch(watched)
        watched = -1
    }

    func ready(_ readiness: Readiness) {
        guard let waiting = waiter else {
            // While a statement runs it reads by itself; otherwise these are notifications, or the
            // server's end.
            if !isBusy && !readiness.isDisjoint(with: [.readable, .hangup, .error]) { idleRead() }
            return
        }
        let ends: Readiness = [.hangup, .error]
        guard !readiness.isDisjoint(with: waiting.interest.union(ends)) else { return }
        wake(waiting.serial, .ready)
    }

    /// Suspends until the socket is ready for one of the interests.
    ///
    /// The loop is edge-triggered, so the level is asked for first: bytes that libpq left in the
    /// socket raise no further edge.
    func wait(for interest: Readiness, _ patience: Patience) async -> Wake {
        guard unsafe pointer != nil else { return .closed }
        if isReady(for: interest) { return patience.remaining == .zero ? .expired : .ready }
        serial += 1
        let mine = serial
        guard patience.heedsCancellation else { return await park(mine, interest, patience) }
        return await withTaskCancellationHandler {
            await park(mine, interest, patience)
        } onCancel: {
            loop.execute { self.wake(mine, .cancelled) }
        }
    }

    private func park(_ mine: Int, _ interest: Readiness, _ patience: Patience) async -> Wake {
        await unsafe withUnsafeContinuation { continuation in
            if patience.heedsCancellation && Task.isCancelled {
                unsafe continuation.resume(returning: .cancelled)
                return
            }
            // The way here may have led through the loop's queue: an edge may have come and gone.
            if unsafe pointer == nil || isReady(for: interest) {
                unsafe continuation.resume(returning: unsafe pointer == nil ? .closed : .ready)
                return
            }
            let timer = loop.after(patience.remaining) { [weak self] in
                self?.wake(mine, .expired)
            }
            unsafe waiter = Waiter(
                serial: mine,
                interest: interest,
                continuation: continuation,
                timer: timer
            )
        }
    }

    private func wake(_ serial: Int, _ reason: Wake) {
        guard let waiting = waiter, waiting.serial == serial else { return }
        waiter = nil
        loop.cancel(waiting.timer)
        unsafe waiting.continuation.resume(returning: reason)
    }

    private func idleRead() {
        repeat {
            guard let pointer = unsafe pointer else { return }
            guard unsafe PQconsumeInput(pointer) == 1, isGood else {
                close()
                return
            }
        } while isReady(for: .readable)
        drainNotifications()
    }

    /// Passes on the notifications that libpq has read.
    func drainNotifications() {
        while let pointer = unsafe pointer, let notify = unsafe PQnotifies(pointer) {
            let notification = PostgresNotification(
                channel: unsafe String(cString: notify.pointee.relname),
                payload: unsafe String(cString: notify.pointee.extra),
                processID: unsafe notify.pointee.be_pid
            )
            unsafe PQfreemem(notify)
            notificationSink?(notification)
        }
    }

    private func isReady(for interest: Readiness) -> Bool {
        var events: Int32 = 0
        if interest.contains(.readable) { events |= POLLIN }
        if interest.contains(.writable) { events |= POLLOUT }
        var request = pollfd(fd: watched, events: Int16(events), revents: 0)
        return unsafe poll(&request, 1, 0) > 0
    }

    // MARK: The end

    /// Tells the server to stop the running statement (without waiting) and closes.
    func abandon() {
        if let pointer = unsafe pointer { unsafe CancelRequest(pointer)?.sendDetached() }
        close()
    }

    /// Closes the connection; closing twice is harmless.
    func close() {
        unwatch()
        notificationSink = nil
        guard let pointer = unsafe pointer else { return }
        unsafe self.pointer = nil
        unsafe PQfinish(pointer)
        if let waiting = waiter { wake(waiting.serial, .closed) }
        let sink = closeSink
        closeSink = nil
        sink?()
    }

    /// libpq's last error text, without its trailing newline.
    var errorText: String {
        guard let pointer = unsafe pointer, let text = unsafe PQerrorMessage(pointer) else {
            return "the connection is closed"
        }
        return unsafe String(cString: text).trimmed
    }

    /// Whether libpq still considers the connection good.
    var isGood: Bool {
        guard let pointer = unsafe pointer else { return false }
        return unsafe PQstatus(pointer) == CONNECTION_OK
    }
}

extension String {
    /// Without newlines and blanks at its end.
    var trimmed: String {
        var text = Substring(self)
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}
