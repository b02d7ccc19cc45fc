// Throwaway PostgreSQL clusters, started as our own child processes and removed without a trace.
//
//     PostgresBinaries ─▶ ClusterTemplate ─copy─▶ data/ ─▶ postgres (our child) ─▶ PostgresCluster
//      find initdb,        initdb once,           socket/ (0700: trust)             conninfo, stop,
//      postgres            cached                 127.0.0.1:port (scram)            remove
//
// * PostgreSQL refuses to run as root, so a cluster of root's belongs to `ServerAccount`: the user
//   `postgres`, else `nobody`.
// * The server is started directly, not by pg_ctl: we know its process and it dies with us, by an
//   immediate shutdown that removes its shared memory and socket.
// * fsync, full_page_writes and synchronous_commit stay on: lost commits must be the fault's work.
// * Ready means: a connection was made and a statement answered.
