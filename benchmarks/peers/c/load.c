// The load of what is counted over sockets: OutputCmd from many sessions in a closed loop, each answer checked by its Id.
// `load ws://127.0.0.1:PORT SESSIONS IN_FLIGHT MESSAGES`; prints how many were answered. Exit status 1 when an answer was an error or there
// twice, 2 when nothing could be counted.
// Why not `plugboard bench --messages`: that sends once per turn of its loop, so a server finds more messages per wake-up. With one in flight
// instructions per message were 8 % fewer, which is the load's doing and would pass for the server's.

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { TEMPLATES = 64, WINDOW = 1 << 14, LANES = 256, ID_FIRST = 10000000, ID_DIGITS = 8, INPUT = 1 << 17, OUTPUT = 1 << 18, LIST = 1 << 16 };

static const uint8_t mask_key[4] = {0x37, 0xfa, 0x21, 0x3d};

/// One output that can be driven.
struct lane {
    unsigned device, feature;
    int high;
};

/// A masked frame whose Id has eight digits, to be patched in place.
struct template {
    char bytes[160];
    size_t count, id_at;
};

struct session {
    int socket;
    uint32_t next_id, in_flight;
    /// Whether the request with this Id (modulo the window) is unanswered.
    bool pending[WINDOW];
    char input[INPUT], output[OUTPUT];
    size_t input_count, output_count, output_sent;
    unsigned next_template;
    struct template templates[TEMPLATES];
};

struct frame {
    uint8_t opcode;
    const char *payload;
    size_t count, size;
};

static struct session **sessions;
static uint64_t answered, faults;
static bool sending = true;

__attribute__((format(printf, 1, 2))) static _Noreturn void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(2);
}

static size_t build_frame(char *to, uint8_t opcode, const char *payload, size_t count) {
    size_t at = 0;
    to[at++] = (char)(0x80 | opcode);
    to[at++] = (char)(0x80 | (count < 126 ? count : 126));
    if (count >= 126) to[at++] = (char)(count >> 8), to[at++] = (char)count;
    memcpy(to + at, mask_key, 4);
    at += 4;
    for (size_t i = 0; i < count; i++) to[at + i] = (char)(payload[i] ^ mask_key[i & 3]);
    return at + count;
}

/// False: not all of it is there yet.
static bool next_frame(const char *bytes, size_t count, struct frame *frame) {
    const uint8_t *b = (const uint8_t *)bytes;
    if (count < 2) return false;
    size_t head = 2, length = b[1] & 127;
    if (length == 127) die("a frame of more than %d bytes", INPUT);
    if (length == 126) {
        if (count < 4) return false;
        length = (size_t)b[2] << 8 | b[3], head = 4;
    }
    if (count < head + length) return false;
    *frame = (struct frame){.opcode = b[0] & 15, .payload = bytes + head, .count = length, .size = head + length};
    return true;
}

static int64_t find_id(const char *text, size_t count) {
    const char *at = memmem(text, count, "\"Id\":", 5);
    return at ? strtoll(at + 5, NULL, 10) : -1;
}

// Setting up, blocking.

static void send_all(int socket, const char *bytes, size_t count) {
    for (ssize_t sent; count > 0; bytes += sent, count -= (size_t)sent) {
        sent = send(socket, bytes, count, MSG_NOSIGNAL);
        if (sent < 0) die("send: %s", strerror(errno));
    }
}

/// Sends a text and gives the one that answers its Id, as a string that lasts until the next.
static const char *ask(int socket, int64_t id, const char *text) {
    static char input[LIST + 1], frame[512];
    send_all(socket, frame, build_frame(frame, 1, text, strlen(text)));
    for (size_t count = 0;;) {
        ssize_t got = recv(socket, input + count, LIST - count, 0);
        if (got <= 0) die("no answer to %s", text);
        count += (size_t)got;
        struct frame reply;
        while (next_frame(input, count, &reply)) {
            char *payload = input + (reply.payload - input), after = payload[reply.count];
            payload[reply.count] = 0;
            if (reply.opcode == 1 && find_id(payload, reply.count) == id) return payload;
            payload[reply.count] = after;
            memmove(input, input + reply.size, count - reply.size);
            count -= reply.size;
        }
    }
}

