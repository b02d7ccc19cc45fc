import Glibc

/// Runs a body on a thread of its own while the test goes on.
// Unchecked: the result is read only after the thread was joined.
final class Background<Value>: @unchecked Sendable {
    private let body: () throws -> Value
    private var result: Result<Value, any Error>?
    private var thread = pthread_t()

    init(_ body: @escaping () throws -> Value) {
        self.body = body
        let retained = unsafe Unmanaged.passRetained(self as AnyObject)
        let code = unsafe pthread_create(
            &thread,
            nil,
            { pointer in
                guard let pointer = unsafe pointer else { return nil }
                let object = unsafe Unmanaged<AnyObject>.fromOpaque(pointer).takeRetainedValue()
                (object as? any Runnable)?.run()
                return nil
            },
            retained.toOpaque()
        )
        precondition(code == 0, "no thread can be started: \(code)")
    }

    /// Waits for its end.
    func wait() throws -> Value {
        pthread_join(thread, nil)
        guard let result else { preconditionFailure("the thread ended without a result") }
        return try result.get()
    }
}

/// What a thread can do without knowing the type of the result.
private protocol Runnable: AnyObject {
    func run()
}

extension Background: Runnable {
    fileprivate func run() { result = Result { try body() } }
}
