/// Names a timer for cancelling it.
package struct TimerToken: Hashable, Sendable {
    let id: UInt64
}

/// The timers of a loop: a binary heap by deadline; cancelled ones are skipped when they surface.
struct TimerHeap {
    private struct Entry {
        var deadline: Int64
        var id: UInt64
    }

    private var heap: [Entry] = []
    private var actions: [UInt64: () -> Void] = [:]
    private var nextID: UInt64 = 0

    /// Nanoseconds of CLOCK_MONOTONIC at which the next timer is due.
    var nextDeadline: Int64? { heap.first?.deadline }

    mutating func add(deadline: Int64, _ action: @escaping () -> Void) -> TimerToken {
        nextID += 1
        actions[nextID] = action
        heap.append(Entry(deadline: deadline, id: nextID))
        siftUp(heap.count - 1)
        return TimerToken(id: nextID)
    }

    /// Forgets a timer; harmless when it fired already.
    mutating func cancel(_ token: TimerToken) {
        actions[token.id] = nil
        // Cancelled entries wait for their turn in the heap; more than half of them are swept out.
        guard heap.count > 2 * actions.count + 1024 else { return }
        heap = heap.filter { actions[$0.id] != nil }
        heap.sort { ($0.deadline, $0.id) < ($1.deadline, $1.id) }
    }

    /// The action of a timer that is due, removed.
    mutating func popDue(now: Int64) -> (() -> Void)? {
        while let first = heap.first, first.deadline <= now {
            removeFirst()
            if let action = actions.removeValue(forKey: first.id) { return action }
        }
        return nil
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
