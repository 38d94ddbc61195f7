// The answer to a WebSocket upgrade.
// Must not know sockets.

#pragma once

#include <stddef.h>

/// Writes the answer to a request's head and returns how many bytes the head has; 0: it is not complete; -1: it is not an upgrade.
long answer_upgrade(const char *bytes, size_t count, char *answer, size_t room, size_t *length);
