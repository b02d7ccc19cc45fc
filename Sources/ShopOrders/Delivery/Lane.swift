import ShopCore

/// The commands for one service: a queue, and so many deliveries at once; a value.
struct Lane: Sendable {
    /// The most deliveries at once.
    let limit: Int
    /// How many deliveries run now.
    private(set) var running = 0
    private var queue: [OutboxCommand] = []
    private var head = 0

    init(limit: Int) {
        precondition(limit >= 1, "a lane of no deliveries delivers nothing")
        self.limit = limit
    }

    /// How many commands wait.
    var waiting: Int { queue.count - head }

    mutating func add(_ command: OutboxCommand) {
        queue.append(command)
    }

    /// The next command to deliver, when there is one and room for it; ends with `finished`.
    mutating func start() -> OutboxCommand? {
        guard running < limit, head < queue.count else { return nil }
        running += 1
        defer {
            head += 1
            if head == queue.count || head > 1024 {
                queue.removeFirst(head)
                head = 0
            }
        }
        return queue[head]
    }

    mutating func finished() {
        precondition(running > 0, "more deliveries ended than began")
        running -= 1
    }
}
