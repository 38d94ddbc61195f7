// The peer for ratios: a bare server on libuv that upgrades anybody, finds the Id in each text frame and answers Ok. It does none
// of the work of a router; only a greeting and a fixed list of eight devices make a Buttplug client content.
// Prints `ready ws://127.0.0.1:PORT`; ends on SIGTERM or SIGINT.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

enum { READ_BUFFER = 1 << 18, HEAD = 4096, LIST = 4096 };

struct client {
    uv_tcp_t tcp;
    int upgraded;
    /// What is left of an unfinished frame or head.
    char *rest;
    size_t rest_count;
};

static char read_buffer[READ_BUFFER];
static char replies[READ_BUFFER];

static uint32_t rotated(uint32_t x, int n) { return x << n | x >> (32 - n); }

static void sha1(const char *text, size_t count, uint8_t digest[20]) {
    uint32_t h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    uint8_t block[128] = {0};
    memcpy(block, text, count);
    block[count] = 0x80;
    size_t blocks = count + 9 > 64 ? 2 : 1;
    uint64_t bits = count * 8;
    for (int i = 0; i < 8; i++) block[blocks * 64 - 1 - (size_t)i] = (uint8_t)(bits >> (8 * i));
    for (size_t b = 0; b < blocks; b++) {
        uint32_t w[80];
        for (int i = 0; i < 16; i++) {
            const uint8_t *at = block + b * 64 + i * 4;
            w[i] = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
        }
        for (int i = 16; i < 80; i++) w[i] = rotated(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
        uint32_t a = h[0], c1 = h[1], c = h[2], d = h[3], e = h[4];
        for (int i = 0; i < 80; i++) {
            uint32_t f, k;
            if (i < 20) f = (c1 & c) | (~c1 & d), k = 0x5a827999;
            else if (i < 40) f = c1 ^ c ^ d, k = 0x6ed9eba1;
            else if (i < 60) f = (c1 & c) | (c1 & d) | (c & d), k = 0x8f1bbcdc;
            else f = c1 ^ c ^ d, k = 0xca62c1d6;
            uint32_t next = rotated(a, 5) + f + e + k + w[i];
            e = d, d = c, c = rotated(c1, 30), c1 = a, a = next;
        }
        h[0] += a, h[1] += c1, h[2] += c, h[3] += d, h[4] += e;
    }
    for (int i = 0; i < 20; i++) digest[i] = (uint8_t)(h[i / 4] >> (24 - 8 * (i % 4)));
}

static void base64(const uint8_t digest[20], char to[29]) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t bytes[21] = {0};
    memcpy(bytes, digest, 20);
    for (int i = 0; i < 7; i++) {
        uint32_t n = (uint32_t)bytes[i * 3] << 16 | (uint32_t)bytes[i * 3 + 1] << 8 | bytes[i * 3 + 2];
        for (int j = 0; j < 4; j++) to[i * 4 + j] = letters[n >> (18 - 6 * j) & 63];
    }
    to[27] = '=';
    to[28] = 0;
}

static void closed(uv_handle_t *handle) {
    struct client *client = (struct client *)handle->data;
    free(client->rest);
    free(client);
}

static void end(struct client *client) {
    if (!uv_is_closing((uv_handle_t *)&client->tcp)) uv_close((uv_handle_t *)&client->tcp, closed);
}

static void wrote(uv_write_t *request, int status) {
    (void)status;
    free(request->data);
    free(request);
}

static void send_bytes(struct client *client, char *bytes, size_t count) {
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

/// Bytes of a head that were used up; 0: not all there; -1: not an upgrade.
static long upgrade(struct client *client, const char *bytes, size_t count) {
    const char *last = memmem(bytes, count, "\r\n\r\n", 4);
    if (!last) return count < HEAD ? 0 : -1;
    const char *key = memmem(bytes, count, "Sec-WebSocket-Key: ", 19);
    if (!key || key + 19 + 24 > last + 4) return -1;
    char text[61];
    memcpy(text, key + 19, 24);
    memcpy(text + 24, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", 37);
    uint8_t digest[20];
    char accept[29], answer[256];
    sha1(text, 60, digest);
    base64(digest, accept);
    int length = snprintf(
        answer, sizeof answer,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", accept);
    send_bytes(client, answer, (size_t)length);
    client->upgraded = 1;
    return last + 4 - bytes;
}

static size_t frame(const char *text, size_t count, char *to) {
    to[0] = (char)0x81;
    to[1] = 126;
    to[2] = (char)(count >> 8);
    to[3] = (char)count;
    memcpy(to + 4, text, count);
    return 4 + count;
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
        for (int device = 0; device < 8; device++) {
            n += (size_t)snprintf(
                text + n, sizeof text - n,
                "%s\"%d\":{\"DeviceName\":\"Fixed\",\"DeviceIndex\":%d,\"DeviceMessageTimingGap\":0,\"DeviceFeatures\":{"
                "\"0\":{\"FeatureIndex\":0,\"FeatureDescription\":\"\",\"Output\":{\"Vibrate\":{\"Value\":[0,100]}}},"
                "\"1\":{\"FeatureIndex\":1,\"FeatureDescription\":\"\",\"Output\":{\"Vibrate\":{\"Value\":[0,100]}}}}}",
                device ? "," : "", device, device);
        }
        n += (size_t)snprintf(text + n, sizeof text - n, "}}}]");
    }
    return n ? frame(text, n, to) : 0;
}

/// Unmasks one frame in place and appends the answer; returns the answer's length.
static size_t answer(uint8_t opcode, uint8_t *payload, size_t count, const uint8_t mask[4], char *to) {
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
        out += answer(b[0] & 15, b + head + 4, length, b + head, replies + out);
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
    if (client->rest_count > 0) memcpy(read_buffer, client->rest, client->rest_count);
    *buffer = uv_buf_init(read_buffer + client->rest_count, (unsigned)(sizeof read_buffer - client->rest_count));
}

static void received(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer) {
    (void)buffer;
    struct client *client = (struct client *)stream->data;
    if (count < 0) end(client);
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
    uv_tcp_nodelay(&client->tcp, 1);
    uv_read_start((uv_stream_t *)&client->tcp, allocate, received);
}

static void stop(uv_signal_t *signal, int number) {
    (void)number;
    uv_stop(signal->loop);
}

int main(int argc, char **argv) {
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
    printf("ready ws://127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    uv_run(loop, UV_RUN_DEFAULT);
    return 0;
}
