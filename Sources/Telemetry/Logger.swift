package import JSON

/// Says what happened, with a level and named facts; costs one comparison when the level is off.
package struct Logger: Sendable {
    /// The facts of a line, in order.
    package typealias Metadata = JSONObject

    /// Who speaks: `orders-1`.
    package let label: String
    /// The least severe level that is written.
    package var level: LogLevel
    /// Facts on every line of this logger.
    package var metadata: Metadata

    private let sink: LogSink

    package init(
        label: String,
        level: LogLevel = .info,
        metadata: Metadata = [:],
        sink: LogSink
    ) {
        self.label = label
        self.level = level
        self.metadata = metadata
        self.sink = sink
    }

    /// A logger that writes nothing.
    package static var silent: Logger { Logger(label: "", level: .critical, sink: .discarding) }

    /// Writes a line when the level is on; never waits.
    ///
    /// In a trace, the line names it: `trace_id`, `span_id`.
    package func log(
        _ level: LogLevel,
        _ message: @autoclosure () -> String,
        _ facts: @autoclosure () -> Metadata = [:]
    ) {
        guard level >= self.level, !sink.isDiscarding else { return }
        var all = metadata
        for fact in facts().members { all[fact.name] = fact.value }
        if let trace = TraceContext.current {
            all["trace_id"] = .string(trace.traceID)
            all["span_id"] = .string(trace.spanIDText)
        }
        let line = LogLine(
            microseconds: WallClock.microseconds(),
            level: level,
            label: label,
            message: message(),
            metadata: all
        )
        sink.write(line)
    }

    /// Of use only to whoever changes this code.
    package func debug(
        _ message: @autoclosure () -> String,
        _ facts: @autoclosure () -> Metadata = [:]
    ) {
        log(.debug, message(), facts())
    }

    /// The ordinary course of things.
    package func info(
        _ message: @autoclosure () -> String,
        _ facts: @autoclosure () -> Metadata = [:]
    ) {
        log(.info, message(), facts())
    }

    /// Worth a look, but handled.
    package func warning(
        _ message: @autoclosure () -> String,
        _ facts: @autoclosure () -> Metadata = [:]
    ) {
        log(.warning, message(), facts())
    }

    /// Something that should not have happened.
    package func error(
        _ message: @autoclosure () -> String,
        _ facts: @autoclosure () -> Metadata = [:]
    ) {
        log(.error, message(), facts())
    }
}
