// Holds many idle sessions and tells what each costs the server: resident memory and descriptors before, during and after.
// WebSocket pings are answered, so that the sessions stay. Needs the server's process id.

#include "common.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 256 };

static char input[65536];

/// Opens one batch: all connect and send upgrade and handshake at once, then each answer is awaited.
static void open_batch(uint16_t port, int *sockets, int first, int count) {
    char hello[1024];
    size_t length = strlen(upgrade_request);
    memcpy(hello, upgrade_request, length);
    length += build_handshake(hello + length, "idle");
    for (int n = 0; n < count; n++) {
        sockets[n] = connect_loopback(port, false, (unsigned)(first + n) / 20000);
        send_all(sockets[n], hello, length);
    }
    for (int n = 0; n < count; n++) {
        size_t got = 0;
        while (got == 0 || !memmem(input, got, "\"ServerInfo\"", 12)) {
            ssize_t more = recv(sockets[n], input + got, sizeof input - got, 0);
            if (more <= 0) die("session %d was not accepted: %.*s", first + n, (int)got, input);
            got += (size_t)more;
            if (memmem(input, got, "{\"Ok\"", 5)) break;
            if (memmem(input, got, "\"Error\"", 7) || got == sizeof input) die("session %d was refused: %.*s", first + n, (int)got, input);
        }
    }
}

/// Answers pings and watches for closed sessions for a while; returns how many were closed.
static int hold(int epoll, double seconds) {
    uint64_t until = now_ns() + (uint64_t)(seconds * 1e9);
    int lost = 0;
    for (uint64_t now = now_ns(); now < until; now = now_ns()) {
        struct epoll_event ready[256];
        int count = epoll_wait(epoll, ready, 256, (int)((until - now) / 1000000) + 1);
        for (int n = 0; n < count; n++) {
            int s = ready[n].data.fd;
            ssize_t got = recv(s, input, sizeof input, 0);
            struct frame frame;
            if (got <= 0) {
                epoll_ctl(epoll, EPOLL_CTL_DEL, s, NULL);
                lost++;
            } else if (next_frame(input, (size_t)got, &frame) && frame.opcode == 9) {
                char pong[140];
                send_all(s, pong, build_frame(pong, 10, frame.payload, frame.count));
            }
        }
    }
    return lost;
}

/// A tenth of what the sessions took, and some pages, may stay behind with the allocator.
static bool is_freed(struct figures before, struct figures during, struct figures after) {
    long kept = after.resident_kilobytes - before.resident_kilobytes, taken = during.resident_kilobytes - before.resident_kilobytes;
    return kept <= taken / 10 + 512;
}

int main(int argc, char **argv) {
    static const struct option names[] = {
        {"sessions", required_argument, 0, 'n'}, {"pid", required_argument, 0, 'i'}, {"hold", required_argument, 0, 's'}, {0}};
    int sessions = 10000, option;
    pid_t pid = 0;
    double seconds = 3;
    while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
        if (option == 'n') sessions = atoi(optarg);
        else if (option == 'i') pid = atoi(optarg);
        else if (option == 's') seconds = atof(optarg);
        else exit(64);
    }
    if (optind != argc - 1 || pid <= 0 || sessions < 1 || sessions > 100000 || seconds > 600)
        die("usage: idle URL|PORT --pid PID [--sessions 10000] [--hold SECONDS]");
    uint16_t port = port_of(argv[optind]);
    if (raise_file_limit() < sessions + 32) die("the limit of open files is too low for %d sessions", sessions);
    // One session first: what the first session costs once is not the price of every one.
    close(open_session(port, "idle warm-up"));
    struct figures before = settle(pid, 0, 0.3);
    int *sockets = calloc((size_t)sessions, sizeof *sockets), epoll = epoll_create1(0);
    uint64_t start = now_ns();
    for (int n = 0; n < sessions; n += BATCH) open_batch(port, sockets + n, n, sessions - n < BATCH ? sessions - n : BATCH);
    double opened = (double)(now_ns() - start) / 1e9;
    for (int n = 0; n < sessions; n++) {
        struct epoll_event event = {.events = EPOLLIN, .data.fd = sockets[n]};
        epoll_ctl(epoll, EPOLL_CTL_ADD, sockets[n], &event);
    }
    struct figures open = figures_of(pid);
    int lost = hold(epoll, seconds);
    struct figures during = figures_of(pid);
    for (int n = 0; n < sessions; n++) close(sockets[n]);
    struct figures after = settle(pid, before.descriptors, 10);
    // Memory goes back to the kernel a while after a crowd has left.
    for (int n = 0; n < 10 && !is_freed(before, during, after); n++) after = settle(pid, 0, 0.5);
    double each = (double)(during.resident_kilobytes - before.resident_kilobytes) * 1024 / sessions;
    printf("sessions     %d opened in %.2f s, %d lost in %.0f s of idling\n", sessions, opened, lost, seconds);
    printf("RSS          %ld kB before, %ld open, %ld during, %ld after (%.0f bytes per session)\n", before.resident_kilobytes,
           open.resident_kilobytes, during.resident_kilobytes, after.resident_kilobytes, each);
    printf("descriptors  %ld before, %ld during, %ld after\n", before.descriptors, during.descriptors, after.descriptors);
    printf("idle CPU     %.2f ms per second\n", (during.cpu_seconds - open.cpu_seconds) * 1e3 / (seconds > 0 ? seconds : 1));
    bool returned = after.descriptors <= before.descriptors && during.descriptors >= before.descriptors + sessions;
    bool freed = is_freed(before, during, after);
    if (lost) printf("FAILED: sessions were lost\n");
    if (!freed) printf("FAILED: %ld kB of memory stayed behind\n", after.resident_kilobytes - before.resident_kilobytes);
    if (!returned) printf("FAILED: the descriptors did not return to where they were\n");
    return lost || !returned || !freed ? 1 : 0;
}
