// Connects, shakes hands and closes, over and over, some at a time; the server's memory and descriptors must stay where they were.
// Every session is seen through to its close answer. Needs the server's process id for the judgement.

#include "common.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum state { CONNECTING, GREETED, CLOSING };

struct one {
    int socket;
    enum state state;
    size_t got;
    char input[1024];
};

static char hello[1024], goodbye[16];
static size_t hello_count, goodbye_count;
static long started, finished, failed;
static uint16_t port;

static void start(int epoll, struct one *one) {
    one->socket = connect_loopback(port, true, (unsigned)(started++ / 15000) % 200);
    one->state = CONNECTING;
    one->got = 0;
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = one};
    epoll_ctl(epoll, EPOLL_CTL_ADD, one->socket, &event);
}

/// One session is over; the next begins in its place. False: it was the last.
static void finish(int epoll, struct one *one, long sessions, bool good, const char *why) {
    if (!good && failed++ == 0) fprintf(stderr, "first failure: %s: %.*s\n", why, (int)one->got, one->input);
    close(one->socket);
    one->socket = -1;
    finished++;
    if (started < sessions) start(epoll, one);
}

static void step(int epoll, struct one *one, long sessions) {
    if (one->state == CONNECTING) {
        if (send(one->socket, hello, hello_count, MSG_NOSIGNAL) != (ssize_t)hello_count) {
            finish(epoll, one, sessions, false, "not accepted");
            return;
        }
        one->state = GREETED;
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = one};
        epoll_ctl(epoll, EPOLL_CTL_MOD, one->socket, &event);
        return;
    }
    ssize_t got = recv(one->socket, one->input + one->got, sizeof one->input - one->got, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
        // The answer to our close has come before the end: 0x88, two bytes, the code.
        bool answered = one->state == CLOSING && memmem(one->input, one->got, "\x88\x02\x03\xe8", 4);
        finish(epoll, one, sessions, answered, one->state == CLOSING ? "no close answer" : strerror(got < 0 ? errno : EPIPE));
        return;
    }
    one->got += (size_t)got;
    if (one->state == GREETED) {
        bool greeted = memmem(one->input, one->got, "ServerInfo", 10) || memmem(one->input, one->got, "{\"Ok\"", 5);
        if (greeted) {
            one->state = CLOSING;
            if (send(one->socket, goodbye, goodbye_count, MSG_NOSIGNAL) < 0) finish(epoll, one, sessions, false, "gone before its close");
        } else if (one->got == sizeof one->input || memmem(one->input, one->got, "HTTP/1.1 5", 10)) {
            finish(epoll, one, sessions, false, "refused");
        }
    }
}

int main(int argc, char **argv) {
    static const struct option names[] = {
        {"sessions", required_argument, 0, 'n'}, {"at-a-time", required_argument, 0, 'c'}, {"pid", required_argument, 0, 'i'}, {0}};
    long sessions = 100000;
    int width = 64, option;
    pid_t pid = 0;
    while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
        if (option == 'n') sessions = atol(optarg);
        else if (option == 'c') width = atoi(optarg);
        else if (option == 'i') pid = atoi(optarg);
        else exit(64);
    }
    if (optind != argc - 1 || sessions < 1 || sessions > 10000000 || width < 1 || width > 4096)
        die("usage: storm URL|PORT [--sessions 100000] [--at-a-time 64] [--pid PID]");
    port = port_of(argv[optind]);
    raise_file_limit();
    hello_count = strlen(upgrade_request);
    memcpy(hello, upgrade_request, hello_count);
    hello_count += build_handshake(hello + hello_count, "storm");
    goodbye_count = build_frame(goodbye, 8, "\x03\xe8", 2);
    close(open_session(port, "storm warm-up"));
    struct figures before = settle(pid, 0, 0.3), early = before, figures = before;
    struct one *all = calloc((size_t)width, sizeof *all);
    int epoll = epoll_create1(0);
    uint64_t begin = now_ns(), last_progress = begin;
    for (int n = 0; n < width && started < sessions; n++) start(epoll, &all[n]);
    long shown = 0;
    while (finished < sessions) {
        struct epoll_event ready[256];
        long was = finished;
        int count = epoll_wait(epoll, ready, 256, 1000);
        for (int n = 0; n < count; n++) {
            struct one *one = ready[n].data.ptr;
            if (one->socket >= 0) step(epoll, one, sessions);
        }
        uint64_t now = now_ns();
        if (finished > was) last_progress = now;
        if (now - last_progress > 10000000000ull) die("nothing has moved for 10 s, after %ld sessions", finished);
        if (finished / (sessions / 10 + 1) > shown && pid > 0) {
            shown = finished / (sessions / 10 + 1);
            figures = figures_of(pid);
            if (shown == 1) early = figures;
            printf("%8ld sessions: RSS %ld kB, %ld descriptors\n", finished, figures.resident_kilobytes, figures.descriptors);
        }
    }
    double seconds = (double)(now_ns() - begin) / 1e9;
    struct figures after = settle(pid, before.descriptors, 5);
    printf("storm        %ld sessions in %.1f s (%.0f per second), %ld failed\n", sessions, seconds, (double)sessions / seconds, failed);
    if (pid <= 0) return failed ? 1 : 0;
    long growth = after.resident_kilobytes - early.resident_kilobytes;
    printf("RSS          %ld kB before, %ld after a tenth, %ld after all (%+ld kB)\n", before.resident_kilobytes, early.resident_kilobytes,
           after.resident_kilobytes, growth);
    printf("descriptors  %ld before, %ld after\n", before.descriptors, after.descriptors);
    printf("CPU          %.1f us per session\n", (after.cpu_seconds - before.cpu_seconds) * 1e6 / (double)sessions);
    bool flat = growth <= 1024 && after.descriptors <= before.descriptors;
    if (!flat) printf("FAILED: not flat\n");
    return failed || !flat ? 1 : 0;
}
