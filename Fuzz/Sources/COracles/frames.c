// wslay as one C function. Must not hold anything between two calls.
#include "COracles.h"

#include <string.h>
#include <wslay/wslay.h>

typedef struct {
    const uint8_t *bytes;
    size_t left;
    oracle_frames *out;
} input;

static void mix(uint64_t *hash, const void *bytes, size_t count) {
    const uint8_t *at = bytes;
    for (size_t index = 0; index < count; index++) *hash = (*hash ^ at[index]) * 1099511628211u;
}

static ssize_t take(wslay_event_context_ptr context, uint8_t *to, size_t room, int flags, void *user) {
    (void)flags;
    input *in = user;
    if (in->left == 0) {
        wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    const size_t count = room < in->left ? room : in->left;
    memcpy(to, in->bytes, count);
    in->bytes += count;
    in->left -= count;
    return (ssize_t)count;
}

static void came(wslay_event_context_ptr context, const struct wslay_event_on_msg_recv_arg *arg, void *user) {
    (void)context;
    oracle_frames *out = ((input *)user)->out;
    const uint64_t count = arg->msg_length;
    out->events++;
    mix(&out->hash, &arg->opcode, 1);
    mix(&out->hash, &count, sizeof count);
    mix(&out->hash, arg->msg, arg->msg_length);
    if (arg->opcode == WSLAY_CONNECTION_CLOSE) out->closed = true;
}

void oracle_websocket(const uint8_t *bytes, size_t count, size_t message_max, oracle_frames *out) {
    *out = (oracle_frames){.hash = 14695981039346656037u};
    input in = {bytes, count, out};
    const struct wslay_event_callbacks callbacks = {.recv_callback = take, .on_msg_recv_callback = came};
    wslay_event_context_ptr context;
    if (wslay_event_context_server_init(&context, &callbacks, &in) != 0) return;
    wslay_event_config_set_max_recv_msg_length(context, message_max);
    const int result = wslay_event_recv(context);
    if (result != 0 || (!out->closed && !wslay_event_get_read_enabled(context))) out->failed = true;
    wslay_event_context_free(context);
}
