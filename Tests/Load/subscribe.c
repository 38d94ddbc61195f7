// Subscribes many sessions to one sensor and tells what each reading costs the server: processor time per delivery, and how long
// after the first subscriber the last one hears of it. Must not know how often there is a reading: everybody's first one after a pause
// is the same one, and so on.

#include "common.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { INPUT = 4096, READINGS = 100000 };

struct subscriber {
    int socket;
    /// How many readings it has heard.
    uint32_t heard;
    size_t count;
    char input[INPUT];
};

/// When the first subscriber heard of a reading, when the last one, and how many have.
static struct reading {
    uint64_t first, last;
    int heard;
} readings[READINGS];

static int sessions = 1000;
static uint64_t deliveries, last_delivery;

static void hear(struct subscriber *subscriber, uint64_t now) {
    last_delivery = now;
    if (subscriber->heard == READINGS) die("more than %d readings", READINGS);
    struct reading *reading = &readings[subscriber->heard++];
    if (reading->heard++ == 0) reading->first = now;
    reading->last = now;
    deliveries++;
}

static void receive(struct subscriber *subscriber) {
    ssize_t got = recv(subscriber->socket, subscriber->input + subscriber->count, INPUT - subscriber->count, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) die("the server ended a session");
    uint64_t now = now_ns();
    subscriber->count += (size_t)got;
    size_t at = 0;
    struct frame frame;
    while (next_frame(subscriber->input + at, subscriber->count - at, &frame)) {
        if (frame.opcode == 9) {
            char pong[140];
            send_all(subscriber->socket, pong, build_frame(pong, 10, frame.payload, frame.count));
        } else if (frame.opcode == 1 && memmem(frame.payload, frame.count, "\"InputReading\"", 14)) {
            hear(subscriber, now);
        }
        at += frame.size;
    }
    memmove(subscriber->input, subscriber->input + at, subscriber->count - at);
    subscriber->count -= at;
}

static void run(int epoll, uint64_t until) {
    for (uint64_t now = now_ns(); now < until; now = now_ns()) {
        struct epoll_event ready[256];
        int count = epoll_wait(epoll, ready, 256, (int)((until - now) / 1000000) + 1);
        for (int n = 0; n < count; n++) receive(ready[n].data.ptr);
    }
}

/// Asks until the sensor is there: devices of a scan arrive a moment later.
static void subscribe(int socket, const char *request) {
    for (uint64_t until = now_ns() + 3000000000ull;;) {
        char *answer = ask(socket, 3, request);
        bool done = strstr(answer, "\"Ok\"") != NULL;
        if (!done && now_ns() > until) die("the server refuses %s: %s", request, answer);
        free(answer);
        if (done) return;
    }
}

int main(int argc, char **argv) {
    static const struct option names[] = {
        {"sessions", required_argument, 0, 'n'}, {"seconds", required_argument, 0, 's'}, {"type", required_argument, 0, 't'},
        {"pid", required_argument, 0, 'i'},      {"json", no_argument, 0, 'j'},          {0}};
    const char *type = "Pressure";
    double seconds = 5;
    bool json = false;
    int option;
    pid_t pid = 0;
    while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
        if (option == 'n') sessions = atoi(optarg);
        else if (option == 's') seconds = atof(optarg);
        else if (option == 't') type = optarg;
        else if (option == 'i') pid = atoi(optarg);
        else if (option == 'j') json = true;
        else exit(64);
    }
    if (optind != argc - 1 || sessions < 1 || sessions > 10000 || seconds <= 0 || seconds > 600 || strlen(type) > 40)
        die("usage: subscribe URL|PORT [--sessions 1000] [--seconds 5] [--type Pressure] [--pid PID] [--json]");
    uint16_t port = port_of(argv[optind]);
    if (raise_file_limit() < sessions + 32) die("the limit of open files is too low for %d sessions", sessions);
    char request[200];
    snprintf(request, sizeof request,
             "[{\"InputCmd\":{\"Id\":3,\"DeviceIndex\":0,\"FeatureIndex\":0,\"Type\":\"%s\",\"Command\":\"Subscribe\"}}]", type);
    struct subscriber *all = calloc((size_t)sessions, sizeof *all);
    int epoll = epoll_create1(0);
    for (int n = 0; n < sessions; n++) {
        all[n].socket = open_session(port, "subscribe");
        if (n == 0) free(ask(all[n].socket, 2, "[{\"StartScanning\":{\"Id\":2}}]"));
        subscribe(all[n].socket, request);
        make_nonblocking(all[n].socket);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &all[n]};
        epoll_ctl(epoll, EPOLL_CTL_ADD, all[n].socket, &event);
    }
    // What was read while the others were still subscribing is over at the first pause.
    for (uint64_t until = now_ns() + 5000000000ull; last_delivery == 0 || now_ns() < last_delivery + 25000000ull;) {
        run(epoll, now_ns() + 5000000ull);
        if (now_ns() > until) die(last_delivery ? "the readings never pause" : "there are no readings");
    }
    memset(readings, 0, sizeof readings);
    for (int n = 0; n < sessions; n++) all[n].heard = 0;
    deliveries = 0;
    struct figures before = figures_of(pid);
    run(epoll, now_ns() + (uint64_t)(seconds * 1e9));
    struct figures after = figures_of(pid);
    static struct histogram spreads;
    uint64_t whole = 0, partial = 0;
    for (int n = 0; n < READINGS && readings[n].heard > 0; n++) {
        if (readings[n].heard < sessions) partial++;
        else record(&spreads, readings[n].last - readings[n].first), whole++;
    }
    double cpu = deliveries ? (after.cpu_seconds - before.cpu_seconds) * 1e6 / (double)deliveries : 0;
    double p50 = (double)quantile(&spreads, 0.5) / 1e3, p99 = (double)quantile(&spreads, 0.99) / 1e3;
    if (json) {
        printf("{\"sessions\":%d,\"seconds\":%.3f,\"readings\":%lu,\"partial\":%lu,\"deliveries\":%lu,\"spread_p50_us\":%.1f,"
               "\"spread_p99_us\":%.1f,\"cpu_us\":%.3f}\n",
               sessions, seconds, whole, partial, deliveries, p50, p99, cpu);
    } else {
        printf("%d subscribers, %lu readings that all of them had, %lu that not all had\n", sessions, whole, partial);
        printf("last after first  p50 %.1f us, p99 %.1f us\n", p50, p99);
        if (pid) printf("server            %.3f us of CPU per delivery\n", cpu);
    }
    return whole == 0 || partial > 1 ? 1 : 0;
}
