// What Linux has and its C library's Swift module does not show; empty elsewhere. Must not hold anything that is not a declaration.
#ifdef __linux__
#include <elf.h>
#include <linux/perf_event.h>
#include <malloc.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/types.h>

// The C library shows these two only to those who define _GNU_SOURCE; the second is posix_spawn's flag for a session of its own.
extern int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);
#define PLUGBOARD_POSIX_SPAWN_SETSID 0x80

// Since glibc 2.34. A new process closes all descriptors from this number on.
extern int plugboard_spawn_closes_from(posix_spawn_file_actions_t *actions, int number) __asm__("posix_spawn_file_actions_addclosefrom_np");

// Its arguments vary.
extern int plugboard_prctl(int option, unsigned long second, unsigned long third, unsigned long fourth, unsigned long fifth) __asm__("prctl");

// The C library has no name for this system call; `syscall` itself takes a variable number of arguments, which Swift cannot pass.
long plugboard_perf_event_open(long number, struct perf_event_attr *event, pid_t process, int processor, int group, unsigned long flags) __asm__("syscall");

// A file that is mapped as code, and the call that shows each; the C library has them for those who define _GNU_SOURCE.
struct plugboard_mapped_file {
    Elf64_Addr base;
    const char *name;
    const Elf64_Phdr *headers;
    Elf64_Half header_count;
};
extern int plugboard_each_mapped_file(int (*visit)(struct plugboard_mapped_file *file, size_t size, void *context), void *context) __asm__("dl_iterate_phdr");
#endif
