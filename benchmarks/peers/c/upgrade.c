// The answer to a WebSocket upgrade, with the hash it needs (RFC 6455, section 4.2.2), so that the bare server needs libuv only.
// Must not know sockets.

#include "upgrade.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { HEAD = 4096 };

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

long answer_upgrade(const char *bytes, size_t count, char *answer, size_t room, size_t *length) {
    const char *last = memmem(bytes, count, "\r\n\r\n", 4);
    if (!last) return count < HEAD ? 0 : -1;
    const char *key = memmem(bytes, count, "Sec-WebSocket-Key: ", 19);
    if (!key || key + 19 + 24 > last + 4) return -1;
    char text[61];
    memcpy(text, key + 19, 24);
    memcpy(text + 24, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", 37);
    uint8_t digest[20];
    char accept[29];
    sha1(text, 60, digest);
    base64(digest, accept);
    *length = (size_t)snprintf(
        answer, room, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
        accept);
    return last + 4 - bytes;
}
