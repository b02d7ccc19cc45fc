/// Names a timer for cancelling it.
package struct TimerToken: Hashable, Sendable {
    let id: UInt64
}

/// What a timer does when its time has come.
enum TimerAction {
    case call(() -> Void)
    case wake(Sleeper)

    func fire() {
        switch self {
        case .call(let body): body()
        case .wake(let sleeper): sleeper.resume(throwing: nil)
        }
    }

    /// The loop ends before the time has come: sleepers learn it, other closures are forgotten.
    func abandon(_ error: SystemError) {
        guard case .wake(let sleeper) = self else { return }
        sleeper.resume(throwing: error)
    }
}

/// The timers of a loop: a binary heap by deadline; cancelled ones leave it when they surface.
///
/// The first entry is never a cancelled one: a loop without live timers asks no clock and sleeps
/// without a deadline, which costs the kernel a timer less.
///
/// Removed actions are handed out, never dropped inside: what they captured may come back to the
/// heap.
struct TimerHeap {
    private struct Entry {
        var deadline: Int64
        var id: UInt64
    }

    private var heap: [Entry] = []
    private var actions: [UInt64: TimerAction] = [:]
    private var nextID: UInt64 = 0

    /// Cancelled entries that may wait for their turn, beyond as many as there are live ones.
    private static let cancelledKept = 1024

    /// Nanoseconds of CLOCK_MONOTONIC at which the next timer is due.
    var nextDeadline: Int64? { heap.first?.deadline }

    /// Entries held, cancelled ones included.
    var entryCount: Int { heap.count }

    mutating func add(deadline: Int64, _ action: TimerAction) -> TimerToken {
        nextID += 1
        actions[nextID] = action
        heap.append(Entry(deadline: deadline, id: nextID))
        siftUp(heap.count - 1)
        return TimerToken(id: nextID)
    }

    /// Forgets a timer and returns its action; `nil` when it fired already.
    mutating func remove(_ token: TimerToken) -> TimerAction? {
        let action = actions.removeValue(forKey: token.id)
        removeCancelled()
        if heap.count > 2 * actions.count + Self.cancelledKept {
            heap = heap.filter { actions[$0.id] != nil }
            heap.sort { ($0.deadline, $0.id) < ($1.deadline, $1.id) }
        }
        return action
    }

    /// The action of a timer that is due, removed; earlier deadlines first, then earlier made.
    mutating func popDue(now: Int64) -> TimerAction? {
        while let first = heap.first, first.deadline <= now {
            removeFirst()
            let action = actions.removeValue(forKey: first.id)
            removeCancelled()
            if let action { return action }
        }
        return nil
    }

    private mutating func removeCancelled() {
        while let first = heap.first, actions[first.id] == nil { removeFirst() }
    }

    /// All actions, removed.
    mutating func takeAll() -> [TimerAction] {
        let all = Array(actions.values)
        heap = []
        actions = [:]
        return all
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        (heap[left].deadline, heap[left].id) < (heap[right].deadline, heap[right].id)
    }

    private mutating func siftUp(_ start: Int) {
        var index = start
        while index > 0, isBefore(index, (index - 1) / 2) {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    private mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var index = 0
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2]
            where child < heap.count && isBefore(child, least) {
                least = child
            }
            guard least != index else { return }
            heap.swapAt(index, least)
            index = least
        }
    }
}
