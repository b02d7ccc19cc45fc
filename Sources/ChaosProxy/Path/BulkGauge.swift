/// Tells streams that are worth splicing from conversations, by the size of what a read gives.
///
/// A splice needs two calls and a pipe, so it pays for large pieces only; a request and its answer
/// are cheaper to copy.
struct BulkGauge: Equatable {
    /// How much must have moved in large pieces before a stream counts as bulk, bytes.
    static let threshold = 1 << 20
    /// What a large piece is, bytes.
    static let largePiece = 8 << 10
    /// Below this a bulk stream counts as a conversation again: after three small pieces in a row.
    private static let floor = BulkGauge.threshold >> 5

    private var credit = 0
    private(set) var isBulk = false

    /// A read gave so many bytes.
    mutating func moved(_ count: Int) {
        if count >= BulkGauge.largePiece {
            credit = min(credit + count, BulkGauge.threshold)
            if credit == BulkGauge.threshold { isBulk = true }
        } else {
            credit >>= 2
            if credit < BulkGauge.floor { isBulk = false }
        }
    }

    /// Splicing did not work: the stream has to earn it anew.
    mutating func reset() {
        self = BulkGauge()
    }
}
