// Drives a Buttplug server with OutputCmd over many sessions and checks every reply by its Id: none may be an error, none missing.
// Closed loop: each session keeps so many requests in flight. Open loop (--rate): sent on schedule, latency counted from the schedule.

#include "common.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { TEMPLATES = 64, WINDOW = 1 << 14, LANES = 256, ID_FIRST = 10000000, ID_DIGITS = 8, INPUT = 1 << 17, OUTPUT = 1 << 18 };

/// A masked frame whose Id has eight digits, to be patched in place.
struct template {
    char bytes[160];
    size_t count, id_at;
};

struct session {
    int socket;
    uint32_t next_id;
    uint32_t in_flight;
    /// When the request with this Id (modulo the window) was due; 0: none is pending.
    uint64_t *pending;
    char *input, *output;
    size_t input_count, output_count, output_sent;
    unsigned next_template;
    struct template templates[TEMPLATES];
};

static struct {
    uint16_t port;
    int connections, in_flight;
    double seconds, warmup, rate;
    /// Closed loop: stop sending after so many answers; 0: only time counts.
    uint64_t messages;
    pid_t pid;
    bool scan, json;
} options = {.connections = 64, .in_flight = 16, .seconds = 10, .warmup = 1};

static struct session *sessions;
static struct histogram latencies;
static uint64_t sent, answered, errors, duplicates, events;
static char first_error[300];
static bool measuring, sending = true;

static void build_templates(struct session *session, int number, const struct lane *lanes, size_t lane_count) {
    for (int n = 0; n < TEMPLATES; n++) {
        const struct lane *lane = &lanes[(size_t)(number * 7 + n) % lane_count];
        char text[150];
        int value = 1 + (number * 13 + n * 5) % lane->high;
        int count = snprintf(
            text, sizeof text,
            "[{\"OutputCmd\":{\"Id\":%d,\"DeviceIndex\":%u,\"FeatureIndex\":%u,\"Command\":{\"%s\":{\"Value\":%d}}}}]", ID_FIRST,
            lane->device, lane->feature, lane->type, value);
        struct template *template = &session->templates[n];
        template->count = build_frame(template->bytes, 1, text, (size_t)count);
        template->id_at = template->count - (size_t)count + (size_t)(strstr(text, "\"Id\":") - text) + 5;
    }
}

static void queue_command(struct session *session, uint64_t due) {
    if (session->output_count + 160 > OUTPUT) return;
    struct template *template = &session->templates[session->next_template++ % TEMPLATES];
    char *to = session->output + session->output_count;
    memcpy(to, template->bytes, template->count);
    uint32_t id = session->next_id++;
    uint64_t *slot = &session->pending[id & (WINDOW - 1)];
    if (*slot != 0) die("more than %d requests are unanswered", WINDOW);
    *slot = due;
    size_t payload_at = template->count < 126 + 6 ? 6 : 8;
    uint32_t rest = id;
    for (int digit = ID_DIGITS - 1; digit >= 0; digit--) {
        size_t at = template->id_at + (size_t)digit;
        to[at] = (char)(('0' + rest % 10) ^ mask_key[(at - payload_at) & 3]);
        rest /= 10;
    }
    session->output_count += template->count;
    session->in_flight++;
    sent++;
}

static void flush_output(struct session *session) {
    while (session->output_sent < session->output_count) {
        ssize_t n = send(session->socket, session->output + session->output_sent, session->output_count - session->output_sent, MSG_NOSIGNAL);
        if (n < 0) {
            if (errno == EAGAIN) return;
            die("the server ended a session: %s", strerror(errno));
        }
        session->output_sent += (size_t)n;
    }
    session->output_count = session->output_sent = 0;
}

static void take_reply(struct session *session, const char *text, size_t count, uint64_t now) {
    int64_t id = find_id(text, count);
    if (id == 0) {
        events++;
        return;
    }
    if (count < 6 || memcmp(text, "[{\"Ok\"", 6) != 0) {
        if (errors++ == 0) snprintf(first_error, sizeof first_error, "%.*s", (int)(count < 290 ? count : 290), text);
    }
    uint32_t age = session->next_id - (uint32_t)id;
    uint64_t *slot = id < ID_FIRST || age == 0 || age > WINDOW ? NULL : &session->pending[id & (WINDOW - 1)];
    if (!slot || *slot == 0) {
        duplicates++;
        return;
    }
    answered++;
    if (measuring) record(&latencies, now > *slot ? now - *slot : 0);
    *slot = 0;
    session->in_flight--;
}

