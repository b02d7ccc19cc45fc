internal import CLinux
internal import EventLoop
internal import Glibc

/// The one call that turns a request into a process.
enum SpawnCall {
    /// Returns the pid.
    ///
    /// Throws `SystemError` that names the failed step; no process is left then.
    static func start(
        _ request: SpawnRequest,
        _ input: Int32,
        _ output: Int32,
        _ error: Int32
    ) throws(SystemError) -> Int32 {
        let arguments = CStrings([request.executable] + request.arguments)
        let environment = CStrings(request.environment ?? Environment.all())
        var native = unsafe clinux_spawn()
        unsafe native.input = input
        unsafe native.output = output
        unsafe native.error = error
        if let user = request.user {
            unsafe native.change_user = 1
            unsafe native.user = user.uid
            unsafe native.group = user.gid
        }
        unsafe native.new_session = request.newSession ? 1 : 0
        unsafe native.death_signal = request.dieWithParent ? request.deathSignal : 0
        unsafe native.open_files = request.openFileLimit ?? 0
        let network = try request.network.open()
        defer { if let network { close(network) } }
        unsafe native.network_namespace = network ?? -1
        var step: UnsafePointer<CChar>?
        let executable = CStrings([request.executable])
        let directory = CStrings(request.directory.map { [$0] } ?? [])
        unsafe native.executable = UnsafePointer(executable.first)
        unsafe native.directory = directory.first.map { unsafe UnsafePointer($0) }
        unsafe native.arguments = UnsafePointer(arguments.pointers)
        unsafe native.environment = UnsafePointer(environment.pointers)
        let pid = withExtendedLifetime((arguments, environment, executable, directory)) {
            unsafe clinux_spawn(&native, &step)
        }
        guard pid < 0 else { return pid }
        let name = unsafe step.map { unsafe String(cString: $0) } ?? "spawn"
        let object =
            switch name {
            case "chdir": request.directory ?? ""
            case "setns": request.network.description
            default: request.executable
            }
        throw SystemError(call: "starting (\(name))", object: object, code: -pid)
    }
}

/// C strings in an array that ends with NULL, for as long as it lives.
@safe
final class CStrings {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ strings: [String]) {
        count = strings.count
        unsafe pointers = .allocate(capacity: strings.count + 1)
        for (index, string) in strings.enumerated() {
            unsafe pointers[index] = strdup(string)
        }
        unsafe pointers[strings.count] = nil
    }

    var first: UnsafeMutablePointer<CChar>? { unsafe count > 0 ? pointers[0] : nil }

    deinit {
        for index in 0..<count { unsafe free(pointers[index]) }
        unsafe pointers.deallocate()
    }
}
