import ChaosJournal
import ChaosPluginAPI

/// The life of one fault as a value: events go in, actions come out, nothing is touched.
///
/// ```
/// begin ─▶ preparing ─▶ recording ─▶ injecting ─▶ inEffect ⇄ observing ─▶ concluding
///              │            │            │            │                       │
///              ▼            ▼            └──────┬─────┴───────────────────────┘
///           finished ◀── clearing ◀── verifying ◀── reverting (⟲ at most `attemptsMax`)
/// ```
///
/// The law: from the moment that `inject` was asked for, whatever happened, the way out leads
/// through `revert` and `verify`; the ledger's record is cleared only after `verify` succeeded.
struct FaultLifecycle: Sendable {
    /// Where the fault stands, which is also what the world may look like.
    enum State: Sendable, Equatable {
        case idle, preparing, recording, injecting, inEffect, observing, concluding
        case reverting, pausing, verifying, clearing, finished
    }

    /// What has happened.
    enum Event: Sendable {
        case begin
        case prepared(UndoRecord)
        case recorded
        case injected
        /// A poll is due while the fault is in effect.
        case tick
        case observed(Effect)
        /// The time is over, or somebody wants the fault gone; may come at any moment.
        case end(EndReason)
        /// The last readings before the undo are made.
        case lastReadingsMade
        case reverted
        case verified
        case paused
        case cleared
        /// The step that the last action asked for did not succeed.
        case failed(String)
    }

    enum EndReason: Sendable, Equatable { case elapsed, stopped }

    /// What the shell shall do next; every action but `journal` and `finish` is answered by one
    /// event.
    enum Action: Sendable, Equatable {
        case prepare
        /// Write the undo record to the ledger and fsync it.
        case record(UndoRecord)
        case inject
        /// Wait until the next poll is due or the end has come.
        case wait
        case observe
        /// Read the hypothesis once more while the fault is still in effect.
        case makeLastReadings
        case revert
        case verify
        /// Wait a little before the undo is tried again.
        case pause
        case clear
        case journal(Entry)
        case finish(Outcome)
    }

    /// What the journal is told: a state, with the effect so far or the error where there is one.
    struct Entry: Sendable, Equatable {
        var state: FaultTransition.State
        var effect: Effect?
        var error: String?

        init(_ state: FaultTransition.State, effect: Effect? = nil, error: String? = nil) {
            self.state = state
            self.effect = effect
            self.error = error
        }
    }

    enum Outcome: Sendable, Equatable {
        /// It was asked to end before it touched anything.
        case neverInjected
        /// It did not come into effect, or was lost while in effect; the former state is back.
        case failed(String)
        case reverted(hits: Int)
        /// The undo could not be confirmed; the ledger keeps the record.
        case revertFailed(String)
    }

    /// How often the undo is tried before it counts as failed.
    static let attemptsMax = 4
    /// How many polls in a row may fail before the fault counts as lost.
    static let failedPollsMax = 3

    /// The least number of hits for which the fault counts as having happened.
    let hitsMinimum: Int
    private(set) var state = State.idle
    private(set) var effect: Effect?
    private(set) var undo: UndoRecord?
    private var isConfirmed = false
    private var ending: EndReason?
    private var isEnding: Bool { ending != nil }
    /// Set when the fault did not do what was asked: becomes its outcome once it is undone.
    private var failure: String?
    private var failedPolls = 0
    private var attempts = 0
    /// Whether the undo was carried out, so that the journal may say `reverted`.
    private var hasUndone = false

    init(hitsMinimum: Int) {
        self.hitsMinimum = hitsMinimum
    }

    /// Takes an event and says what to do; an event that does not belong to the state changes
    /// nothing.
    mutating func handle(_ event: Event) -> [Action] {
        if case .end(let reason) = event { return end(reason) }
        switch state {
        case .idle, .preparing, .recording, .injecting: return handleBeforeEffect(event)
        case .inEffect, .observing, .concluding: return handleInEffect(event)
        case .reverting, .pausing, .verifying, .clearing: return handleUndo(event)
        case .finished: return []
        }
    }
}