static void receive(struct session *session) {
    ssize_t got = recv(session->socket, session->input + session->input_count, INPUT - session->input_count, 0);
    if (got == 0) die("the server ended a session");
    if (got < 0) {
        if (errno == EAGAIN) return;
        die("the server ended a session: %s", strerror(errno));
    }
    session->input_count += (size_t)got;
    uint64_t now = now_ns();
    size_t at = 0;
    struct frame frame;
    while (next_frame(session->input + at, session->input_count - at, &frame)) {
        if (frame.opcode == 1) {
            take_reply(session, frame.payload, frame.count, now);
            if (sending && options.rate == 0) queue_command(session, now);
        } else if (frame.opcode == 8) {
            die("the server closed a session with %d", (uint8_t)frame.payload[0] << 8 | (uint8_t)frame.payload[1]);
        } else if (frame.opcode == 9 && session->output_count + 140 < OUTPUT) {
            session->output_count += build_frame(session->output + session->output_count, 10, frame.payload, frame.count);
        }
        at += frame.size;
    }
    if (at == 0 && session->input_count == INPUT) die("a frame of more than %d bytes", INPUT);
    memmove(session->input, session->input + at, session->input_count - at);
    session->input_count -= at;
    flush_output(session);
}

static void arm(int timer, uint64_t at) {
    struct itimerspec when = {.it_value = {.tv_sec = (time_t)(at / 1000000000ull), .tv_nsec = (long)(at % 1000000000ull)}};
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static size_t set_up(struct lane *lanes) {
    int s = open_session(options.port, "load setup");
    free(ask(s, 2, options.scan ? "[{\"StartScanning\":{\"Id\":2}}]" : "[{\"Ping\":{\"Id\":2}}]"));
    size_t count = 0;
    char *list = NULL;
    // Devices of a scan arrive a moment later; each list pushed meanwhile has Id 0.
    for (uint64_t until = now_ns() + 3000000000ull; count == 0 && now_ns() < until;) {
        free(list);
        list = ask(s, 3, "[{\"RequestDeviceList\":{\"Id\":3}}]");
        if (strncmp(list, "[{\"Ok\"", 6) == 0) break;
        count = find_lanes(list, lanes, LANES);
        if (!options.scan) break;
    }
    bool bare = strncmp(list, "[{\"Ok\"", 6) == 0;
    free(list);
    close(s);
    if (count == 0) {
        if (!bare) die("the server has no outputs that can be held; start it with devices, or use --scan");
        for (; count < 8; count++) lanes[count] = (struct lane){.device = (uint32_t)count, .high = 20, .type = "Vibrate"};
    }
    return count;
}

static void open_all(int epoll, const struct lane *lanes, size_t lane_count) {
    sessions = calloc((size_t)options.connections, sizeof *sessions);
    for (int n = 0; n < options.connections; n++) {
        struct session *session = &sessions[n];
        session->socket = open_session(options.port, "load");
        make_nonblocking(session->socket);
        session->next_id = ID_FIRST;
        session->pending = calloc(WINDOW, sizeof *session->pending);
        session->input = malloc(INPUT);
        session->output = malloc(OUTPUT);
        build_templates(session, n, lanes, lane_count);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = session};
        epoll_ctl(epoll, EPOLL_CTL_ADD, session->socket, &event);
    }
}

static uint64_t in_flight(void) {
    uint64_t count = 0;
    for (int n = 0; n < options.connections; n++) count += sessions[n].in_flight;
    return count;
}

static void parse(int argc, char **argv) {
    static const struct option names[] = {
        {"connections", required_argument, 0, 'c'}, {"in-flight", required_argument, 0, 'p'}, {"seconds", required_argument, 0, 's'},
        {"warmup", required_argument, 0, 'w'},      {"rate", required_argument, 0, 'r'},      {"pid", required_argument, 0, 'i'},
        {"messages", required_argument, 0, 'm'},    {"scan", no_argument, 0, 'n'},            {"json", no_argument, 0, 'j'},
        {0},
    };
    int option;
    while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
        switch (option) {
        case 'c': options.connections = atoi(optarg); break;
        case 'p': options.in_flight = atoi(optarg); break;
        case 's': options.seconds = atof(optarg); break;
        case 'w': options.warmup = atof(optarg); break;
        case 'r': options.rate = atof(optarg); break;
        case 'm': options.messages = strtoull(optarg, NULL, 10); break;
        case 'i': options.pid = atoi(optarg); break;
        case 'n': options.scan = true; break;
        case 'j': options.json = true; break;
        default: exit(64);
        }
    }
    if (optind != argc - 1)
        die("usage: load URL|PORT [--connections 64] [--in-flight 16] [--rate MSG_PER_S] [--seconds 10] [--messages N] [--warmup 1] [--scan] "
            "[--pid PID] [--json]");
    options.port = port_of(argv[optind]);
    if (options.connections < 1 || options.connections > 10000 || options.in_flight < 1 || options.in_flight > 1024) die("out of range");
    if (options.seconds <= 0 || options.seconds > 3600) die("seconds must be above 0 and at most 3600");
}

