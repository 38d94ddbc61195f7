// The peer for ratios: a bare server on libuv that upgrades every connection, finds the Id in each text frame and answers Ok. It does none
// of a router's work. For Buttplug clients it has a ServerInfo and a fixed list of eight devices. A client that sends Subscribe gets the
// same reading ten times a second, as subscribers of a simulated sensor do. `bare PORT MICROSECONDS` is the same as an upstream server: one
// device with two outputs, a gap of 100 ms that the server does not keep, and that time for each command. `bare-tls PORT 0 CERTIFICATE KEY`
// is the same over TLS.
// Prints `ready ws://127.0.0.1:PORT`, or `ready wss://…`; ends on SIGTERM or SIGINT.

#include "tls.h"
#include "upgrade.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uv.h>

enum { READ_BUFFER = 1 << 18, LIST = 4096, SUBSCRIBERS = 10000, READING_MILLISECONDS = 100 };

/// How long a command takes; 0: nothing, and there are eight devices instead of one.
static long command_microseconds;

static const char READING[] = "[{\"InputReading\":{\"Id\":0,\"DeviceIndex\":0,\"FeatureIndex\":0,\"Reading\":{\"Pressure\":{\"Value\":1000}}}}]";

/// Of the first device's first feature.
static const char SENSOR[] = ",\"Input\":{\"Pressure\":{\"Value\":[[0,4095]],\"Command\":[\"Subscribe\"]}}";

struct client {
    uv_tcp_t tcp;
    /// NULL: not encrypted.
    struct tls *tls;
    int upgraded;
    /// The bytes of an unfinished frame or head.
    char *rest;
    size_t rest_count;
    /// Its index among the subscribers, from 1; 0: it is not a subscriber.
    size_t index;
};

static struct client *subscribers[SUBSCRIBERS];
static size_t subscriber_count;

static char read_buffer[READ_BUFFER];
/// What came encrypted; what it says goes to `read_buffer`.
static char encrypted[READ_BUFFER / 2];
static char replies[READ_BUFFER];

static void closed(uv_handle_t *handle) {
    struct client *client = (struct client *)handle->data;
    free(client->rest);
    if (client->tls) tls_free(client->tls);
    free(client);
}

static void end(struct client *client) {
    if (client->index) {
        struct client *last = subscribers[--subscriber_count];
        subscribers[client->index - 1] = last;
        last->index = client->index;
        client->index = 0;
    }
    if (!uv_is_closing((uv_handle_t *)&client->tcp)) uv_close((uv_handle_t *)&client->tcp, closed);
}

static void wrote(uv_write_t *request, int status) {
    (void)status;
    free(request->data);
    free(request);
}

static void send_as_it_is(struct client *client, char *bytes, size_t count) {
    if (count == 0) return;
    uv_buf_t buffer = uv_buf_init(bytes, (unsigned)count);
    int taken = uv_try_write((uv_stream_t *)&client->tcp, &buffer, 1);
    if (taken == (int)count) return;
    if (taken < 0 && taken != UV_EAGAIN) {
        end(client);
        return;
    }
    size_t done = taken > 0 ? (size_t)taken : 0;
    uv_write_t *request = malloc(sizeof *request);
    request->data = malloc(count - done);
    memcpy(request->data, bytes + done, count - done);
    buffer = uv_buf_init(request->data, (unsigned)(count - done));
    if (uv_write(request, (uv_stream_t *)&client->tcp, &buffer, 1, wrote) != 0) end(client);
}

static void send_bytes(struct client *client, char *bytes, size_t count) {
    if (client->tls) {
        tls_write(client->tls, bytes, count);
        bytes = tls_output(&count);
    }
    send_as_it_is(client, bytes, count);
}

/// The number of bytes in the head; 0: it is not complete; -1: it is not an upgrade.
static long upgrade(struct client *client, const char *bytes, size_t count) {
    char reply[256];
    size_t length = 0;
    long used = answer_upgrade(bytes, count, reply, sizeof reply, &length);
    if (used > 0) {
        send_bytes(client, reply, length);
        client->upgraded = 1;
    }
    return used;
}

static void subscribe(struct client *client) {
    if (client->index || subscriber_count == SUBSCRIBERS) return;
    subscribers[subscriber_count++] = client;
    client->index = subscriber_count;
}

/// One reading for every subscriber: a frame prepared in advance, and one write each.
static void read_sensor(uv_timer_t *timer) {
    (void)timer;
    static char reading[2 + 125] = {(char)0x81};
    if (!reading[1]) reading[1] = (char)snprintf(reading + 2, sizeof reading - 2, "%s", READING);
    // Backwards: a client whose write fails is replaced by the last one.
    for (size_t n = subscriber_count; n > 0; n--) send_bytes(subscribers[n - 1], reading, 2 + (size_t)reading[1]);
}

