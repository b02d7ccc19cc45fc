// PostgreSQL on the event loop: libpq's asynchronous interface, with no pointer in sight.
//
//     PostgresPool ──lends──▶ PostgresConnection ──▶ ConnectionHandle ──▶ libpq ──▶ socket
//       FIFO, bounds            query, simple,         waits on the          (CPostgres)
//       discards what broke     transaction, listen    loop, with a deadline
//
// * Every call has a deadline. When it expires (or the task is cancelled) the server is told to
//   stop (`PQcancel`, on a helper thread because PostgreSQL 15's is blocking), the connection is
//   closed and the error says whether the change may have been made (`isDefinite`).
// * A COMMIT is always a simple statement of its own, so that its acknowledgement is one message
//   on the wire. When the connection is lost after it was sent the outcome is unknown and the
//   error is `.ambiguousCommit`; nothing in this room ever retries.
// * A statement is prepared on its second use and kept in a bounded cache.
// * Values travel as text; results are copied out of libpq row by row under a byte limit.
//
// Connections and pools are confined to the loop that made them: calling them from another thread
// traps. Use `Loop.spawn` or `Loop.main` to get there.
