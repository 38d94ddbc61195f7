// Callgrind's client requests START_INSTRUMENTATION and STOP_INSTRUMENTATION: rotations that together change nothing, and a no-op that
// valgrind recognizes (valgrind.h, "client request"). Must not do anything on a processor without valgrind.

#include "CCallgrind.h"

enum { TOOL = 'C' << 24 | 'T' << 16, START_INSTRUMENTATION = TOOL + 4, STOP_INSTRUMENTATION = TOOL + 5 };

static void request(unsigned long number) {
    volatile unsigned long words[6] = {number};
#if defined(__x86_64__)
    unsigned long result = 0;
    __asm__ volatile(
        "rolq $3, %%rdi ; rolq $13, %%rdi ; rolq $61, %%rdi ; rolq $51, %%rdi ; xchgq %%rbx, %%rbx"
        : "+d"(result)
        : "a"(&words[0])
        : "cc", "memory");
#elif defined(__aarch64__)
    __asm__ volatile(
        "mov x3, #0 ; mov x4, %0 ; ror x12, x12, #3 ; ror x12, x12, #13 ; ror x12, x12, #51 ; ror x12, x12, #61 ; orr x10, x10, x10"
        :
        : "r"(&words[0])
        : "cc", "memory", "x3", "x4");
#else
    (void)words;
#endif
}

void callgrind_begin(void) { request(START_INSTRUMENTATION); }
void callgrind_end(void) { request(STOP_INSTRUMENTATION); }
