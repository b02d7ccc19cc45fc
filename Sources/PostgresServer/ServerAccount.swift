import LinuxSystem

/// Under which user a server runs: never root, because PostgreSQL refuses and would be right to.
package struct ServerAccount: Sendable, Hashable {
    /// The user and group to drop to; `nil` stays who we are.
    package var identity: Identity?
    /// The user's name, for messages.
    package var name: String

    package struct Identity: Sendable, Hashable {
        package var user: UInt32
        package var group: UInt32
    }

    /// Root's servers run as `name`, else `nobody`; everybody else's run as themselves.
    package static func current(preferring name: String = "postgres") throws -> ServerAccount {
        guard UserAccount.isRoot else { return ServerAccount(identity: nil, name: "you") }
        for name in [name, "nobody"] {
            guard let account = UserAccount.named(name) else { continue }
            let identity = Identity(user: account.uid, group: account.gid)
            return ServerAccount(identity: identity, name: name)
        }
        throw PostgresServerError(
            .place,
            "there is neither a user \(name) nor a user nobody to run the server as. "
                + "Add one, or start chaos as an ordinary user."
        )
    }

    /// Gives a file or folder to the account; nothing to do when it is ours.
    package func own(_ path: String) throws {
        guard let identity else { return }
        try SystemFiles.chown(path, uid: identity.user, gid: identity.group)
    }
}
