// RabbitMQ: librabbitmq (AMQP 0-9-1) as safe Swift, one thread for each connection.
//
//   any loop ──await──▶ RabbitConnection (an actor on its own thread) ──▶ librabbitmq ──▶ server
//            ◀── events: deliveries, lost channels, the end ── readable ─▶ drain
//
// * librabbitmq blocks while it sends and while it waits for an answer. It may: nobody else runs on
//   the thread. `abort` shuts the socket down from any thread, which ends whatever blocks.
// * Answers are waited for five seconds at most, reads for two missed heartbeats.
// * A channel that the server closes is told as an event and costs only that channel.
