// ShopBroker: messages in topics, at least once and in order for each key.
//
//   relay ──publish(batch, token)──▶ topic ─┬─ partition 0: 0 1 2 3 … ──lane──▶ a group's member
//                                          └─ partition 1: 0 1 2 …   ──lane──▶ another member
//
// A message's key chooses its partition; a partition keeps its order. A group's members share the
// partitions; each holds a lane (a lease with a token) for every partition it reads. Publishers and
// members are paused and woken at bad moments, so every write carries a token: the broker refuses a
// publisher's older token, and the consumer's own database refuses an older lane's.
//
// `PostgresBroker` keeps the log in a table: a partition's counter row is locked while offsets are
// dealt out, so offsets appear in order and without gaps; NOTIFY wakes the readers, and a slow poll
// finds what a lost notification did not tell.
