import ChaosJournal
import ChaosModel
import JSON
import Testing

/// Writing an event and reading it back.
struct RoundTrip {
    @Test(arguments: Samples.payloads)
    func `an event reads back as it was written`(sample: Samples.Named) throws {
        let event = Samples.event(sample.payload, sequence: 7)
        let line = event.line()
        #expect(line.last == UInt8(ascii: "\n"))
        #expect(line.dropLast().allSatisfy { $0 != UInt8(ascii: "\n") })
        #expect(try JournalEvent(line: line) == event)
        let (events, problems) = JournalReader.events(in: Samples.renumbered([event]))
        #expect(events.map(\.payload) == [sample.payload])
        #expect(problems.isEmpty)
    }

    @Test func `the line has the documented form`() throws {
        let operation = ClientOperation(
            arrival: 12,
            operation: "placement",
            kind: .ok,
            key: "k-12",
            order: "o-\"1\"\n",
            status: 202,
            latencyMilliseconds: 12.345
        )
        let event = Samples.event(.operation(operation), sequence: 3)
        let text = String(decoding: event.line(), as: UTF8.self)
        #expect(
            text == #"{"seq":3,"at":"2026-11-20T10:42:45.087402Z","t":12.345678,"#
                + #""event":"operation","arrival":12,"operation":"placement","kind":"ok","#
                + #""key":"k-12","order":"o-\"1\"\u000a","status":202,"latency_ms":12.345}"# + "\n"
        )
    }

    @Test func `a seed beyond the integers of JSON survives`() throws {
        var start = Samples.runStarted
        start.seed = .max
        let event = Samples.event(.runStarted(start), sequence: 1)
        #expect(try JournalEvent(line: event.line()) == event)
    }

    @Test func `a thousand random events survive`() throws {
        var random = SeededGenerator(seed: 20_261_120)
        var bytes: [UInt8] = []
        var written: [JournalEvent] = []
        for sequence in 1...1000 {
            let event = Samples.randomEvent(sequence, &random)
            written.append(event)
            bytes += event.line()
        }
        let (events, problems) = JournalReader.events(in: bytes)
        #expect(problems.isEmpty)
        let isSame = events == written
        #expect(isSame)
    }
}

/// Journals that were cut, damaged, or written by a newer version.
struct DamagedJournals {
    @Test func `a journal cut at any byte gives the events that are whole`() {
        let sample = Samples.payloads.enumerated().map { index, named in
            Samples.event(named.payload, sequence: index + 1)
        }
        let lines = sample.map { $0.line() }
        let bytes = lines.flatMap { $0 }
        var ends: [Int] = []
        for line in lines { ends.append((ends.last ?? 0) + line.count) }
        for cut in 0...bytes.count {
            let (events, problems) = JournalReader.events(in: Array(bytes[..<cut]))
            // A line is whole once its closing brace is there, with or without its line feed.
            let whole = ends.count { $0 - 1 <= cut }
            let isTorn = cut > 0 && !ends.contains(cut) && !ends.contains(cut + 1)
            let isSame = events == Array(sample[..<whole])
            #expect(isSame, "cut at \(cut)")
            #expect(problems.map(\.kind) == (isTorn ? [.tornEnd] : []), "cut at \(cut)")
        }
    }

    @Test func `an unknown event is kept as a note`() throws {
        let line = #"{"seq":1,"at":"2026-11-20T10:42:45Z","t":1.0,"event":"eclipse","moon":true}"#
        let (events, problems) = JournalReader.events(in: Array(line.utf8))
        let event = try #require(events.first)
        #expect(problems.isEmpty)
        guard case .note(let text) = event.payload else {
            Issue.record("not a note: \(event.payload)")
            return
        }
        #expect(text.hasPrefix(#"unknown event "eclipse": {"seq":1"#))
        #expect(text.contains(#""moon":true"#))
    }

    @Test func `unknown members are ignored`() throws {
        let line =
            #"{"seq":1,"at":"2026-11-20T10:42:45Z","t":1.0,"event":"note","text":"a","x":[1]}"#
        #expect(try JournalEvent(line: Array(line.utf8)).payload == .note("a"))
    }

    @Test func `a damaged line in the middle is reported and the rest is read`() {
        var bytes = Samples.event(.note("one"), sequence: 1).line()
        bytes += Array("{\"seq\":2,\"at\":oops}\n".utf8)
        bytes += Samples.event(.note("three"), sequence: 3).line()
        let (events, problems) = JournalReader.events(in: bytes)
        #expect(events.map(\.payload) == [.note("one"), .note("three")])
        #expect(problems.map(\.kind) == [.unreadable])
        #expect(problems.first?.line == 2)
    }

    @Test func `a gap and a repetition in the sequence are problems`() {
        let bytes = [1, 2, 5, 5, 6].flatMap {
            Samples.event(.note("event"), sequence: $0).line()
        }
        let (events, problems) = JournalReader.events(in: bytes)
        #expect(events.count == 5)
        #expect(problems.map(\.kind) == [.sequence, .sequence])
        #expect(
            problems.first?.message
                == "2 events are missing before line 3: sequence number 5 where 3 is due."
        )
    }

    @Test func `the list of problems is bounded`() {
        let bytes = Array(String(repeating: "rubbish\n", count: 5000).utf8)
        let (events, problems) = JournalReader.events(in: bytes)
        #expect(events.isEmpty)
        #expect(problems.count == JournalReader.problemLimit + 1)
        #expect(problems.last?.message == "4900 more problems are not listed.")
    }

    @Test(arguments: [
        ("", "no JSON"),
        ("[]", "no JSON object"),
        (#"{"at":"2026-11-20T10:42:45Z","t":1,"event":"note","text":"a"}"#, "seq"),
        (#"{"seq":1,"at":"yesterday","t":1,"event":"note","text":"a"}"#, "at"),
        (#"{"seq":1,"at":"2026-11-20T10:42:45Z","t":"1","event":"note","text":"a"}"#, "t"),
        (#"{"seq":1,"at":"2026-11-20T10:42:45Z","t":1,"event":"note"}"#, "text"),
        (
            #"{"seq":1,"at":"2026-11-20T10:42:45Z","t":1,"event":"phase","phase":"teatime"}"#,
            "phase"
        ),
    ])
    func `what is wrong with a line is told`(line: String, part: String) {
        #expect {
            try JournalEvent(line: Array(line.utf8))
        } throws: { error in
            (error as? JournalError)?.message.contains(part) ?? false
        }
    }

    @Test func `mutated journals never trap, and the short cut agrees with the general reader`() {
        var random = SeededGenerator(seed: 7)
        let lines = (1...60).map { Samples.randomEvent($0, &random).line() }
        for _ in 0..<4000 {
            var line = lines[Int.random(in: 0..<lines.count, using: &random)]
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let index = Int.random(in: 0..<line.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: line[index] = UInt8.random(in: 0...255, using: &random)
                case 1: line.remove(at: index)
                default: line.insert(UInt8.random(in: 32...126, using: &random), at: index)
                }
                if line.isEmpty { line = [0] }
            }
            let withoutFeed = line.filter { $0 != UInt8(ascii: "\n") }
            let general = try? JournalEvent(line: withoutFeed)
            let (events, _) = JournalReader.events(in: withoutFeed)
            let isSame = events.first == general
            #expect(isSame, "\(String(decoding: line, as: UTF8.self))")
        }
    }
}
