import ChaosModel
import Testing

@Suite struct DurationTests {
    static let readable: [(String, Duration)] = [
        ("100ms", .milliseconds(100)), ("1.5s", .milliseconds(1500)), ("2m", .seconds(120)),
        ("1h", .seconds(3600)), ("250us", .microseconds(250)), ("250µs", .microseconds(250)),
        ("5 s", .seconds(5)), ("1m30s", .seconds(90)), ("1h 1m 1s", .seconds(3661)),
        ("0ms", .zero), ("0.1ms", .microseconds(100)), ("7ns", .nanoseconds(7)),
        ("1d", .seconds(86_400)), (".5s", .milliseconds(500)),
    ]

    @Test(arguments: readable)
    func `a text reads as its duration`(_ text: String, _ duration: Duration) throws {
        #expect(try Duration(parsing: text) == duration)
        #expect(try Duration(parsing: duration.text) == duration)
    }

    static let unreadable: [(String, String)] = [
        ("", "\"\" is not a duration"), ("ms", "\"ms\" is not a duration"),
        ("10", "\"10\" has no unit"), ("-5ms", "-5ms is below 0"),
        ("10 parsecs", "\"10 parsecs\" has the unknown unit \"parsecs\""),
        ("1..5s", "\"1..5s\" is not a duration"), ("9999999d", "9999999d is more than 1000 days"),
        ("1e3s", "\"1e3s\" has the unknown unit \"e\""),
        ("1s-", "\"1s-\" has the unknown unit \"s-\""),
        ("١s", "\"١s\" is not a duration"), ("5.s", "\"5.s\" is not a duration"),
    ]

    @Test(arguments: unreadable)
    func `what is no duration says why`(_ text: String, _ message: String) {
        let error = #expect(throws: UnitError.self) { try Duration(parsing: text) }
        #expect(error?.message == message)
        #expect(error?.remedy.isEmpty == false)
    }

    @Test(arguments: [
        (Duration.milliseconds(100), "100ms"), (.milliseconds(1500), "1.5s"),
        (.seconds(90), "90s"), (.seconds(120), "2m"), (.seconds(7200), "2h"), (.zero, "0s"),
        (.microseconds(250), "250us"), (.nanoseconds(7), "7ns"), (.microseconds(1500), "1.5ms"),
    ])
    func `a duration is written in its natural unit`(_ duration: Duration, _ text: String) {
        #expect(duration.text == text)
    }

    @Test func `milliseconds and seconds are exact`() {
        #expect(Duration.milliseconds(1500).milliseconds == 1500)
        #expect(Duration.microseconds(250).milliseconds == 0.25)
        #expect(Duration.milliseconds(1500).seconds == 1.5)
    }
}

@Suite struct QuantityTests {
    static let readable: [(String, Double, Quantity.Unit)] = [
        ("99%", 0.99, .ratio), ("99.9%", 0.999, .ratio), ("150/s", 150, .perSecond),
        ("60/min", 1, .perSecond), ("10MB/s", 1e7, .bytesPerSecond), ("64KiB", 65_536, .bytes),
        ("8Mbit/s", 1e6, .bytesPerSecond), ("200ms", 200, .milliseconds),
        ("1.5s", 1500, .milliseconds), ("1m30s", 90_000, .milliseconds), ("0.25", 0.25, .none),
        ("-3", -3, .none), ("5 ms", 5, .milliseconds), ("250us", 0.25, .milliseconds),
    ]

    @Test(arguments: readable)
    func `a text reads as value and unit`(_ text: String, _ value: Double, _ unit: Quantity.Unit)
        throws
    {
        let quantity = try Quantity(parsing: text)
        #expect(abs(quantity.value - value) <= abs(value) * 1e-15)
        #expect(quantity.unit == unit)
        #expect(quantity.text == text)
        let again = try Quantity(parsing: Quantity.text(quantity.value, unit))
        #expect(again.value == quantity.value)
        #expect(again.unit == unit)
    }

