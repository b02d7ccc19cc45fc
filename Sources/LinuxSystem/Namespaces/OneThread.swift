internal import Glibc

/// Runs a body on a thread that is made for it and waits for its end: for what the kernel keeps per
/// thread and what must not rub off on a thread that others use.
enum OneThread {
    /// - Throws: what the body throws; traps when the machine cannot start a thread at all.
    static func run<Value>(_ body: () throws -> Value) throws -> Value {
        try withoutActuallyEscaping(body) { body in
            let job = Job { () -> Result<Value, any Error> in Result { try body() } }
            var thread = pthread_t()
            let argument = unsafe Unmanaged.passUnretained(job as AnyJob).toOpaque()
            let code = unsafe pthread_create(
                &thread,
                nil,
                { argument in
                    guard let argument = unsafe argument else { return nil }
                    unsafe Unmanaged<AnyJob>.fromOpaque(argument).takeUnretainedValue().perform()
                    return nil
                },
                argument
            )
            precondition(
                code == 0,
                "no thread can be started (\(code)): raise the limit (ulimit -u)"
            )
            pthread_join(thread, nil)
            guard let result = job.result else {
                preconditionFailure("the thread ended without a result")
            }
            return try result.get()
        }
    }

    private class AnyJob {
        func perform() {}
    }

    private final class Job<Value>: AnyJob {
        private let body: () -> Result<Value, any Error>
        var result: Result<Value, any Error>?

        init(_ body: @escaping () -> Result<Value, any Error>) {
            self.body = body
        }

        override func perform() { result = body() }
    }
}
