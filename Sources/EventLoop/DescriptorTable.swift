internal import Glibc

/// A suspended task; whoever holds it resumes it exactly once.
@safe
struct Waiter {
    var id: UInt64
    private let continuation: UnsafeContinuation<Void, any Error>

    init(id: UInt64, _ continuation: UnsafeContinuation<Void, any Error>) {
        self.id = id
        unsafe self.continuation = unsafe continuation
    }

    func resume() { unsafe continuation.resume() }
    func resume(throwing error: any Error) { unsafe continuation.resume(throwing: error) }
}

/// What a loop knows of each descriptor: who waits for it, and readiness seen while nobody waited.
///
/// Slots are indexed by the number itself: the kernel gives the lowest free one, so the table stays
/// dense.
struct DescriptorTable {
    enum Side { case readable, writable }

    private struct Slot {
        var isOpen = false
        /// Grows with each use of the number: events of a closed descriptor never reach its
        /// successor.
        var generation: UInt32 = 0
        var handler: (any ReadinessHandler)?
        var reader: Waiter?
        var writer: Waiter?
        var latch: Readiness = []
    }

    /// What a use of a descriptor leaves behind; let go of it outside of the table.
    struct Closed {
        let descriptor: Int32
        let handler: (any ReadinessHandler)?
        let waiters: [Waiter]

        func resumeWaiters() {
            for waiter in waiters { waiter.resume(throwing: DescriptorTable.closed(descriptor)) }
        }
    }

    private var slots: [Slot] = []

    /// Begins a use of a descriptor and returns its generation; it is not open.
    mutating func open(_ descriptor: Int32, handler: (any ReadinessHandler)?) -> UInt32 {
        precondition(descriptor >= 0, "a descriptor is not negative")
        while slots.count <= Int(descriptor) { slots.append(Slot()) }
        let generation = slots[Int(descriptor)].generation &+ 1
        slots[Int(descriptor)] = Slot(isOpen: true, generation: generation, handler: handler)
        return generation
    }

    /// Ends a use; `nil` when there was none.
    mutating func shut(_ descriptor: Int32) -> Closed? {
        guard isOpen(descriptor) else { return nil }
        let slot = slots[Int(descriptor)]
        slots[Int(descriptor)] = Slot(generation: slot.generation)
        return Closed(
            descriptor: descriptor,
            handler: slot.handler,
            waiters: [slot.reader, slot.writer].compactMap(\.self)
        )
    }

    /// Who is called with the readiness of a use, outside of this table; `nil` when tasks wait.
    func handler(of descriptor: Int32, generation: UInt32) -> (any ReadinessHandler)? {
        let index = Int(descriptor)
        guard index < slots.count, slots[index].generation == generation else { return nil }
        return slots[index].handler
    }

    /// Resumes waiters or latches.
    mutating func deliver(
        _ readiness: Readiness,
        to descriptor: Int32,
        generation: UInt32
    ) {
        let index = Int(descriptor)
        guard isOpen(descriptor), slots[index].generation == generation else { return }
        if !readiness.isDisjoint(with: .wakesReader) {
            if let waiter = slots[index].reader {
                slots[index].reader = nil
                waiter.resume()
            } else {
                slots[index].latch.insert(.readable)
            }
        }
        if !readiness.isDisjoint(with: .wakesWriter) {
            if let waiter = slots[index].writer {
                slots[index].writer = nil
                waiter.resume()
            } else {
                slots[index].latch.insert(.writable)
            }
        }
    }

    /// Whether readiness was seen while nobody waited; forgets it.
    mutating func takeLatch(_ descriptor: Int32, _ side: Side) -> Bool {
        guard isOpen(descriptor) else { return false }
        return slots[Int(descriptor)].latch.remove(side == .readable ? .readable : .writable) != nil
    }

    /// Lets a task wait.
    ///
    /// One reader and one writer per descriptor: a second one is a programmer's error.
    mutating func await(_ descriptor: Int32, _ side: Side, _ waiter: Waiter) {
        guard isOpen(descriptor) else {
            waiter.resume(throwing: Self.closed(descriptor))
            return
        }
        // Readiness may have come between the caller's look at the latch and this call.
        guard !takeLatch(descriptor, side) else {
            waiter.resume()
            return
        }
        let index = Int(descriptor)
        switch side {
        case .readable:
            precondition(slots[index].reader == nil, "one reader waits per descriptor")
            slots[index].reader = waiter
        case .writable:
            precondition(slots[index].writer == nil, "one writer waits per descriptor")
            slots[index].writer = waiter
        }
    }

    /// Ends one wait; harmless when it is over.
    mutating func cancelWaiter(_ id: UInt64, of descriptor: Int32) {
        guard isOpen(descriptor) else { return }
        let index = Int(descriptor)
        if let waiter = slots[index].reader, waiter.id == id {
            slots[index].reader = nil
            waiter.resume(throwing: CancellationError())
        }
        if let waiter = slots[index].writer, waiter.id == id {
            slots[index].writer = nil
            waiter.resume(throwing: CancellationError())
        }
    }

    /// Resumes whoever waits with an error; the descriptor stays open.
    mutating func fail(_ descriptor: Int32, with error: SystemError) {
        guard isOpen(descriptor) else { return }
        let slot = slots[Int(descriptor)]
        slots[Int(descriptor)].reader = nil
        slots[Int(descriptor)].writer = nil
        slot.reader?.resume(throwing: error)
        slot.writer?.resume(throwing: error)
    }

    /// Everybody who waits, removed; the descriptors stay open.
    mutating func takeWaiters() -> [Waiter] {
        var waiters: [Waiter] = []
        for index in slots.indices where slots[index].isOpen {
            waiters += [slots[index].reader, slots[index].writer].compactMap(\.self)
            slots[index].reader = nil
            slots[index].writer = nil
        }
        return waiters
    }

    private func isOpen(_ descriptor: Int32) -> Bool {
        slots.indices.contains(Int(descriptor)) && slots[Int(descriptor)].isOpen
    }

    private static func closed(_ descriptor: Int32) -> SystemError {
        SystemError(
            call: "waiting for",
            object: "descriptor \(descriptor)",
            code: EBADF,
            remedy: "It was closed on this side meanwhile."
        )
    }
}