static void send_due(uint64_t *scheduled, uint64_t start, uint64_t now) {
    static int next;
    uint64_t due_count = (uint64_t)((double)(now - start) * options.rate / 1e9);
    for (; *scheduled < due_count; (*scheduled)++) {
        struct session *session = &sessions[next++ % options.connections];
        queue_command(session, start + (uint64_t)((double)(*scheduled + 1) * 1e9 / options.rate));
    }
    for (int n = 0; n < options.connections; n++) flush_output(&sessions[n]);
}

static int report(double seconds, uint64_t messages, struct figures before, struct figures after) {
    uint64_t unanswered = in_flight();
    double cpu = messages ? (after.cpu_seconds - before.cpu_seconds) * 1e6 / (double)messages : 0;
    double p50 = (double)quantile(&latencies, 0.5) / 1e3, p99 = (double)quantile(&latencies, 0.99) / 1e3;
    if (options.json) {
        printf(
            "{\"connections\":%d,\"in_flight\":%d,\"rate\":%.0f,\"seconds\":%.3f,\"messages\":%lu,\"per_second\":%.0f,\"answered\":%lu,\"errors\":%lu,"
            "\"unanswered\":%lu,\"duplicates\":%lu,\"p50_us\":%.1f,\"p99_us\":%.1f,\"max_us\":%.1f,\"cpu_us\":%.3f,"
            "\"rss_before_kb\":%ld,\"rss_after_kb\":%ld}\n",
            options.connections, options.in_flight, options.rate, seconds, messages, (double)messages / seconds, answered, errors, unanswered,
            duplicates, p50, p99, (double)latencies.max / 1e3, cpu, before.resident_kilobytes, after.resident_kilobytes);
    } else {
        if (options.rate > 0) printf("%d connections, %.0f msg/s on schedule, %.1f s\n", options.connections, options.rate, seconds);
        else printf("%d connections x %d in flight, %.1f s\n", options.connections, options.in_flight, seconds);
        printf("messages    %lu (%.0f msg/s)\n", messages, (double)messages / seconds);
        printf("errors      %lu, unanswered %lu, duplicates %lu\n", errors, unanswered, duplicates);
        printf("latency     p50 %.1f us, p99 %.1f us, max %.1f us\n", p50, p99, (double)latencies.max / 1e3);
        if (options.pid)
            printf("server      %.3f us of CPU per message, RSS %ld kB before, %ld kB after\n", cpu, before.resident_kilobytes, after.resident_kilobytes);
    }
    if (errors) fprintf(stderr, "first error: %s\n", first_error);
    return errors || unanswered || duplicates ? 1 : 0;
}

int main(int argc, char **argv) {
    parse(argc, argv);
    raise_file_limit();
    struct lane lanes[LANES];
    size_t lane_count = set_up(lanes);
    int epoll = epoll_create1(0), timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    open_all(epoll, lanes, lane_count);
    struct epoll_event ticks = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &ticks);
    uint64_t start = now_ns(), measured_from = start + (uint64_t)(options.warmup * 1e9), measured_messages = 0;
    uint64_t end = measured_from + (uint64_t)(options.seconds * 1e9), scheduled = 0, last = 0;
    struct figures before = {0}, after = {0};
    if (options.rate == 0) {
        for (int n = 0; n < options.connections; n++) {
            for (int i = 0; i < options.in_flight; i++) queue_command(&sessions[n], start);
            flush_output(&sessions[n]);
        }
    }
    for (;;) {
        uint64_t now = now_ns();
        if (!measuring && sending && now >= measured_from) {
            measuring = true;
            before = figures_of(options.pid);
            measured_from = now_ns();
            measured_messages = answered;
        }
        if (sending && (now >= end || (options.messages > 0 && answered >= options.messages))) {
            sending = measuring = false;
            after = figures_of(options.pid);
            measured_messages = answered - measured_messages;
            last = now_ns();
        }
        if (!sending && (in_flight() == 0 || now > last + 3000000000ull)) break;
        if (sending && options.rate > 0) {
            send_due(&scheduled, start, now);
            arm(timer, start + (uint64_t)((double)(scheduled + 1) * 1e9 / options.rate));
        } else {
            uint64_t next = !sending ? now + 50000000ull : now < measured_from ? measured_from : end;
            arm(timer, next);
        }
        struct epoll_event ready[256];
        int count = epoll_wait(epoll, ready, 256, 1000);
        for (int n = 0; n < count; n++) {
            uint64_t ignored;
            if (ready[n].data.ptr) receive(ready[n].data.ptr);
            else if (read(timer, &ignored, sizeof ignored) < 0 && errno != EAGAIN) die("timer");
        }
    }
    return report((double)(last - measured_from) / 1e9, measured_messages, before, after);
}
