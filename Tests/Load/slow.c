// Two bad neighbours against one good client: the first asks for device lists and never reads, the second sends one byte a second.
// The good client's p99 with them must be at most twice that without them. Measured in turns (without, with, without, …).

#include "common.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

static uint16_t port;

static int every(long nanoseconds) {
    int timer = timerfd_create(CLOCK_MONOTONIC, 0);
    struct timespec span = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    struct itimerspec when = {.it_value = span, .it_interval = span};
    timerfd_settime(timer, 0, &when, NULL);
    return timer;
}

static void tick(int timer) {
    uint64_t count;
    if (read(timer, &count, sizeof count) < 0) exit(0);
}

/// Where a bad neighbour says that it has begun.
static int begun[2];

static ssize_t ask_for_list(int s, uint32_t id) {
    char text[64], frame[80];
    int count = snprintf(text, sizeof text, "[{\"RequestDeviceList\":{\"Id\":%u}}]", id);
    return send(s, frame, build_frame(frame, 1, text, (size_t)count), MSG_NOSIGNAL);
}

/// Two hundred lists at once, so that the server has something to hold back; then twenty a second. None is read. When the server has
/// had enough, the next connection asks for twenty a second.
static void never_reads(void) {
    int timer = every(50000000);
    for (uint32_t id = 2, first = 200;; first = 0) {
        int s = open_session(port, "never reads"), small = 4096;
        setsockopt(s, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
        make_nonblocking(s);
        bool is_first = first > 0;
        for (; first > 0; first--) ask_for_list(s, id++);
        if (is_first && write(begun[1], "x", 1) < 0) exit(0);
        for (bool open = true; open; tick(timer)) open = ask_for_list(s, id++) >= 0 || errno == EAGAIN;
        close(s);
    }
}

/// A Ping that takes its time: one byte each second, frame after frame.
static void sends_a_byte_a_second(void) {
    int s = open_session(port, "byte by byte"), timer = every(1000000000);
    const char *text = "[{\"Ping\":{\"Id\":2}}]";
    char frame[64];
    size_t length = build_frame(frame, 1, text, strlen(text));
    if (write(begun[1], "x", 1) < 0) exit(0);
    for (size_t at = 0;; at = (at + 1) % length) {
        tick(timer);
        if (send(s, frame + at, 1, MSG_NOSIGNAL) < 0) exit(0);
    }
}

static pid_t start(void (*body)(void)) {
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        body();
        exit(0);
    }
    return child;
}

/// p99 in microseconds of a client that sends `rate` commands a second on schedule.
static double measure(int s, const struct lane *lane, double seconds, double rate, uint64_t *unanswered) {
    static struct histogram latencies;
    static uint64_t due[1 << 16];
    static uint32_t id = 100;
    memset(&latencies, 0, sizeof latencies);
    int timer = every((long)(1e9 / rate));
    uint64_t end = now_ns() + (uint64_t)(seconds * 1e9);
    static char input[65536];
    size_t count = 0;
    uint64_t pending = 0;
    for (uint64_t now = now_ns(); now < end + 2000000000ull && (now < end || pending > 0); now = now_ns()) {
        struct pollfd polled[2] = {{.fd = s, .events = POLLIN}, {.fd = timer, .events = POLLIN}};
        poll(polled, now < end ? 2 : 1, 100);
        uint64_t expirations = 0;
        if (now < end && polled[1].revents && read(timer, &expirations, sizeof expirations) < 0) die("timer");
        for (; expirations > 0; expirations--) {
            char text[160], frame[180];
            uint32_t request = id++;
            int length = snprintf(
                text, sizeof text,
                "[{\"OutputCmd\":{\"Id\":%u,\"DeviceIndex\":%u,\"FeatureIndex\":%u,\"Command\":{\"%s\":{\"Value\":%u}}}}]", request,
                lane->device, lane->feature, lane->type, request % (uint32_t)lane->high + 1);
            due[request & 65535] = now_ns();
            send_all(s, frame, build_frame(frame, 1, text, (size_t)length));
            pending++;
        }
        if (!(polled[0].revents & (POLLIN | POLLHUP))) continue;
        ssize_t got = recv(s, input + count, sizeof input - count, 0);
        if (got <= 0) die("the good client was cut off");
        count += (size_t)got;
        now = now_ns();
        size_t at = 0;
        struct frame frame;
        for (; next_frame(input + at, count - at, &frame); at += frame.size) {
            if (frame.opcode == 9) {
                char pong[140];
                send_all(s, pong, build_frame(pong, 10, frame.payload, frame.count));
            }
            int64_t answer = frame.opcode == 1 ? find_id(frame.payload, frame.count) : 0;
            if (answer <= 0) continue;
            if (memmem(frame.payload, frame.count, "\"Error\"", 7)) die("an error: %.*s", (int)frame.count, frame.payload);
            record(&latencies, now - due[answer & 65535]);
            pending--;
        }
        memmove(input, input + at, count - at);
        count -= at;
    }
    close(timer);
    *unanswered += pending;
    return (double)quantile(&latencies, 0.99) / 1e3;
}

