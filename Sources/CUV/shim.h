// What Swift sees of libuv. Must not hold anything that is not a declaration.
#include <elf.h>
#include <linux/perf_event.h>
#include <malloc.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <uv.h>

// Linux's own; glibc shows it only to those who define _GNU_SOURCE.
extern int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);

// glibc has no name for this system call; `syscall` itself takes a variable number of arguments, which Swift cannot pass.
long plugboard_perf_event_open(long number, struct perf_event_attr *event, pid_t process, int processor, int group, unsigned long flags) __asm__("syscall");
