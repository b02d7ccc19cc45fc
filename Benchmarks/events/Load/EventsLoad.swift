import EventLoop
import Glibc
import LinuxSystem

// events-load — what `make bench-events` puts around the event pipeline.
//
//   produce ─▶ event_outbox ─▶ shop orders-relay ─▶ broker_log ─▶ consume ─▶ entries
//   (orders-db, one server)      (a process)        (another server: broker-db, ledger-db)
//
//     events-load run SHOP [--rate N] [--seconds N] [--kill] …    one row, as JSON
//     events-load produce CONNINFO RATE COUNT                     open loop; prints its sums
//     events-load consume CONFIGURATION MARKS                     notes when each had its effect
@main
enum EventsLoad {
    static func main() {
        _ = signal(SIGPIPE, SIG_IGN)
        let words = Array(CommandLine.arguments.dropFirst())
        guard let command = words.first else { usage() }
        let rest = Array(words.dropFirst())
        do {
            try Loop.main {
                switch command {
                case "run":
                    guard let measurement = Measurement(rest) else { usage() }
                    write(try await Stage.measure(measurement), to: 1)
                case "produce":
                    guard rest.count == 3, let rate = Double(rest[1]), let count = Int(rest[2])
                    else { usage() }
                    let producer = Producer(conninfo: rest[0], rate: rate, count: count)
                    write(try await producer.run(), to: 1)
                case "consume":
                    guard rest.count == 2 else { usage() }
                    try await LedgerService.serve(configuration: rest[0], marks: rest[1])
                default: usage()
                }
            }
        } catch {
            write("events-load: \(error)\n", to: 2)
            exit(1)
        }
    }

    private static func usage() -> Never {
        write("events-load: wrong words. Read Benchmarks/events/Load/EventsLoad.swift.\n", to: 2)
        exit(64)
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            _ = unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        }
    }
}
