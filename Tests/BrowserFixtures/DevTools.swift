import EventLoop
import Glibc
package import JSON
import LinuxSystem

/// A headless Chromium that is led through its DevTools protocol, over two pipes.
///
/// The browser reads messages from descriptor 3 and answers on 4, each ended by a NUL; our end of
/// them are its standard input and output. One task uses it, on one loop.
package final class DevTools {
    /// What a page said or did that a test may not accept.
    package struct Notes: Equatable {
        /// Errors of the console, exceptions, refused requests.
        package var errors: [String] = []
        /// Every address that was asked for.
        package var requests: [String] = []
    }

    /// Its program, if there is one.
    package static let path: String? = ["chromium", "chromium-browser", "google-chrome"].lazy
        .map { "/usr/bin/\($0)" }.first { SystemFiles.exists($0) }

    private let child: ChildProcess
    private var buffer = ByteBuffer()
    private var number: Int64 = 0
    private var session: String?
    package private(set) var notes = Notes()

    /// How long one answer may take; the machine may be busy.
    private static let patience = Duration.seconds(60)

    /// Starts it with a profile of its own and one empty page.
    package init(directory: String) async throws {
        guard let browser = Self.path else { throw BrowserProblem("no chromium is installed") }
        let flags = [
            "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-dev-shm-usage", "--disable-background-networking", "--disable-extensions",
            "--user-data-dir=\(directory)/profile", "--remote-debugging-pipe", "about:blank",
        ].joined(separator: " ")
        var request = SpawnRequest(
            executable: "/bin/sh",
            arguments: ["-c", "exec \(browser) \(flags) 3<&0 4>&1 </dev/null >/dev/null"]
        )
        request.stdin = .pipe
        request.stdout = .pipe
        request.stderr = .file("\(directory)/chromium.err", append: false)
        request.newSession = true
        child = try ChildProcess.spawn(request)
        let target = try await call("Target.createTarget", ["url": "about:blank"])
        let attached = try await call(
            "Target.attachToTarget",
            ["targetId": target["targetId"] ?? .null, "flatten": true]
        )
        session = attached["sessionId"]?.stringValue
        for domain in ["Page", "Runtime", "Log", "Network"] {
            _ = try await call("\(domain).enable")
        }
    }

    /// Ends it and all its processes.
    package func close() async {
        child.signalGroup(SIGKILL)
        _ = try? await child.wait()
    }

    package func open(_ address: String) async throws {
        _ = try await call("Page.navigate", ["url": .string(address)])
    }

    /// The size of the window, and light or dark.
    package func show(width: Int, height: Int, isDark: Bool) async throws {
        _ = try await call(
            "Emulation.setDeviceMetricsOverride",
            [
                "width": .integer(Int64(width)), "height": .integer(Int64(height)),
                "deviceScaleFactor": 1, "mobile": .bool(width < 500),
            ]
        )
        let scheme: JSONValue = [
            "name": "prefers-color-scheme", "value": isDark ? "dark" : "light",
        ]
        _ = try await call("Emulation.setEmulatedMedia", ["features": [scheme]])
    }

    /// The value of an expression in the page; promises are awaited.
    package func evaluate(_ expression: String) async throws -> JSONValue {
        let answer = try await call(
            "Runtime.evaluate",
            ["expression": .string(expression), "awaitPromise": true, "returnByValue": true]
        )
        if let exception = answer["exceptionDetails"] {
            notes.errors.append("\(expression.prefix(80)): \(exception.serialized())")
        }
        return answer["result"]?["value"] ?? .null
    }

    /// Looks until an expression is true; fails after a generous limit.
    package func wait(for expression: String, within limit: Duration = .seconds(60)) async throws {
        let deadline = Loop.monotonicNanoseconds() + limit.nanosecondsClamped
        while Loop.monotonicNanoseconds() < deadline {
            // While a page is being loaded, nothing is there yet.
            let look = "(() => { try { return Boolean(\(expression)) } catch { return false } })()"
            if try await evaluate(look) == true { return }
            try await Loop.current?.sleep(for: .milliseconds(50))
        }
        let page = try await evaluate("document.body.innerText.slice(0, 1500)")
        throw BrowserProblem("never true: \(expression)\n\(page.stringValue ?? "")")
    }

    /// Presses a button as a person does.
    package func press(_ id: String) async throws {
        try await wait(
            for: "document.getElementById('\(id)') && !document.getElementById('\(id)').hidden"
        )
        _ = try await evaluate("document.getElementById('\(id)').click()")
    }

    /// Presses the Tab key.
    package func pressTab() async throws {
        for kind in ["rawKeyDown", "keyUp"] {
            let key: JSONValue = [
                "type": .string(kind), "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9,
            ]
            _ = try await call("Input.dispatchKeyEvent", key)
        }
    }

    /// Types into a field.
    package func type(_ text: String, into id: String) async throws {
        _ = try await evaluate("document.getElementById('\(id)').focus()")
        _ = try await call("Input.insertText", ["text": .string(text)])
    }

    /// The whole page as PNG.
    package func screenshot() async throws -> [UInt8] {
        let answer = try await call(
            "Page.captureScreenshot",
            ["format": "png", "captureBeyondViewport": true]
        )
        return Base64.bytes(of: answer["data"]?.stringValue ?? "")
    }

    /// Forgets what was noted so far.
    package func forget() { notes = Notes() }

    private func call(_ method: String, _ parameters: JSONValue = [:]) async throws -> JSONValue {
        number += 1
        let id = number
        var message: JSONObject = [
            "id": .integer(id), "method": .string(method), "params": parameters,
        ]
        if let session { message["sessionId"] = .string(session) }
        let bytes = Array(JSONValue.object(message).serialized().utf8) + [0]
        return try await withDeadline(Self.patience) {
            try await self.child.stdinStream?.write(bytes)
            while true {
                let answer = try await self.next()
                if answer["id"]?.integerValue == id {
                    if let error = answer["error"], !Self.isNavigation(error) {
                        self.notes.errors.append("\(method): \(error.serialized())")
                    }
                    return answer["result"] ?? .null
                }
                self.note(answer)
            }
        }
    }

    /// Whether the page went away while it was asked, as it does when it is loaded anew.
    private static func isNavigation(_ error: JSONValue) -> Bool {
        error["message"]?.stringValue?.contains("navigated") == true
    }

    private func next() async throws -> JSONValue {
        while true {
            if let end = buffer.firstIndex(of: 0) {
                let message = buffer.take(end)
                buffer.consume(1)
                return try JSONValue.parse(message)
            }
            let count = try await child.stdoutStream?.read(into: &buffer) ?? 0
            guard count > 0 else { throw BrowserProblem("chromium has ended") }
        }
    }

    private func note(_ event: JSONValue) {
        let parameters = event["params"] ?? .null
        switch event["method"]?.stringValue {
        case "Runtime.exceptionThrown":
            notes.errors.append(parameters["exceptionDetails"]?.serialized() ?? "an exception")
        case "Runtime.consoleAPICalled" where parameters["type"]?.stringValue == "error":
            notes.errors.append(parameters["args"]?.serialized() ?? "an error")
        case "Log.entryAdded" where parameters["entry"]?["level"]?.stringValue == "error":
            notes.errors.append(parameters["entry"]?["text"]?.stringValue ?? "an entry")
        case "Network.requestWillBeSent":
            notes.requests.append(parameters["request"]?["url"]?.stringValue ?? "?")
        default: break
        }
    }
}

/// Why a browser could not be led.
package struct BrowserProblem: Error, CustomStringConvertible {
    package var description: String

    init(_ description: String) {
        self.description = description
    }
}