static int open_session(uint16_t port) {
    static const char upgrade[] =
        "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(s, (struct sockaddr *)&to, sizeof to) < 0) die("connect to port %u: %s", port, strerror(errno));
    send_all(s, upgrade, strlen(upgrade));
    char head[2048];
    for (size_t count = 0; count < 4 || memcmp(head + count - 4, "\r\n\r\n", 4) != 0; count++)
        if (count == sizeof head || recv(s, head + count, 1, 0) != 1) die("no answer to the upgrade");
    if (memcmp(head, "HTTP/1.1 101", 12) != 0) die("the upgrade was refused: %.40s", head);
    const char *info = ask(
        s, 1, "[{\"RequestServerInfo\":{\"Id\":1,\"ClientName\":\"load\",\"ProtocolVersionMajor\":4,\"ProtocolVersionMinor\":0}}]");
    if (strstr(info, "\"Error\"")) die("the handshake was refused: %s", info);
    return s;
}

/// The vibrators in a list; both servers that are counted write an index before what it belongs to.
static size_t find_lanes(const char *list, struct lane *lanes) {
    unsigned device = 0, feature = 0;
    size_t count = 0;
    for (const char *at = list; (at = strchr(at, '"')) && count < LANES; at++) {
        int high;
        if (sscanf(at, "\"DeviceIndex\":%u", &device) == 1 || sscanf(at, "\"FeatureIndex\":%u", &feature) == 1) continue;
        if (sscanf(at, "\"Vibrate\":{\"Value\":[0,%d", &high) == 1) lanes[count++] = (struct lane){device, feature, high};
    }
    return count;
}

/// Scans, and asks for the list until it has something: devices of a scan arrive a moment later.
static size_t set_up(uint16_t port, struct lane *lanes) {
    int s = open_session(port);
    ask(s, 2, "[{\"StartScanning\":{\"Id\":2}}]");
    size_t count = 0;
    for (time_t until = time(NULL) + 10; count == 0 && time(NULL) < until;)
        count = find_lanes(ask(s, 3, "[{\"RequestDeviceList\":{\"Id\":3}}]"), lanes);
    close(s);
    if (count == 0) die("the server has no vibrators");
    return count;
}

// The loop.

static void build_templates(struct session *session, int number, const struct lane *lanes, size_t lane_count) {
    for (int n = 0; n < TEMPLATES; n++) {
        const struct lane *lane = &lanes[(size_t)(number * 7 + n) % lane_count];
        char text[150];
        int value = 1 + (number * 13 + n * 5) % lane->high;
        int count = snprintf(
            text, sizeof text, "[{\"OutputCmd\":{\"Id\":%d,\"DeviceIndex\":%u,\"FeatureIndex\":%u,\"Command\":{\"Vibrate\":{\"Value\":%d}}}}]",
            ID_FIRST, lane->device, lane->feature, value);
        struct template *template = &session->templates[n];
        template->count = build_frame(template->bytes, 1, text, (size_t)count);
        template->id_at = template->count - (size_t)count + (size_t)(strstr(text, "\"Id\":") - text) + 5;
    }
}

static void queue_command(struct session *session) {
    if (session->output_count + 160 > OUTPUT) return;
    struct template *template = &session->templates[session->next_template++ % TEMPLATES];
    char *to = session->output + session->output_count;
    memcpy(to, template->bytes, template->count);
    uint32_t id = session->next_id++, rest = id;
    size_t payload_at = template->count < 126 + 6 ? 6 : 8;
    for (int digit = ID_DIGITS - 1; digit >= 0; digit--, rest /= 10) {
        size_t at = template->id_at + (size_t)digit;
        to[at] = (char)(('0' + rest % 10) ^ mask_key[(at - payload_at) & 3]);
    }
    session->pending[id & (WINDOW - 1)] = true;
    session->output_count += template->count;
    session->in_flight++;
}

