/// Where our own state lives.
package enum StatePaths {
    /// `$CHAOS_STATE_DIR`, else `/var/lib/chaos` for root, else `$XDG_STATE_HOME/chaos`, else
    /// `~/.local/state/chaos`.
    package static var root: String {
        root(isRoot: UserAccount.isRoot, variable: Environment.get)
    }

    /// The rule behind `root`, as a pure function.
    static func root(isRoot: Bool, variable: (String) -> String?) -> String {
        if let chosen = variable("CHAOS_STATE_DIR") { return SystemFiles.absolute(chosen) }
        if isRoot { return "/var/lib/chaos" }
        if let state = variable("XDG_STATE_HOME"), state.hasPrefix("/") { return state + "/chaos" }
        return (variable("HOME") ?? "/tmp") + "/.local/state/chaos"
    }

    /// The undo records of runs.
    package static var ledger: String { root + "/ledger" }

    /// The preload shim and the control files of programs under it.
    package static var clocks: String { root + "/clocks" }

    /// The doors of proxies' stand-ins.
    package static var standIns: String { root + "/stand-ins" }

    /// The running shops.
    package static var shops: String { root + "/shops" }
}
