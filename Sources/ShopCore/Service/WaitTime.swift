/// The `wait` of a long poll: `10s`, `500ms`, nothing.
package enum WaitTime {
    /// `nil` when the text is no time.
    package static func parse(_ text: String?) -> Duration? {
        guard let text, !text.isEmpty else { return .zero }
        if text.hasSuffix("ms"), let number = UInt32(text.dropLast(2)) {
            return .milliseconds(Int64(number))
        }
        if text.hasSuffix("s"), let number = UInt32(text.dropLast()) {
            return .seconds(Int64(number))
        }
        return nil
    }
}
