// Other people's readers of the same bytes, each as one C function.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What simdjson says: 1 the text is JSON, 0 it is not, -1 it cannot say (a limit of its own).
int oracle_json(const uint8_t *bytes, size_t count);

/// The same for texts back to back.
int oracle_json_texts(const uint8_t *bytes, size_t count);

typedef struct {
    /// Messages and control frames that were whole.
    size_t events;
    /// A hash over kind, length and bytes of each, in their order.
    uint64_t hash;
    /// Whether the peer broke the protocol or the limit.
    bool failed;
    /// Whether a close frame came.
    bool closed;
} oracle_frames;

/// What wslay says to the frames that a client sends to a server.
void oracle_websocket(const uint8_t *bytes, size_t count, size_t message_max, oracle_frames *out);

#ifdef __cplusplus
}
#endif
