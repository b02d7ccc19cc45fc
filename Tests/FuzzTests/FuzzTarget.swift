/// Something that reads bytes of strangers.
///
/// `run` gets the mutator of one input: it builds the input from the recordings, feeds it, and
/// returns what is wrong, `nil` when nothing is. A trap is found by the process that ends.
struct FuzzTarget: Sendable {
    let name: String
    let run: @Sendable (inout InputMutator) -> String?

    /// Every target, their recordings read.
    static func all() throws -> [FuzzTarget] {
        [
            try .postgres(), try .postgresToxics(), try .httpToxics(), try .httpRequests(),
            try .httpResponses(), try .json(), try .api(),
        ]
    }
}
