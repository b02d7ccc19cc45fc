import EventLoop
import Glibc
import HTTP
import Testing

/// Whether there is a `curl` to test with.
private let curlIsInstalled = unsafe access("/usr/bin/curl", X_OK) == 0

/// An HTTP client that we did not write.
@Suite(.enabled(if: curlIsInstalled, "curl is not installed: apt-get install curl"))
struct CurlTests {
    @Test(arguments: [
        ("", "GET / []"), ("-d hello", "POST / [hello]"),
        ("-X PUT -T /dev/stdin -H 'Transfer-Encoding: chunked'", "PUT /stdin [from stdin]"),
        ("-0", "GET / []"), ("-H 'Expect: 100-continue' -d hello", "POST / [hello]"),
        ("-G -d a=b", "GET /?a=b []"), ("--next -s URL", "GET / []GET / []"),
    ])
    func `curl understands the server, and the server curl`(
        options: String,
        answer: String
    ) async throws {
        let output = try await onLoop {
            let server = try await HTTPServer.start(on: anyPort, handler: ServerTests.echo)
            let arguments = options.replacing("URL", with: server.url)
            let command =
                "printf 'from stdin' | curl -sS --max-time 10 \(server.url) \(arguments) 2>&1"
            let output = try await Self.run(command)
            await server.shutdown(grace: .seconds(1))
            return output
        }
        #expect(output == answer)
    }

    @Test func `curl reads a streamed body and reports the head of HEAD`() async throws {
        let outputs = try await onLoop {
            let server = try await HTTPServer.start(on: anyPort) { _ in
                .stream(headers: ["X-Kind": "streamed"]) { writer in
                    for number in 0..<5 { try await writer.write("\(number);") }
                }
            }
            let body = try await Self.run("curl -sS --max-time 10 \(server.url) 2>&1")
            let head = try await Self.run("curl -sSI --max-time 10 \(server.url) 2>&1")
            await server.shutdown(grace: .seconds(1))
            return [body, head]
        }
        #expect(outputs[0] == "0;1;2;3;4;")
        #expect(outputs[1].hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(outputs[1].contains("X-Kind: streamed\r\n"))
    }

    /// What a shell command prints; it runs on a thread of its own, so that the loop can serve it.
    private static func run(_ command: String) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            let box = Box(command: command, continuation: continuation)
            var thread = pthread_t()
            let context = unsafe Unmanaged.passRetained(box).toOpaque()
            let status = unsafe pthread_create(
                &thread,
                nil,
                { context in
                    guard let context = unsafe context else { return nil }
                    unsafe Unmanaged<Box>.fromOpaque(context).takeRetainedValue().run()
                    return nil
                },
                context
            )
            precondition(status == 0, "a thread can be made")
            pthread_detach(thread)
        }
    }

    private final class Box: Sendable {
        let command: String
        let continuation: CheckedContinuation<String, any Error>

        init(command: String, continuation: CheckedContinuation<String, any Error>) {
            self.command = command
            self.continuation = continuation
        }

        func run() {
            guard let file = unsafe popen(command, "r") else {
                continuation.resume(returning: "popen failed")
                return
            }
            var bytes: [UInt8] = []
            var byte = unsafe fgetc(file)
            while byte != EOF {
                bytes.append(UInt8(truncatingIfNeeded: byte))
                byte = unsafe fgetc(file)
            }
            unsafe pclose(file)
            continuation.resume(returning: String(decoding: bytes, as: UTF8.self))
        }
    }
}