extension FaultLifecycle {
    private mutating func handleBeforeEffect(_ event: Event) -> [Action] {
        switch (state, event) {
        case (.idle, .begin):
            return go(.preparing, .prepare)
        case (.preparing, .prepared) where isEnding:
            return finish(.neverInjected)
        case (.preparing, .prepared(let record)):
            undo = record
            return go(.recording, .record(record))
        case (.preparing, .failed(let reason)):
            return [.journal(Entry(.failed, error: reason))] + finish(.failed(reason))
        case (.recording, .recorded) where isEnding:
            return go(.clearing, .clear)
        case (.recording, .recorded):
            return [.journal(Entry(.prepared))] + go(.injecting, .inject)
        case (.recording, .failed(let reason)):
            // The record may be on disk half-way; nothing was injected, so it only has to go.
            failure = reason
            return [.journal(Entry(.failed, error: reason))] + go(.clearing, .clear)
        case (.injecting, .injected):
            let journal = [Action.journal(Entry(.injected))]
            return journal + (isEnding ? conclude() : go(.inEffect, .wait))
        case (.injecting, .failed(let reason)):
            // The world may be in either state: only the undo makes it known again.
            failure = reason
            return [.journal(Entry(.failed, error: reason))] + startUndo()
        default:
            return []
        }
    }

    private mutating func handleInEffect(_ event: Event) -> [Action] {
        switch (state, event) {
        case (.inEffect, .tick):
            return go(.observing, .observe)
        case (.observing, .observed(let seen)):
            failedPolls = 0
            let journal = note(seen)
            return journal + (isEnding ? conclude() : go(.inEffect, .wait))
        case (.observing, .failed(let reason)):
            return pollFailed(reason)
        case (.concluding, .lastReadingsMade):
            return [.observe]
        case (.concluding, .observed(let seen)):
            return note(seen) + unconfirmedNote(nil) + startUndo()
        case (.concluding, .failed(let reason)):
            return unconfirmedNote(reason) + startUndo()
        default:
            return []
        }
    }

    private mutating func handleUndo(_ event: Event) -> [Action] {
        switch (state, event) {
        case (.reverting, .reverted):
            return go(.verifying, .verify)
        case (.reverting, .failed(let reason)), (.verifying, .failed(let reason)):
            attempts += 1
            guard attempts >= Self.attemptsMax else { return go(.pausing, .pause) }
            let entry = Entry(.revertFailed, effect: effect, error: reason)
            return [.journal(entry)] + finish(.revertFailed(reason))
        case (.pausing, .paused):
            return go(.reverting, .revert)
        case (.verifying, .verified):
            return go(.clearing, .clear)
        case (.clearing, .cleared), (.clearing, .failed):
            // A record that stays behind is harmless: the undo is idempotent.
            return concludeUndo()
        default:
            return []
        }
    }
}

extension FaultLifecycle {
    private mutating func end(_ reason: EndReason) -> [Action] {
        guard !isEnding else { return [] }
        ending = reason
        switch state {
        case .idle: return finish(.neverInjected)
        case .inEffect: return conclude()
        default: return []
        }
    }

    /// The last readings (not when somebody waits for the undo), then the last look at the effect.
    private mutating func conclude() -> [Action] {
        go(.concluding, ending == .elapsed ? .makeLastReadings : .observe)
    }

    private mutating func pollFailed(_ reason: String) -> [Action] {
        failedPolls += 1
        if isEnding { return unconfirmedNote(reason) + startUndo() }
        guard failedPolls >= Self.failedPollsMax else { return go(.inEffect, .wait) }
        failure = reason
        return [.journal(Entry(.failed, effect: effect, error: reason))] + startUndo()
    }

    private mutating func note(_ seen: Effect) -> [Action] {
        effect = seen
        guard !isConfirmed, seen.hits >= hitsMinimum else { return [] }
        isConfirmed = true
        return [.journal(Entry(.confirmed, effect: seen))]
    }

    private func unconfirmedNote(_ error: String?) -> [Action] {
        isConfirmed ? [] : [.journal(Entry(.unconfirmed, effect: effect, error: error))]
    }

    private mutating func startUndo() -> [Action] {
        [.journal(Entry(.reverting))] + go(.reverting, .revert)
    }

    private mutating func concludeUndo() -> [Action] {
        if !hasUndone, failure == nil {
            return finish(.neverInjected)
        }
        let journal: [Action] =
            hasUndone ? [.journal(Entry(.reverted, effect: effect))] : []
        if let failure { return journal + finish(.failed(failure)) }
        return journal + finish(.reverted(hits: effect?.hits ?? 0))
    }

    private mutating func go(_ next: State, _ action: Action) -> [Action] {
        if next == .verifying { hasUndone = true }
        state = next
        return [action]
    }

    private mutating func finish(_ outcome: Outcome) -> [Action] {
        state = .finished
        return [.finish(outcome)]
    }
}
