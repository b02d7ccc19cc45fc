import EventLoop
import Glibc

// proxy-load — the server behind and the clients before a proxy under measurement.
//
// One thread each, no work beside the bytes, so that the proxy in between is what is measured.
// Each command prints `name value` lines; `bench` beside this folder runs it.
//
//     proxy-load ports N                     N ports that are free now
//     proxy-load serve PORT                  first byte e: echo · g: send for ever · s: swallow
//     proxy-load ping PORT CONNECTIONS SECONDS
//     proxy-load bulk PORT STREAMS SECONDS
//     proxy-load connect PORT PARALLEL SECONDS
//     proxy-load delay PORT MILLISECONDS COUNT    how far answers are from a delay
//     proxy-load hold PORT CONNECTIONS            holds them open until its input ends
@main
enum ProxyLoad {
    static func main() {
        let words = Array(CommandLine.arguments.dropFirst())
        let numbers = words.dropFirst().compactMap { Int($0) }
        guard let command = words.first, numbers.count == words.count - 1 else { usage() }
        do {
            try Loop.main {
                switch (command, numbers.count) {
                case ("ports", 1): try ports(numbers[0])
                case ("serve", 1): try await LoadServer.run(port: numbers[0])
                case ("ping", 3):
                    try await Ping(port: numbers[0], seconds: numbers[2]).run(numbers[1])
                case ("bulk", 3):
                    try await Bulk(port: numbers[0], seconds: numbers[2]).run(numbers[1])
                case ("connect", 3):
                    try await Connecting(port: numbers[0], seconds: numbers[2]).run(numbers[1])
                case ("delay", 3):
                    try await Delay(port: numbers[0], milliseconds: numbers[1]).run(numbers[2])
                case ("hold", 2): try await hold(port: numbers[0], numbers[1])
                default: usage()
                }
            }
        } catch {
            FileHandle.error("proxy-load: \(error)\n")
            exit(1)
        }
    }

    private static func usage() -> Never {
        FileHandle.error("proxy-load: wrong words. Read Benchmarks/proxy/Load/ProxyLoad.swift.\n")
        exit(64)
    }

    private static func ports(_ count: Int) throws {
        let listeners = try (0..<count).map { _ in
            try Listener.bind(try SocketAddress(parsing: "127.0.0.1:0"))
        }
        let ports = listeners.map { "\($0.address.port ?? 0)" }
        FileHandle.output(ports.joined(separator: " ") + "\n")
        for listener in listeners { listener.close() }
    }

    /// Opens connections, moves one byte through each, and holds them until the input ends.
    private static func hold(port: Int, _ count: Int) async throws {
        LoadServer.raiseDescriptors()
        var streams: [EventLoop.Stream] = []
        for _ in 0..<count {
            let stream = try await connect(port)
            try await stream.write(Array("ex".utf8))
            var buffer = ByteBuffer()
            _ = try await stream.read(into: &buffer, atMost: 1)
            streams.append(stream)
        }
        FileHandle.output("held \(streams.count)\n")
        // Blocking is what is wanted: nothing else happens on this loop.
        while getchar() != EOF {}
        for stream in streams { stream.close() }
    }

    static func connect(_ port: Int) async throws -> EventLoop.Stream {
        let address = try SocketAddress(parsing: "127.0.0.1:\(port)")
        return try await EventLoop.Stream.connect(to: address, timeout: .seconds(10))
    }

    /// Prints a figure.
    static func tell(_ name: String, _ value: Double) {
        let thousandths = Int((value * 1_000).rounded())
        let digits = "\(thousandths.magnitude % 1_000)"
        let padding = String(repeating: "0", count: 3 - digits.count)
        let sign = thousandths < 0 ? "-" : ""
        FileHandle.output("\(name) \(sign)\(thousandths.magnitude / 1_000).\(padding)\(digits)\n")
    }
}

/// The standard streams.
enum FileHandle {
    static func output(_ text: String) { write(text, to: 1) }
    static func error(_ text: String) { write(text, to: 2) }

    private static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in _ = unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        }
    }
}
