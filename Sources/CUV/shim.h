// What Swift sees of libuv. Must not hold anything but declarations, and calls that Swift cannot make: their arguments vary, or their data
// is read by macros.
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <uv.h>

static inline int plugboard_uv_measure_idle_time(uv_loop_t *loop) { return uv_loop_configure(loop, UV_METRICS_IDLE_TIME); }

// Sends bytes, and a duplicate of a descriptor with them if it is not negative.
static inline ssize_t plugboard_send_with_descriptor(int socket, const void *bytes, size_t count, int descriptor, int flags) {
    struct iovec piece = {(void *)bytes, count};
    union { struct cmsghdr header; char room[CMSG_SPACE(sizeof(int))]; } control;
    struct msghdr message = {0};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    if (descriptor >= 0) {
        memset(&control, 0, sizeof control);
        message.msg_control = control.room;
        message.msg_controllen = sizeof control.room;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
    }
    ssize_t sent;
    do { sent = sendmsg(socket, &message, flags); } while (sent < 0 && errno == EINTR);
    return sent;
}

// Descriptors that came along with bytes.
struct plugboard_descriptors {
    int numbers[64];
    int count;
};

// recv, and the descriptors that the other end passed: no other program inherits them. More than there is room for are closed by the kernel.
static inline ssize_t plugboard_receive(
    int socket, void *room, size_t size, struct plugboard_descriptors *found, int flags) {
    char control[CMSG_SPACE(sizeof found->numbers)] __attribute__((aligned(8)));
    struct iovec piece = {room, size};
    struct msghdr message = {0};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    found->count = 0;
#ifdef MSG_CMSG_CLOEXEC
    flags |= MSG_CMSG_CLOEXEC;
#endif
    ssize_t count;
    do { count = recvmsg(socket, &message, flags); } while (count < 0 && errno == EINTR);
    if (count < 0) return count;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
        const int *numbers = (const int *)(void *)CMSG_DATA(part);
        size_t passed = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t place = 0; place < passed && found->count < 64; place++) found->numbers[found->count++] = numbers[place];
    }
    return count;
}
