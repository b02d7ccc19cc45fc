/// The only list of toxics: one line for each file of this folder.
enum ToxicRegistry {
    static let types: [ToxicType] = [
        .latency,
        .bandwidth,
        .slowClose,
        .timeout,
        .resetPeer,
        .slicer,
        .limitData,
        .noop,
        .sharedBandwidth,
        .loss,
        .corrupt,
        .synBlackhole,
        .duplicate,
        .loseCommitAck,
        .delayCommitAck,
        .dropCommit,
        .postgresError,
        .partialResult,
        .terminate,
        .refuseStartup,
        .stall,
        .slowQuery,
        .duplicateStatement,
        .httpStatus,
        .httpDelay,
        .httpAbort,
        .httpLoseResponse,
        .httpDuplicateRequest,
    ]

    /// The type of this name; case matters.
    static func type(named name: String) -> ToxicType? {
        types.first { $0.name == name }
    }
}
