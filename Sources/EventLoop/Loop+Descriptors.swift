internal import CLinux
internal import Glibc

extension Loop {
    /// Delivers the readiness of a descriptor to a handler until `unwatch`; on the loop.
    ///
    /// The first readiness comes at once when there is any. Throws `SystemError` when the
    /// descriptor cannot be polled (EPERM: a plain file; EBADF: none).
    package func watch(
        _ descriptor: Int32,
        _ handler: any ReadinessHandler
    ) throws(SystemError) {
        try register(descriptor, handler)
    }

    /// Ends what `watch` began; call it before closing the descriptor; on the loop.
    ///
    /// Harmless when not watched.
    package func unwatch(_ descriptor: Int32) {
        detach(descriptor)
    }

    /// Ends what `watch` began for a descriptor that is closed next; on the loop.
    ///
    /// Closing takes it out of the kernel's list, which saves a call. Where another process holds a
    /// copy of the descriptor for a moment, what still comes of it reaches nobody.
    package func unwatchForClosing(_ descriptor: Int32) {
        assert(isCurrent, "unwatchForClosing is called on the loop's thread")
        descriptors.shut(descriptor)?.resumeWaiters()
    }

    /// Makes a descriptor awaitable with `readable` and `writable` until `detach`; on the loop.
    ///
    /// Throws as `watch`.
    package func attach(_ descriptor: Int32) throws(SystemError) {
        try register(descriptor, nil)
    }

    /// Ends what `attach` began; waiters resume with EBADF; call it before closing; on the loop.
    ///
    /// Harmless when not attached.
    package func detach(_ descriptor: Int32) {
        assert(isCurrent, "detach is called on the loop's thread")
        guard let closed = descriptors.shut(descriptor) else { return }
        _ = clinux_epoll_control(epoll, Int32(EPOLL_CTL_DEL), descriptor, 0, 0)
        closed.resumeWaiters()
    }

    private func register(
        _ descriptor: Int32,
        _ handler: (any ReadinessHandler)?
    ) throws(SystemError) {
        assert(isCurrent, "a descriptor is registered on the loop's thread")
        // Closed without a detach, and the number is in use again: the former user must not wait
        // for ever.
        descriptors.shut(descriptor)?.resumeWaiters()
        let generation = descriptors.open(descriptor, handler: handler)
        let interest =
            EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
        let data = UInt64(generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
        var status = clinux_epoll_control(epoll, Int32(EPOLL_CTL_ADD), descriptor, interest, data)
        if status == -EEXIST {
            status = clinux_epoll_control(epoll, Int32(EPOLL_CTL_MOD), descriptor, interest, data)
        }
        guard status < 0 else { return }
        _ = descriptors.shut(descriptor)
        throw SystemError(call: "epoll_ctl", object: "descriptor \(descriptor)", code: -status)
    }

    /// Waits until the descriptor can be read, or its peer hung up; on the loop.
    ///
    /// Returns at once when readiness was seen since the last wait: try the call first, wait on
    /// EAGAIN, try again. Throws `CancellationError` when the task is cancelled, `SystemError`
    /// (EBADF) when it is detached meanwhile, (ECANCELED) when the loop is stopped.
    package func readable(_ descriptor: Int32) async throws {
        assert(isCurrent, "readable is called on the loop's thread")
        guard !descriptors.takeLatch(descriptor, .readable) else { return }
        try await wait(for: descriptor, .readable)
    }

    /// Waits until the descriptor can be written; on the loop.
    ///
    /// Throws as `readable`.
    package func writable(_ descriptor: Int32) async throws {
        assert(isCurrent, "writable is called on the loop's thread")
        guard !descriptors.takeLatch(descriptor, .writable) else { return }
        try await wait(for: descriptor, .writable)
    }

    private func wait(for descriptor: Int32, _ side: DescriptorTable.Side) async throws {
        nextWaiter += 1
        let id = nextWaiter
        try await withTaskCancellationHandler {
            try await unsafe withUnsafeThrowingContinuation {
                (continuation: UnsafeContinuation<Void, any Error>) in
                let waiter = unsafe Waiter(id: id, continuation)
                guard let refusal = refusal else {
                    descriptors.await(descriptor, side, waiter)
                    return
                }
                waiter.resume(throwing: refusal)
            }
        } onCancel: {
            // Comes after the refusal above was asked for: either that one or this one sees it.
            execute { self.descriptors.cancelWaiter(id, of: descriptor) }
        }
    }

    /// Why the current task must not begin to wait; on the loop.
    ///
    /// The runtime may put the task through the inbox between a check in an async function and the
    /// registration in the continuation's closure: only in the latter nothing comes between.
    var refusal: (any Error)? {
        if Task.isCancelled { return CancellationError() }
        return isStopped ? SystemError.stopped(label) : nil
    }

    /// Resumes whoever waits for a descriptor with ETIMEDOUT; on the loop.
    func expire(_ descriptor: Int32) {
        descriptors.fail(
            descriptor,
            with: SystemError(call: "waiting for", object: "descriptor", code: ETIMEDOUT)
        )
    }
}

extension SystemError {
    /// What waiters get when their loop is stopped.
    static func stopped(_ label: String) -> SystemError {
        SystemError(
            call: "waiting on",
            object: "the loop \(label)",
            code: ECANCELED,
            remedy: "The program is ending."
        )
    }
}