static int compare(const void *a, const void *b) {
    double difference = *(const double *)a - *(const double *)b;
    return difference < 0 ? -1 : difference > 0;
}

int main(int argc, char **argv) {
    static const struct option names[] = {
        {"seconds", required_argument, 0, 's'}, {"rate", required_argument, 0, 'r'}, {"turns", required_argument, 0, 't'}, {0}};
    double seconds = 2, rate = 1000;
    int turns = 7, option;
    while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
        if (option == 's') seconds = atof(optarg);
        else if (option == 'r') rate = atof(optarg);
        else if (option == 't') turns = atoi(optarg);
        else exit(64);
    }
    if (optind != argc - 1 || turns < 1 || turns > 50 || seconds <= 0 || seconds > 60 || rate < 1 || rate > 50000)
        die("usage: slow URL|PORT [--seconds 2] [--turns 7] [--rate 1000]");
    port = port_of(argv[optind]);
    int s = open_session(port, "good client");
    free(ask(s, 2, "[{\"StartScanning\":{\"Id\":2}}]"));
    struct lane lane = {.type = "Vibrate", .high = 20};
    for (uint64_t until = now_ns() + 3000000000ull; now_ns() < until;) {
        char *list = ask(s, 3, "[{\"RequestDeviceList\":{\"Id\":3}}]");
        size_t found = find_lanes(list, &lane, 1);
        bool bare = strncmp(list, "[{\"Ok\"", 6) == 0;
        free(list);
        if (found || bare) break;
    }
    double without[50], with[50];
    if (pipe(begun) < 0) die("pipe: %s", strerror(errno));
    uint64_t unanswered = 0;
    measure(s, &lane, 0.5, rate, &unanswered);
    for (int turn = 0; turn < turns; turn++) {
        without[turn] = measure(s, &lane, seconds, rate, &unanswered);
        pid_t children[2] = {start(never_reads), start(sends_a_byte_a_second)};
        char both[2];
        for (size_t count = 0; count < 2;) {
            ssize_t got = read(begun[0], both, 2 - count);
            if (got <= 0) die("the bad neighbours did not begin");
            count += (size_t)got;
        }
        with[turn] = measure(s, &lane, seconds, rate, &unanswered);
        for (int n = 0; n < 2; n++) {
            kill(children[n], SIGKILL);
            waitpid(children[n], NULL, 0);
        }
        printf("turn %d       p99 %.1f us without, %.1f us with\n", turn + 1, without[turn], with[turn]);
    }
    qsort(without, (size_t)turns, sizeof *without, compare);
    qsort(with, (size_t)turns, sizeof *with, compare);
    double ratio = with[turns / 2] / without[turns / 2];
    printf("p99          %.1f us without, %.1f us with (medians): %.2f times\n", without[turns / 2], with[turns / 2], ratio);
    if (unanswered) printf("FAILED: %lu requests were not answered\n", unanswered);
    if (ratio > 2) printf("FAILED: more than twice\n");
    return unanswered || ratio > 2 ? 1 : 0;
}
