// What Swift sees of libuv. Must not hold anything that is not a declaration.
#include <malloc.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <uv.h>

// Linux's own; glibc shows it only to those who define _GNU_SOURCE.
extern int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);
