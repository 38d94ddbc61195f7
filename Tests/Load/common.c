// What the load programs share; see common.h.

#include "common.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

const uint8_t mask_key[4] = {0x37, 0xfa, 0x21, 0x3d};

const char upgrade_request[] =
    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

uint64_t now_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000ull + (uint64_t)time.tv_nsec;
}

void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(2);
}

long raise_file_limit(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    return (long)limit.rlim_cur;
}

uint16_t port_of(const char *text) {
    const char *colon = strrchr(text, ':');
    long port = strtol(colon ? colon + 1 : text, NULL, 10);
    if (port < 1 || port > 65535) die("no port in \"%s\": give a number or ws://127.0.0.1:PORT", text);
    return (uint16_t)port;
}

void make_nonblocking(int socket) { fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK); }

int connect_loopback(uint16_t port, bool nonblocking, unsigned source) {
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | (nonblocking ? SOCK_NONBLOCK : 0), 0);
    if (s < 0) die("socket: %s", strerror(errno));
    int one = 1;
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (source > 0) {
        setsockopt(s, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
        struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + source)};
        if (bind(s, (struct sockaddr *)&from, sizeof from) < 0) die("bind: %s", strerror(errno));
    }
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (connect(s, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS) die("connect to port %u: %s", port, strerror(errno));
    return s;
}

void send_all(int socket, const void *bytes, size_t count) {
    const char *at = bytes;
    while (count > 0) {
        ssize_t sent = send(socket, at, count, MSG_NOSIGNAL);
        if (sent < 0) {
            if (errno == EINTR) continue;
            die("send: %s", strerror(errno));
        }
        at += sent;
        count -= (size_t)sent;
    }
}

size_t build_frame(char *to, uint8_t opcode, const char *payload, size_t count) {
    size_t at = 0;
    to[at++] = (char)(0x80 | opcode);
    if (count < 126) {
        to[at++] = (char)(0x80 | count);
    } else if (count < 65536) {
        to[at++] = (char)(0x80 | 126);
        to[at++] = (char)(count >> 8);
        to[at++] = (char)count;
    } else {
        to[at++] = (char)(0x80 | 127);
        for (int shift = 56; shift >= 0; shift -= 8) to[at++] = (char)((uint64_t)count >> shift);
    }
    memcpy(to + at, mask_key, 4);
    at += 4;
    for (size_t i = 0; i < count; i++) to[at + i] = (char)(payload[i] ^ mask_key[i & 3]);
    return at + count;
}

size_t build_handshake(char *to, const char *name) {
    char text[256];
    int count = snprintf(
        text, sizeof text,
        "[{\"RequestServerInfo\":{\"Id\":1,\"ClientName\":\"%s\",\"ProtocolVersionMajor\":4,\"ProtocolVersionMinor\":0}}]", name);
    return build_frame(to, 1, text, (size_t)count);
}

bool next_frame(const char *bytes, size_t count, struct frame *frame) {
    const uint8_t *b = (const uint8_t *)bytes;
    if (count < 2) return false;
    size_t head = 2, length = b[1] & 127;
    if (length == 126) {
        if (count < 4) return false;
        length = (size_t)b[2] << 8 | b[3];
        head = 4;
    } else if (length == 127) {
        if (count < 10) return false;
        length = 0;
        for (int i = 2; i < 10; i++) length = length << 8 | b[i];
        head = 10;
    }
    if (count < head + length) return false;
    *frame = (struct frame){.opcode = b[0] & 15, .payload = bytes + head, .count = length, .size = head + length};
    return true;
}

