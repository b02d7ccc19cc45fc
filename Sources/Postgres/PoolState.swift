/// Who holds what in a pool, as a value: no input or output, no clock.
///
/// `Item` is a connection; waiters are known by number and served in the order of their numbers.
struct PoolState<Item> {
    /// What a caller that asks for a connection must do.
    enum Grant {
        /// Use this connection.
        case lend(Item)
        /// Open a connection; its place is already counted.
        case open
        /// Wait under this number.
        case wait(Int)
        /// Every place is taken and the queue is full.
        case refuse
        /// The pool is closed.
        case closed
    }

    /// What a place that became free means for the first waiter.
    enum Handover {
        case lend(Item, to: Int)
        case open(waiter: Int)
        case none
    }

    /// How many connections there may be.
    let size: Int
    /// How many callers may wait.
    let waitersMax: Int
    /// Connections that nobody uses; the most recently used one is last and lent first.
    private(set) var idle: [Item] = []
    /// Places that are lent or being opened.
    private(set) var taken = 0
    private(set) var waiters: [Int] = []
    private(set) var isClosed = false
    private var numbers = 0

    init(size: Int, waitersMax: Int) {
        precondition(size > 0 && waitersMax >= 0)
        self.size = size
        self.waitersMax = waitersMax
    }

    /// A caller wants a connection; `isUsable` sorts out idle ones that broke meanwhile.
    mutating func request(isUsable: (Item) -> Bool) -> Grant {
        if isClosed { return .closed }
        // Whoever waits goes first.
        if waiters.isEmpty {
            while let item = idle.popLast() {
                guard isUsable(item) else { continue }
                taken += 1
                return .lend(item)
            }
            if taken < size {
                taken += 1
                return .open
            }
        }
        guard waiters.count < waitersMax else { return .refuse }
        numbers += 1
        waiters.append(numbers)
        return .wait(numbers)
    }

    /// A lent connection comes back in good order.
    mutating func giveBack(_ item: Item) -> Handover {
        taken -= 1
        if isClosed { return .none }
        guard let waiter = nextWaiter() else {
            idle.append(item)
            return .none
        }
        taken += 1
        return .lend(item, to: waiter)
    }

    /// A lent connection is gone, or one could not be opened.
    mutating func discard() -> Handover {
        taken -= 1
        guard !isClosed, let waiter = nextWaiter() else { return .none }
        taken += 1
        return .open(waiter: waiter)
    }

    /// A waiter gave up; false when it had been served already.
    mutating func giveUp(_ waiter: Int) -> Bool {
        guard let index = waiters.firstIndex(of: waiter) else { return false }
        waiters.remove(at: index)
        return true
    }

    /// Closes the pool; returns whom to tell and what to close.
    mutating func close() -> (waiters: [Int], idle: [Item]) {
        isClosed = true
        defer {
            waiters = []
            idle = []
        }
        return (waiters, idle)
    }

    private mutating func nextWaiter() -> Int? {
        waiters.isEmpty ? nil : waiters.removeFirst()
    }
}
