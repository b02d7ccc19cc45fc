import ChaosJournal
import EventLoop
import LinuxSystem
import Synchronization
import Testing

@testable import ChaosRunner

@Suite struct JournalWriterTests {
    private func events(_ path: String) throws -> [JournalEvent] {
        JournalReader.events(in: try SystemFiles.read(path)).events
    }

    @Test func `events of many threads stand in one order without a gap`() async throws {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        let path = "\(sandbox.directory)/journal.jsonl"
        let journal = try JournalWriter(path: path) { Issue.record($0) }
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    for number in 0..<200 {
                        if number % 50 == 0 {
                            journal.write(.note("w\(worker)"))
                        } else {
                            journal.enqueue(.note("q\(worker)"))
                        }
                    }
                }
            }
        }
        journal.close()
        let read = try events(path)
        #expect(read.map(\.sequence) == Array(1...1600))
        #expect(zip(read, read.dropFirst()).allSatisfy { $0.elapsed <= $1.elapsed })
    }

    @Test func `what waits in memory comes before what is written at once`() throws {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        let path = "\(sandbox.directory)/journal.jsonl"
        let journal = try JournalWriter(path: path) { Issue.record($0) }
        journal.enqueue(.note("first"))
        #expect(try events(path).isEmpty)
        journal.writeDurably(.note("second"))
        #expect(try events(path).map(\.payload) == [.note("first"), .note("second")])
    }

    @Test func `what is enqueued is in the file a moment later`() async throws {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        let path = "\(sandbox.directory)/journal.jsonl"
        let isThere = try await onLoop { loop in
            let journal = try JournalWriter(path: path) { Issue.record($0) }
            let flusher = loop.spawn { try await journal.keepFlushing(on: loop) }
            defer { flusher.cancel() }
            journal.enqueue(.note("waits"))
            return try await eventually(within: .seconds(2), loop) {
                try events(path).count == 1
            }
        }
        #expect(isThere)
    }

    @Test func `after the end nothing is written any more`() throws {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        let path = "\(sandbox.directory)/journal.jsonl"
        let journal = try JournalWriter(path: path) { Issue.record($0) }
        journal.write(.note("last"))
        journal.close()
        journal.write(.note("late"))
        #expect(try events(path).count == 1)
    }

    @Test func `a full disk is told once and stops the writing`() throws {
        let failures = Mutex(0)
        // Every write to it fails with ENOSPC (full(4)).
        let journal = try JournalWriter(path: "/dev/full") { _ in failures.withLock { $0 += 1 } }
        journal.write(.note("lost"))
        journal.write(.note("lost too"))
        #expect(failures.withLock { $0 } == 1)
    }
}
