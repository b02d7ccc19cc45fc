// LinuxSystem — the operating system as safe Swift: processes, network namespaces, files that
// survive a crash, and facts of the host.
//
//     SpawnRequest ─▶ ChildProcess ──pidfd on the loop──▶ ExitStatus
//     SystemFiles, AppendFile: written, fsynced, renamed  ·  StatePaths: where our own state lives
//     NetworkNamespace: made, entered for the length of one synchronous call, removed
//     ProcessIdentity: a pid with its start time, so that a reused pid is never mistaken for ours
//
// Every failure is a `SystemError` that names call, object, errno and remedy. Nothing here logs or
// exits.
