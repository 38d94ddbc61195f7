// What Swift sees of libuv. Must not hold anything but declarations, and calls that Swift cannot make: their arguments vary, or their data
// is read by macros.
#include <sys/socket.h>
#include <uv.h>

static inline int plugboard_uv_measure_idle_time(uv_loop_t *loop) { return uv_loop_configure(loop, UV_METRICS_IDLE_TIME); }

// Descriptors that came along with bytes.
struct plugboard_descriptors {
    int numbers[64];
    int count;
};

// recv, and the descriptors that the other end passed: no other program inherits them. More than there is room for are closed by the kernel.
static inline ssize_t plugboard_receive(int socket, void *room, size_t size, struct plugboard_descriptors *found) {
    char control[CMSG_SPACE(sizeof found->numbers)] __attribute__((aligned(8)));
    struct iovec piece = {room, size};
    struct msghdr message = {0};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    found->count = 0;
#ifdef MSG_CMSG_CLOEXEC
    ssize_t count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
#else
    ssize_t count = recvmsg(socket, &message, 0);
#endif
    if (count < 0) return count;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
        const int *numbers = (const int *)(void *)CMSG_DATA(part);
        size_t passed = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t place = 0; place < passed && found->count < 64; place++) found->numbers[found->count++] = numbers[place];
    }
    return count;
}