static size_t frame(const char *text, size_t count, char *to) {
    size_t head = count < 126 ? 2 : 4;
    to[0] = (char)0x81;
    to[1] = (char)(count < 126 ? count : 126);
    if (head == 4) {
        to[2] = (char)(count >> 8);
        to[3] = (char)count;
    }
    memcpy(to + head, text, count);
    return head + count;
}

/// ServerInfo or the list of devices; 0: the request is neither.
static size_t introduce(const char *request, size_t count, const char *id, size_t digits, char *to) {
    static char text[LIST];
    size_t n = 0;
    if (memmem(request, count, "RequestServerInfo", 17)) {
        n = (size_t)snprintf(
            text, sizeof text,
            "[{\"ServerInfo\":{\"Id\":%.*s,\"ServerName\":\"Bare C\",\"MaxPingTime\":0,"
            "\"ProtocolVersionMajor\":4,\"ProtocolVersionMinor\":0}}]",
            (int)digits, id);
    } else if (memmem(request, count, "RequestDeviceList", 17)) {
        n = (size_t)snprintf(text, sizeof text, "[{\"DeviceList\":{\"Id\":%.*s,\"Devices\":{", (int)digits, id);
        for (int device = 0; device < (command_microseconds ? 1 : 8); device++) {
            n += (size_t)snprintf(
                text + n, sizeof text - n,
                "%s\"%d\":{\"DeviceName\":\"Fixed\",\"DeviceIndex\":%d,\"DeviceMessageTimingGap\":%d,\"DeviceFeatures\":{"
                "\"0\":{\"FeatureIndex\":0,\"FeatureDescription\":\"\",\"Output\":{\"Vibrate\":{\"Value\":[0,100]}}%s},"
                "\"1\":{\"FeatureIndex\":1,\"FeatureDescription\":\"\",\"Output\":{\"Vibrate\":{\"Value\":[0,100]}}}}}",
                device ? "," : "", device, device, command_microseconds ? 100 : 0, command_microseconds || device ? "" : SENSOR);
        }
        n += (size_t)snprintf(text + n, sizeof text - n, "}}}]");
    }
    return n ? frame(text, n, to) : 0;
}

/// Unmasks one frame in place and appends the answer; returns the answer's length.
static size_t answer(struct client *client, uint8_t opcode, uint8_t *payload, size_t count, const uint8_t mask[4], char *to) {
    uint32_t word;
    memcpy(&word, mask, 4);
    uint64_t wide = (uint64_t)word << 32 | word;
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        uint64_t eight;
        memcpy(&eight, payload + i, 8);
        eight ^= wide;
        memcpy(payload + i, &eight, 8);
    }
    for (; i < count; i++) payload[i] ^= mask[i & 3];
    if (opcode == 8 || opcode == 9) {
        to[0] = (char)(opcode == 8 ? 0x88 : 0x8a);
        to[1] = (char)count;
        memcpy(to + 2, payload, count);
        return 2 + count;
    }
    if (opcode != 1) return 0;
    const uint8_t *at = memmem(payload, count, "\"Id\":", 5);
    if (!at) return 0;
    const uint8_t *from = at += 5;
    while (at < payload + count && *at >= '0' && *at <= '9') at++;
    size_t digits = (size_t)(at - from);
    if (count > 3 && payload[3] == 'R') {
        size_t length = introduce((const char *)payload, count, (const char *)from, digits, to);
        if (length) return length;
    }
    if (count > 3 && payload[3] == 'I' && memmem(payload, count, "\"Subscribe\"", 11)) subscribe(client);
    if (command_microseconds && count > 3 && payload[3] == 'O') {
        struct timespec time = {0, command_microseconds * 1000};
        nanosleep(&time, NULL);
    }
    memcpy(to + 2, "[{\"Ok\":{\"Id\":", 13);
    memcpy(to + 15, from, digits);
    memcpy(to + 15 + digits, "}}]", 3);
    to[0] = (char)0x81;
    to[1] = (char)(16 + digits);
    return 18 + digits;
}

