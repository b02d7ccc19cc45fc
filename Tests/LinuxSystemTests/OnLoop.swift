import EventLoop
import LinuxSystem

/// Runs a body on a fresh loop of its own.
func onLoop<Value: Sendable>(
    _ body: @escaping @Sendable (Loop) async throws -> Value
) async throws -> Value {
    let loop = try Loop.start(label: "test")
    defer { loop.stop() }
    return try await loop.spawn { try await body(loop) }.value
}

/// Lets the loop go round a few times: whatever is ready by now was delivered when it returns.
func turn(_ loop: Loop) async throws {
    for _ in 0..<3 { try await loop.sleep(for: .zero) }
}

/// A script for the shell.
func shell(_ script: String) -> SpawnRequest {
    SpawnRequest(executable: "/bin/sh", arguments: ["-c", script])
}

/// What a script prints, without the last line's end.
func output(of script: String, _ change: (inout SpawnRequest) -> Void = { _ in }) async throws
    -> String
{
    var request = shell(script)
    request.stdout = .pipe
    change(&request)
    let child = try ChildProcess.spawn(request)
    var buffer = ByteBuffer()
    while let count = try await child.stdoutStream?.read(into: &buffer), count > 0 {}
    _ = try await child.wait()
    var text = String(decoding: buffer.bytes, as: UTF8.self)
    if text.hasSuffix("\n") { text.removeLast() }
    return text
}