    @Test(arguments: ["", "%", "ten", "10 apples", "1.2.3", "--5", "5kb/h", "NaN", "inf"])
    func `what is no quantity is refused`(_ text: String) {
        #expect(throws: UnitError.self) { try Quantity(parsing: text) }
    }

    @Test(arguments: [
        (0.99, Quantity.Unit.ratio, "99%"), (0.9995, .ratio, "99.95%"), (150, .perSecond, "150/s"),
        (65_536, .bytes, "64KiB"), (1e7, .bytesPerSecond, "10MB/s"), (200, .milliseconds, "200ms"),
        (12, .none, "12"), (0.1, .none, "0.1"), (-2.5, .none, "-2.5"), (1000, .bytes, "1kB"),
    ])
    func `a value is written with its unit`(_ value: Double, _ unit: Quantity.Unit, _ text: String)
    {
        #expect(Quantity.text(value, unit) == text)
    }
}

@Suite struct TimestampTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000000Z"),
            (1_795_171_365_087_402, "2026-11-20T10:42:45.087402Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
            (-1, "1969-12-31T23:59:59.999999Z"),
            (4_107_542_399_999_999, "2100-02-28T23:59:59.999999Z"),
            (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
        ] as [(Int64, String)]
    )
    func `an instant and its text are the same`(_ microseconds: Int64, _ text: String) {
        #expect(Timestamp(microseconds: microseconds).rfc3339 == text)
        #expect(Timestamp(rfc3339: text)?.microseconds == microseconds)
    }

    @Test(arguments: [
        ("2026-11-20T11:42:45+01:00", "2026-11-20T10:42:45.000000Z"),
        ("2026-11-20t10:42:45.1z", "2026-11-20T10:42:45.100000Z"),
        ("2026-11-20 10:42:45.123456789-00:30", "2026-11-20T11:12:45.123456Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000Z"),
    ])
    func `other forms read as the same instant`(_ text: String, _ expected: String) {
        #expect(Timestamp(rfc3339: text)?.rfc3339 == expected)
    }

    @Test(arguments: [
        "", "2026-11-20", "2026-11-20T10:42:45", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-11-20T24:00:00Z", "2026-11-20T10:60:00Z", "2026-11-20T10:42:61Z",
        "2026-11-20T10:42:45.Z", "2026-11-20T10:42:45Zx", "2026-11-20T10:42:45+1:00",
        "20261120T104245Z", "2026-00-10T00:00:00Z", "2026-11-00T00:00:00Z",
    ])
    func `what is no instant is refused`(_ text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test func `every day of 500 years has its own date`() {
        var last = ""
        for day in -36_524..<146_097 {
            let instant = Timestamp(microseconds: Int64(day) * 86_400_000_000)
            #expect(instant.rfc3339 > last)
            #expect(Timestamp(rfc3339: instant.rfc3339) == instant)
            last = instant.rfc3339
        }
    }
}

@Suite struct SpellingTests {
    @Test(arguments: [
        ("tolerence", "tolerance"), ("duraton", "duration"), ("Type", "type"),
        ("blast_radius", "blast-radius"), ("titel", "title"),
    ])
    func `a misspelt word finds the word meant`(_ word: String, _ meant: String) {
        let known = ["tolerance", "duration", "type", "blast-radius", "title", "target"]
        #expect(Spelling.nearest(to: word, among: known) == meant)
    }

    @Test func `a word far from all finds none, and the known ones are listed`() {
        #expect(Spelling.nearest(to: "zebra", among: ["latency", "down"]) == nil)
        #expect(
            Spelling.advice(for: "zebra", among: ["latency", "down"], kind: "functions")
                == "Known functions: latency, down."
        )
        #expect(Spelling.advice(for: "x", among: [], kind: "links") == "There are no links.")
    }
}
