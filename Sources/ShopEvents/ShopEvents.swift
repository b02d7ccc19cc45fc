// ShopEvents: carries what happened from the database where it did to one effect elsewhere.
//
//   orders-db                                broker-db                 notifications-db
//   state + event ──EventRelay──publish────▶ log ──lanes──EventConsumer──▶ inbox + effect + offset
//   (one transaction)   │ lease with token     │ refuses older tokens        (one transaction)
//                       └ deletes what is there └ wakes by NOTIFY
//
// The relay publishes at least once, the consumer has each effect once: what comes again finds its
// id in the inbox, what was handled lies before the offset, and a member that lost its lane without
// knowing finds a newer token beside the offset. An event that cannot be handled is tried a few
// times and then parked among the dead letters with the reason, from where a person replays it.
