package import LinuxSystem

/// Removes the folder of throwaway servers when this process has ended, however it ended.
package enum FolderSweeper {
    /// Starts a shell in a session of its own that waits for our end and runs the script then.
    ///
    /// The folder is the script's `$1`. The shell waits on its input: it ends early when the caller
    /// lets go of the process.
    package static func start(_ folder: String, _ script: String) throws -> ChildProcess {
        var request = SpawnRequest(
            executable: "/bin/sh",
            arguments: ["-c", "cat >/dev/null\n" + script, "sweep", folder]
        )
        request.stdin = .pipe
        request.stdout = .null
        request.stderr = .null
        request.newSession = true
        return try ChildProcess.spawn(request)
    }
}