static void consume(struct client *client, char *bytes, size_t count) {
    size_t at = 0, out = 0;
    int ending = 0;
    if (!client->upgraded) {
        long used = upgrade(client, bytes, count);
        if (used < 0) {
            end(client);
            return;
        }
        at = (size_t)used;
    }
    while (client->upgraded && count - at >= 6) {
        uint8_t *b = (uint8_t *)bytes + at;
        size_t length = b[1] & 127, head = 2;
        if (length == 126) length = (size_t)b[2] << 8 | b[3], head = 4;
        if (length == 127 || !(b[1] & 0x80)) {
            end(client);
            return;
        }
        if (count - at < head + 4 + length) break;
        if (out + length + LIST > sizeof replies) {
            send_bytes(client, replies, out);
            out = 0;
        }
        out += answer(client, b[0] & 15, b + head + 4, length, b + head, replies + out);
        at += head + 4 + length;
        if ((b[0] & 15) == 8) {
            ending = 1;
            break;
        }
    }
    send_bytes(client, replies, out);
    if (ending) {
        end(client);
        return;
    }
    size_t left = count - at;
    char *rest = left > 0 ? malloc(left) : NULL;
    if (left > 0) memcpy(rest, bytes + at, left);
    free(client->rest);
    client->rest = rest;
    client->rest_count = left;
}

static void allocate(uv_handle_t *handle, size_t size, uv_buf_t *buffer) {
    (void)size;
    struct client *client = (struct client *)handle->data;
    if (client->tls) {
        *buffer = uv_buf_init(encrypted, sizeof encrypted);
        return;
    }
    if (client->rest_count > 0) memcpy(read_buffer, client->rest, client->rest_count);
    *buffer = uv_buf_init(read_buffer + client->rest_count, (unsigned)(sizeof read_buffer - client->rest_count));
}

/// The rest of the last time comes before what is decrypted now.
static void decrypt(struct client *client, size_t count) {
    size_t rest = client->rest_count;
    if (rest > 0) memcpy(read_buffer, client->rest, rest);
    long plain = tls_read(client->tls, encrypted, count, read_buffer + rest, sizeof read_buffer - rest);
    // What the handshake has to say, or an alert.
    char *bytes = tls_output(&count);
    send_as_it_is(client, bytes, count);
    if (plain < 0) end(client);
    else if (plain > 0) consume(client, read_buffer, rest + (size_t)plain);
}

static void received(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer) {
    (void)buffer;
    struct client *client = (struct client *)stream->data;
    if (count < 0) end(client);
    else if (count > 0 && client->tls) decrypt(client, (size_t)count);
    else if (count > 0) consume(client, read_buffer, client->rest_count + (size_t)count);
}

static void connected(uv_stream_t *listener, int status) {
    if (status < 0) return;
    struct client *client = calloc(1, sizeof *client);
    uv_tcp_init(listener->loop, &client->tcp);
    client->tcp.data = client;
    if (uv_accept(listener, (uv_stream_t *)&client->tcp) != 0) {
        end(client);
        return;
    }
    client->tls = tls_open();
    uv_tcp_nodelay(&client->tcp, 1);
    uv_read_start((uv_stream_t *)&client->tcp, allocate, received);
}

static void stop(uv_signal_t *signal, int number) {
    (void)number;
    uv_stop(signal->loop);
}

int main(int argc, char **argv) {
    if (argc > 2) command_microseconds = atol(argv[2]);
    if (argc > 4 && !tls_load(argv[3], argv[4])) {
        fprintf(stderr, "%s, %s: not a certificate and its key\n", argv[3], argv[4]);
        return 66;
    }
    uv_loop_t *loop = uv_default_loop();
    uv_tcp_t listener;
    struct sockaddr_in address;
    uv_ip4_addr("127.0.0.1", argc > 1 ? atoi(argv[1]) : 0, &address);
    uv_tcp_init(loop, &listener);
    uv_signal_t signals[2];
    for (int i = 0; i < 2; i++) {
        uv_signal_init(loop, &signals[i]);
        uv_signal_start(&signals[i], stop, i == 0 ? SIGTERM : SIGINT);
    }
    int failed = uv_tcp_bind(&listener, (const struct sockaddr *)&address, 0);
    if (!failed) failed = uv_listen((uv_stream_t *)&listener, 4096, connected);
    if (failed) {
        fprintf(stderr, "listen: %s\n", uv_strerror(failed));
        return 69;
    }
    int length = sizeof address;
    uv_tcp_getsockname(&listener, (struct sockaddr *)&address, &length);
    printf("ready %s://127.0.0.1:%d\n", argc > 4 ? "wss" : "ws", ntohs(address.sin_port));
    fflush(stdout);
    uv_timer_t sensor;
    uv_timer_init(loop, &sensor);
    uv_timer_start(&sensor, read_sensor, READING_MILLISECONDS, READING_MILLISECONDS);
    uv_run(loop, UV_RUN_DEFAULT);
    return 0;
}