/// Blocking: exactly `count` bytes; false at the end of the stream.
static bool read_all(int socket, void *to, size_t count) {
    char *at = to;
    while (count > 0) {
        ssize_t got = recv(socket, at, count, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        at += got;
        count -= (size_t)got;
    }
    return true;
}

char *receive_text(int socket) {
    for (;;) {
        uint8_t head[10];
        if (!read_all(socket, head, 2)) return NULL;
        size_t length = head[1] & 127, more = length == 126 ? 2 : length == 127 ? 8 : 0;
        if (more > 0) {
            if (!read_all(socket, head + 2, more)) return NULL;
            length = 0;
            for (size_t i = 0; i < more; i++) length = length << 8 | head[2 + i];
        }
        char *text = malloc(length + 1);
        if (!read_all(socket, text, length)) {
            free(text);
            return NULL;
        }
        text[length] = 0;
        if ((head[0] & 15) == 1) return text;
        bool closing = (head[0] & 15) == 8;
        free(text);
        if (closing) return NULL;
    }
}

int open_session(uint16_t port, const char *name) {
    int s = connect_loopback(port, false, 0);
    send_all(s, upgrade_request, strlen(upgrade_request));
    char head[2048];
    size_t count = 0;
    while (count < 4 || memcmp(head + count - 4, "\r\n\r\n", 4) != 0) {
        if (count == sizeof head || !read_all(s, head + count, 1)) die("no answer to the upgrade");
        count++;
    }
    if (memcmp(head, "HTTP/1.1 101", 12) != 0) die("the upgrade was refused: %.40s", head);
    char frame[512];
    send_all(s, frame, build_handshake(frame, name));
    char *text = receive_text(s);
    if (!text) die("no answer to the handshake");
    if (strstr(text, "\"Error\"")) die("the handshake was refused: %s", text);
    free(text);
    return s;
}

int64_t find_id(const char *text, size_t count) {
    const char *at = memmem(text, count, "\"Id\":", 5);
    if (!at) return -1;
    int64_t id = 0;
    const char *end = text + count;
    at += 5;
    if (at >= end || *at < '0' || *at > '9') return -1;
    while (at < end && *at >= '0' && *at <= '9') id = id * 10 + (*at++ - '0');
    return id;
}

char *ask(int socket, uint32_t id, const char *json) {
    size_t count = strlen(json);
    char *frame = malloc(count + 14);
    send_all(socket, frame, build_frame(frame, 1, json, count));
    free(frame);
    for (;;) {
        char *text = receive_text(socket);
        if (!text) die("no answer to %s", json);
        // The Id of a list stands after its devices or before them; nothing else in it is called Id.
        if (find_id(text, strlen(text)) == id) return text;
        free(text);
    }
}

// A walk through JSON that remembers the keys above it: enough to find ranges in a list, whatever the order of keys.

struct walk {
    const char *at;
    char keys[16][40];
    struct lane *lanes;
    size_t count, max;
};

static void skip_space(struct walk *walk) {
    while (*walk->at == ' ' || *walk->at == '\n' || *walk->at == '\r' || *walk->at == '\t') walk->at++;
}

static void walk_string(struct walk *walk, char *to) {
    size_t n = 0;
    if (*walk->at != '"') die("the device list is not JSON");
    for (walk->at++; *walk->at && *walk->at != '"'; walk->at++) {
        if (*walk->at == '\\' && walk->at[1]) walk->at++;
        if (to && n < 39) to[n++] = *walk->at;
    }
    if (to) to[n] = 0;
    if (*walk->at) walk->at++;
}

/// Path of an output's range: DeviceList, Devices, D, DeviceFeatures, F, Output, TYPE, Value.
static void note_range(struct walk *walk, int depth) {
    const char(*keys)[40] = (const char(*)[40])walk->keys;
    if (depth != 8 || strcmp(keys[1], "Devices") || strcmp(keys[3], "DeviceFeatures") || strcmp(keys[5], "Output")) return;
    if (strcmp(keys[7], "Value") || walk->count == walk->max) return;
    static const char *held[] = {"Vibrate", "Rotate", "Oscillate", "Constrict", "Temperature", "Led"};
    long low, high;
    if (sscanf(walk->at, "[%ld,%ld", &low, &high) != 2 || high < 1) return;
    for (size_t i = 0; i < sizeof held / sizeof *held; i++) {
        if (strcmp(held[i], keys[6])) continue;
        struct lane *lane = &walk->lanes[walk->count++];
        lane->device = (uint32_t)strtoul(keys[2], NULL, 10);
        lane->feature = (uint32_t)strtoul(keys[4], NULL, 10);
        lane->high = (int32_t)high;
        snprintf(lane->type, sizeof lane->type, "%s", held[i]);
    }
}

static void walk_value(struct walk *walk, int depth) {
    skip_space(walk);
    if (depth > 15) die("the device list is nested too deeply");
    if (*walk->at == '{') {
        for (walk->at++; skip_space(walk), *walk->at && *walk->at != '}';) {
            if (*walk->at == ',') {
                walk->at++;
                continue;
            }
            walk_string(walk, walk->keys[depth]);
            skip_space(walk);
            if (*walk->at == ':') walk->at++;
            walk_value(walk, depth + 1);
        }
        if (*walk->at) walk->at++;
    } else if (*walk->at == '[') {
        note_range(walk, depth);
        for (walk->at++; skip_space(walk), *walk->at && *walk->at != ']';) {
            if (*walk->at == ',') walk->at++;
            walk_value(walk, depth);
        }
        if (*walk->at) walk->at++;
    } else if (*walk->at == '"') {
        walk_string(walk, NULL);
    } else {
        const char *from = walk->at;
        while (*walk->at && !strchr(",]} \n\r\t", *walk->at)) walk->at++;
        if (walk->at == from) die("the device list is not JSON");
    }
}

size_t find_lanes(const char *list, struct lane *lanes, size_t max) {
    struct walk walk = {.at = list, .lanes = lanes, .max = max};
    walk_value(&walk, 0);
    return walk.count;
}

// Buckets: 64 per power of two, exact below 64.

static size_t bucket_of(uint64_t value) {
    if (value < 64) return value;
    int power = 63 - __builtin_clzll(value);
    return (size_t)(power - 5) * 64 + ((value >> (power - 6)) & 63);
}

void record(struct histogram *histogram, uint64_t value) {
    histogram->buckets[bucket_of(value)]++;
    histogram->count++;
    if (value > histogram->max) histogram->max = value;
}

uint64_t quantile(const struct histogram *histogram, double share) {
    uint64_t wanted = (uint64_t)((double)histogram->count * share), seen = 0;
    for (size_t i = 0; i < sizeof histogram->buckets / sizeof *histogram->buckets; i++) {
        seen += histogram->buckets[i];
        if (seen > wanted) return i < 64 ? i : (64ull + (i & 63)) << (i / 64 - 1);
    }
    return histogram->max;
}

static double cpu_of_threads(pid_t pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    DIR *tasks = opendir(path);
    if (!tasks) return 0;
    double seconds = 0;
    struct dirent *entry;
    while ((entry = readdir(tasks))) {
        char file[384];
        snprintf(file, sizeof file, "/proc/%d/task/%s/schedstat", pid, entry->d_name);
        FILE *stat = entry->d_name[0] == '.' ? NULL : fopen(file, "r");
        unsigned long long nanoseconds;
        if (stat && fscanf(stat, "%llu", &nanoseconds) == 1) seconds += (double)nanoseconds / 1e9;
        if (stat) fclose(stat);
    }
    closedir(tasks);
    return seconds;
}

static double cpu_of_process(pid_t pid) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *stat = fopen(path, "r");
    if (!stat) return 0;
    size_t count = fread(text, 1, sizeof text - 1, stat);
    fclose(stat);
    text[count] = 0;
    char *at = strrchr(text, ')');
    unsigned long user = 0, system = 0;
    if (at) sscanf(at + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

struct figures figures_of(pid_t pid) {
    struct figures result = {0};
    if (pid <= 0) return result;
    result.cpu_seconds = cpu_of_threads(pid);
    if (result.cpu_seconds == 0) result.cpu_seconds = cpu_of_process(pid);
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *status = fopen(path, "r");
    if (!status) die("there is no process %d", pid);
    while (fgets(line, sizeof line, status)) sscanf(line, "VmRSS: %ld", &result.resident_kilobytes);
    fclose(status);
    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    DIR *descriptors = opendir(path);
    if (descriptors) {
        while (readdir(descriptors)) result.descriptors++;
        closedir(descriptors);
        result.descriptors -= 2;
    }
    return result;
}

struct figures settle(pid_t pid, long descriptors, double seconds) {
    uint64_t until = now_ns() + (uint64_t)(seconds * 1e9);
    struct figures figures = figures_of(pid);
    while (figures.descriptors > descriptors && now_ns() < until) {
        poll(NULL, 0, 20);
        figures = figures_of(pid);
    }
    return figures;
}
