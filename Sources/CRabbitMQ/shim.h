#pragma once
// CRabbitMQ: librabbitmq (AMQP 0-9-1), its variadic login, and its numbers that are macros with casts.
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>

static inline amqp_rpc_reply_t crabbitmq_login(amqp_connection_state_t state, const char *vhost, int heartbeat_seconds,
                                               const char *user, const char *password) {
    return amqp_login(state, vhost, AMQP_DEFAULT_MAX_CHANNELS, AMQP_DEFAULT_FRAME_SIZE, heartbeat_seconds,
                      AMQP_SASL_METHOD_PLAIN, user, password);
}

static const uint32_t crabbitmq_basic_deliver = AMQP_BASIC_DELIVER_METHOD;
static const uint32_t crabbitmq_basic_ack = AMQP_BASIC_ACK_METHOD;
static const uint32_t crabbitmq_basic_nack = AMQP_BASIC_NACK_METHOD;
static const uint32_t crabbitmq_basic_return = AMQP_BASIC_RETURN_METHOD;
static const uint32_t crabbitmq_basic_cancel = AMQP_BASIC_CANCEL_METHOD;
static const uint32_t crabbitmq_channel_close = AMQP_CHANNEL_CLOSE_METHOD;
static const uint32_t crabbitmq_connection_close = AMQP_CONNECTION_CLOSE_METHOD;

// Answers the server's close, after which the number of the channel may be used again.
static inline int crabbitmq_channel_close_ok(amqp_connection_state_t state, amqp_channel_t channel) {
    amqp_channel_close_ok_t answer = {0};
    return amqp_send_method(state, channel, AMQP_CHANNEL_CLOSE_OK_METHOD, &answer);
}
