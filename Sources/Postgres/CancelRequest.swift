import CPostgres
import Glibc
import Synchronization

/// A request to stop what a connection's backend does; independent of the connection's life.
///
/// PostgreSQL 15's `PQcancel` blocks while it connects, so it runs on a thread of its own. At most
/// `threadsMax` such threads live at a time: behind a link that answers nothing they may hang.
///
/// `@unchecked Sendable`: the pointer is never changed and libpq documents `PQcancel` as usable
/// from any thread.
@safe final class CancelRequest: @unchecked Sendable {
    /// How many requests may be under way in this process.
    static let threadsMax = 16
    private static let threads = Mutex(0)

    private let pointer: OpaquePointer

    /// `nil` when the connection is already lost.
    init?(_ connection: OpaquePointer) {
        guard let pointer = unsafe PQgetCancel(connection) else { return nil }
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe PQfreeCancel(pointer)
    }

    /// Sends the request and reports libpq's error text, `nil` when it was delivered.
    func send() async -> String? {
        await withCheckedContinuation { continuation in
            let started = onThread { continuation.resume(returning: $0) }
            if !started {
                continuation.resume(
                    returning: "\(Self.threadsMax) cancel requests are already under way"
                )
            }
        }
    }

    /// Sends the request without waiting; gives up silently beyond `threadsMax`.
    func sendDetached() {
        _ = onThread { _ in }
    }

    private func onThread(_ completion: @escaping @Sendable (String?) -> Void) -> Bool {
        let admitted = Self.threads.withLock { count in
            guard count < Self.threadsMax else { return false }
            count += 1
            return true
        }
        guard admitted else { return false }
        let started = HelperThread.start {
            let error = self.perform()
            Self.threads.withLock { $0 -= 1 }
            completion(error)
        }
        if !started { Self.threads.withLock { $0 -= 1 } }
        return started
    }

    private func perform() -> String? {
        var text = [CChar](repeating: 0, count: 256)
        let sent = unsafe text.withUnsafeMutableBufferPointer { buffer in
            unsafe PQcancel(pointer, buffer.baseAddress, Int32(buffer.count))
        }
        guard sent == 0 else { return nil }
        return String(
            decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) },
            as: UTF8.self
        ).trimmed
    }
}

/// A detached thread for one blocking call.
private final class HelperThread: Sendable {
    private let body: @Sendable () -> Void

    private init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }

    /// Whether the thread could be started.
    static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        var thread = pthread_t()
        let retained = unsafe Unmanaged.passRetained(HelperThread(body))
        let status = unsafe pthread_create(
            &thread,
            nil,
            { context in
                if let context = unsafe context {
                    unsafe Unmanaged<HelperThread>.fromOpaque(context).takeRetainedValue().body()
                }
                return nil
            },
            retained.toOpaque()
        )
        guard status == 0 else {
            unsafe retained.release()
            return false
        }
        pthread_detach(thread)
        return true
    }
}