static void flush_output(struct session *session) {
    while (session->output_sent < session->output_count) {
        ssize_t n = send(session->socket, session->output + session->output_sent, session->output_count - session->output_sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) return;
        if (n < 0) die("the server ended a session: %s", strerror(errno));
        session->output_sent += (size_t)n;
    }
    session->output_count = session->output_sent = 0;
}

static void take_reply(struct session *session, const char *text, size_t count) {
    int64_t id = find_id(text, count);
    if (id == 0) return;
    uint32_t age = session->next_id - (uint32_t)id;
    bool *pending = &session->pending[id & (WINDOW - 1)];
    bool is_known = id >= ID_FIRST && age > 0 && age <= WINDOW && *pending;
    if (!is_known || count < 6 || memcmp(text, "[{\"Ok\"", 6) != 0) {
        if (faults++ == 0) fprintf(stderr, "first fault: %.*s\n", (int)(count < 290 ? count : 290), text);
    }
    if (!is_known) return;
    answered++;
    *pending = false;
    session->in_flight--;
}

static void receive(struct session *session) {
    ssize_t got = recv(session->socket, session->input + session->input_count, INPUT - session->input_count, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) die("the server ended a session");
    session->input_count += (size_t)got;
    size_t at = 0;
    struct frame frame;
    for (; next_frame(session->input + at, session->input_count - at, &frame); at += frame.size) {
        if (frame.opcode == 8) die("the server closed a session");
        if (frame.opcode == 9 && session->output_count + 140 < OUTPUT)
            session->output_count += build_frame(session->output + session->output_count, 10, frame.payload, frame.count);
        if (frame.opcode != 1) continue;
        take_reply(session, frame.payload, frame.count);
        if (sending) queue_command(session);
    }
    if (at == 0 && session->input_count == INPUT) die("a frame of more than %d bytes", INPUT);
    memmove(session->input, session->input + at, session->input_count - at);
    session->input_count -= at;
    flush_output(session);
}

int main(int argc, char **argv) {
    const char *colon = argc == 5 ? strrchr(argv[1], ':') : NULL;
    if (!colon) die("usage: load ws://127.0.0.1:PORT SESSIONS IN_FLIGHT MESSAGES");
    uint16_t port = (uint16_t)atoi(colon + 1);
    int count = atoi(argv[2]), in_flight = atoi(argv[3]);
    uint64_t messages = strtoull(argv[4], NULL, 10);
    if (count < 1 || count > 1000 || in_flight < 1 || in_flight > 1024 || messages < 1) die("out of range");
    struct lane lanes[LANES];
    size_t lane_count = set_up(port, lanes);
    int epoll = epoll_create1(0);
    sessions = calloc((size_t)count, sizeof *sessions);
    for (int n = 0; n < count; n++) {
        struct session *session = sessions[n] = calloc(1, sizeof *session);
        session->socket = open_session(port);
        fcntl(session->socket, F_SETFL, fcntl(session->socket, F_GETFL) | O_NONBLOCK);
        session->next_id = ID_FIRST;
        build_templates(session, n, lanes, lane_count);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = session};
        epoll_ctl(epoll, EPOLL_CTL_ADD, session->socket, &event);
    }
    for (int n = 0; n < count; n++) {
        for (int i = 0; i < in_flight; i++) queue_command(sessions[n]);
        flush_output(sessions[n]);
    }
    for (uint64_t left = 1; left > 0;) {
        struct epoll_event ready[256];
        int events = epoll_wait(epoll, ready, 256, 10000);
        if (events == 0) die("no answer for ten seconds");
        for (int n = 0; n < events; n++) receive(ready[n].data.ptr);
        if (answered >= messages) sending = false;
        left = sending ? 1 : 0;
        for (int n = 0; n < count; n++) left += sessions[n]->in_flight;
    }
    printf("%lu\n", (unsigned long)answered);
    return faults ? 1 : 0;
}
