// What Swift sees of libuv. Must not hold anything but declarations, and calls that Swift cannot make: their arguments vary, or they need
// macros.
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

#define PLUGBOARD_DESCRIPTORS_MAX 16
// Receives bytes, and the descriptors that came with them: at most 16, `*descriptor_count` of them; the kernel drops what is more.
static inline ssize_t plugboard_receive_with_descriptors(
    int socket, void *bytes, size_t size, int *descriptors, int *descriptor_count, int flags) {
    struct iovec piece = {bytes, size};
    union { struct cmsghdr header; char room[CMSG_SPACE(PLUGBOARD_DESCRIPTORS_MAX * sizeof(int))]; } control;
    struct msghdr message = {0};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control.room;
    message.msg_controllen = sizeof control.room;
    *descriptor_count = 0;
#ifdef MSG_CMSG_CLOEXEC
    flags |= MSG_CMSG_CLOEXEC;
#endif
    ssize_t count;
    do { count = recvmsg(socket, &message, flags); } while (count < 0 && errno == EINTR);
    if (count < 0) return count;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        int found = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        for (int i = 0; i < found && *descriptor_count < PLUGBOARD_DESCRIPTORS_MAX; i++)
            memcpy(&descriptors[(*descriptor_count)++], CMSG_DATA(header) + i * sizeof(int), sizeof(int));
    }
    return count;
}
