import Synchronization

/// Wakes one waiter, again and again; rings that come while it is busy are one ring.
///
/// The waiter looks at the state after each `wait`; then nothing is missed.
package final class Doorbell: Sendable {
    private let ticket = Mutex(Wakeups.Ticket())

    package init() {}

    package func ring() { ticket.withLock { $0 }.fire() }

    /// Returns when somebody rang since the last wait, the time is over, or the task is cancelled;
    /// on a loop.
    package func wait(atMost limit: Duration) async {
        await ticket.withLock { $0 }.wait(atMost: limit)
        ticket.withLock { $0 = Wakeups.Ticket() }
    }
}
