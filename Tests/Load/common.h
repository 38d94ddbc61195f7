// What the load programs share: time, sockets, WebSocket frames of a client, a latency histogram, another process's figures.
// Must not know the program under test; loopback only.

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

uint64_t now_ns(void);
/// Ends the program with a message and status 2: the measurement could not be made.
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));
/// Raises the limit of open files to what is allowed; returns it.
long raise_file_limit(void);

/// A TCP socket to 127.0.0.1:port with TCP_NODELAY. `source` 0 is 127.0.0.1, 1 is 127.0.0.2 and so on (more ports for storms).
int connect_loopback(uint16_t port, bool nonblocking, unsigned source);
void make_nonblocking(int socket);
/// Blocking: all bytes, or the program ends.
void send_all(int socket, const void *bytes, size_t count);

/// The bytes of an upgrade request.
extern const char upgrade_request[];
/// `RequestServerInfo` of v4 with Id 1, as a masked frame.
size_t build_handshake(char *to, const char *name);
/// One masked text frame; returns its length. `to` needs count + 14 bytes.
size_t build_frame(char *to, uint8_t opcode, const char *payload, size_t count);
extern const uint8_t mask_key[4];

/// One frame of a server found in a buffer.
struct frame {
    uint8_t opcode;
    const char *payload;
    size_t count;
    /// Header and payload.
    size_t size;
};
/// False: not all of it is there yet.
bool next_frame(const char *bytes, size_t count, struct frame *frame);

/// A blocking session used for setting up: upgrade and v4 handshake done.
int open_session(uint16_t port, const char *name);
/// Blocking: sends a JSON text and returns the first text that answers its Id, in a buffer to be freed.
char *ask(int socket, uint32_t id, const char *json);
/// Blocking: the next text, in a buffer to be freed. NULL when the server has ended the stream.
char *receive_text(int socket);
/// The first number after `"Id":`, or -1.
int64_t find_id(const char *text, size_t count);

/// One output that can be driven.
struct lane {
    uint32_t device, feature;
    char type[24];
    int32_t high;
};
/// The held outputs in a v4 DeviceList, at most `max`.
size_t find_lanes(const char *list, struct lane *lanes, size_t max);

/// Latencies in nanoseconds, within 1.6 %.
struct histogram {
    uint64_t buckets[64 * 64];
    uint64_t count, max;
};
void record(struct histogram *histogram, uint64_t value);
/// The value below which `share` (0…1) of the recorded ones lie.
uint64_t quantile(const struct histogram *histogram, double share);

/// Figures of another process; 0 when it cannot be read.
struct figures {
    /// Processor time of all its threads.
    double cpu_seconds;
    long resident_kilobytes;
    long descriptors;
};
struct figures figures_of(pid_t pid);
/// Waits (up to `seconds`) until the process has no more than `descriptors` open; returns the last figures.
struct figures settle(pid_t pid, long descriptors, double seconds);

/// The port of `ws://127.0.0.1:PORT` or of a plain number.
uint16_t port_of(const char *text);
