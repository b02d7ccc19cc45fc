/// Where our own state lives.
package enum StatePaths {
    /// `$CHAOS_STATE_DIR`, else `/var/lib/chaos` for root, else `$XDG_STATE_HOME/chaos`, else
    /// `~/.local/state/chaos`.
    package static var root: String {
        if let chosen = Environment.get("CHAOS_STATE_DIR") { return SystemFiles.absolute(chosen) }
        if UserAccount.isRoot { return "/var/lib/chaos" }
        if let state = Environment.get("XDG_STATE_HOME"), state.hasPrefix("/") {
            return state + "/chaos"
        }
        return (Environment.get("HOME") ?? "/tmp") + "/.local/state/chaos"
    }

    /// The undo records of runs.
    package static var ledger: String { root + "/ledger" }

    /// The running shops.
    package static var shops: String { root + "/shops" }
}
