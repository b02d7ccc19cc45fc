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
struct DescriptorTable {
    private struct Slot {
        var isOpen = false
        /// Grows with each use of the number: events of a closed descriptor never reach its successor.
        var generation: UInt32 = 0
        var handler: (any ReadinessHandler)?
        var reader: Waiter?
        var writer: Waiter?
        var latch: Readiness = []
    }

    private var slots: [Slot] = []

    /// Begins a use of a descriptor and returns its generation.
    mutating func open(_ descriptor: Int32, handler: (any ReadinessHandler)?) -> UInt32 {
        precondition(descriptor >= 0, "a descriptor is not negative")
        while slots.count <= Int(descriptor) { slots.append(Slot()) }
        let generation = slots[Int(descriptor)].generation &+ 1
        slots[Int(descriptor)] = Slot(isOpen: true, generation: generation, handler: handler)
        return generation
    }

    /// Ends a use; waiters resume with EBADF. Returns whether it was open.
    mutating func shut(_ descriptor: Int32) -> Bool {
        guard descriptor >= 0, slots.indices.contains(Int(descriptor)),
            slots[Int(descriptor)].isOpen
        else { return false }
        let slot = slots[Int(descriptor)]
        slots[Int(descriptor)] = Slot(generation: slot.generation)
        let closed = SystemError(call: "waiting", object: "descriptor \(descriptor)", code: EBADF)
        slot.reader?.resume(throwing: closed)
        slot.writer?.resume(throwing: closed)
        return true
    }

    /// Resumes waiters or latches; returns the handler that is to be called, outside of this table.
    mutating func deliver(
        _ readiness: Readiness,
        to descriptor: Int32,
        generation: UInt32
    ) -> (any ReadinessHandler)? {
        let index = Int(descriptor)
        guard slots.indices.contains(index), slots[index].isOpen,
            slots[index].generation == generation
        else { return nil }
        if let handler = slots[index].handler { return handler }
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
        return nil
    }

    /// Whether readiness was seen while nobody waited; forgets it.
    mutating func takeLatch(_ descriptor: Int32, _ kind: Readiness) -> Bool {
        let flag: Readiness = kind == .wakesReader ? .readable : .writable
        guard slots.indices.contains(Int(descriptor)) else { return false }
        return slots[Int(descriptor)].latch.remove(flag) != nil
    }

    /// Lets a task wait. One reader and one writer per descriptor: a second one is a programmer's error.
    mutating func await(_ descriptor: Int32, isReader: Bool, _ waiter: Waiter) {
        let index = Int(descriptor)
        guard descriptor >= 0, slots.indices.contains(index), slots[index].isOpen else {
            let closed = SystemError(
                call: "waiting",
                object: "descriptor \(descriptor)",
                code: EBADF
            )
            waiter.resume(throwing: closed)
            return
        }
        // Readiness may have come between the caller's look at the latch and this call.
        if slots[index].latch.remove(isReader ? .readable : .writable) != nil {
            waiter.resume()
            return
        }
        if isReader {
            precondition(slots[index].reader == nil, "one reader waits per descriptor")
            slots[index].reader = waiter
        } else {
            precondition(slots[index].writer == nil, "one writer waits per descriptor")
            slots[index].writer = waiter
        }
    }

    mutating func cancelWaiter(_ id: UInt64, of descriptor: Int32) {
        let index = Int(descriptor)
        guard slots.indices.contains(index) else { return }
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
        let index = Int(descriptor)
        guard slots.indices.contains(index) else { return }
        let slot = slots[index]
        slots[index].reader = nil
        slots[index].writer = nil
        slot.reader?.resume(throwing: error)
        slot.writer?.resume(throwing: error)
    }
}
