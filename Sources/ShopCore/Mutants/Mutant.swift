/// A deliberate bug of the shop: the proof that a verdict can say no.
///
/// To add one: a file beside this one, one line in `Mutant.all`, and the few lines at the place of
/// the bug, guarded by `mutants.contains(…)`.
package struct Mutant: Hashable, Sendable {
    /// The name after `--mutant`.
    package let name: String
    /// What its programmer did wrong, in one sentence.
    package let story: String
    /// What the data shows when it strikes.
    package let anomaly: String
    /// The invariant that must name it.
    package let invariant: String
    /// The experiment in `experiments/` that exposes it: the shortest schedule of faults that does.
    package let exposedBy: String

    /// Every mutant; the only list.
    package static let all: [Mutant] = [
        .retryWithoutKey,
        .noReservationCheck,
        .chargeWithoutKey,
        .pendingIsFailed,
        .unknownIsDeclined,
        .unknownIsCaptured,
        .blindRecording,
        .centsAsDouble,
        .keyForgottenEarly,
        .declinedIsPaid,
        .recomputedAmount,
        .singleAttempt,
        .timeoutIsCancel,
        .chargeBeforeReserve,
        .commandInMemory,
        .sentBeforeDelivered,
        .neverReclaims,
        .acknowledgedUnwritten,
        .checkThenInsert,
        .keyWithoutHash,
        .unstoredResponse,
        .confirmedTooEarly,
        .outOfOrderApply,
        .expiryByLocalClock,
        .leaseByLocalClock,
        .retryStorm,
        .confirmNotAwaited,
        .releaseNotAwaited,
        .gatewayNewKey,
        .releaseTwice,
        .inboxBeforeEffect,
        .stockLostUpdate,
        .oversell,
        .retriedDecrement,
        .deletedBeforePublished,
        .outboxByNumber,
        .outboxByID,
        .unfencedRelay,
        .roundRobinPartitions,
        .offsetBeforeEffect,
        .effectBeforeOffset,
        .noInbox,
        .deadLetterDropped,
        .poisonInPlace,
        .eventAfterCommit,
        .eventBeforeCommit,
        .balanceByNumber,
        .voidForgotten,
        .refundWithoutKey,
        .refundForgotten,
    ]

    /// The mutant of that name, `nil` when there is none.
    package init?(named name: String) {
        guard let mutant = (Self.all + Self.withouts).first(where: { $0.name == name }) else {
            return nil
        }
        self = mutant
    }

    /// What may stand after `--mutant`.
    package static var names: [String] { (all + withouts).map(\.name) }

    init(name: String, story: String, anomaly: String, invariant: String, exposedBy: String) {
        self.name = name
        self.story = story
        self.anomaly = anomaly
        self.invariant = invariant
        self.exposedBy = exposedBy
    }
}
