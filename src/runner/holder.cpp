// The program that a process runs while it waits for the instant at which it becomes its own: see spawn.h. It is a
// program by itself, without a library, and its bytes are a part of ours.
//
// argv: the file of the program to become, then its own argv; the environment is the program's. Descriptor 3 is a
// socket: a byte in it says go, its end that nobody wants us any more. exec() closes it, which says that it went well;
// where it did not, a byte comes back. Descriptor 4 is the file of this very program.

#include <fcntl.h>
#include <linux/prctl.h>
#include <sys/syscall.h>

namespace {

constexpr long kWord = 3, kOwnFile = 4;
constexpr long kInterrupted = -4;  // EINTR

long call(long number, long first, long second = 0, long third = 0) {
#if defined(__x86_64__)
    long result;
    asm volatile("syscall"
                 : "=a"(result)
                 : "a"(number), "D"(first), "S"(second), "d"(third)
                 : "rcx", "r11", "memory");
    return result;
#elif defined(__aarch64__)
    register long x8 asm("x8") = number;
    register long x0 asm("x0") = first;
    register long x1 asm("x1") = second;
    register long x2 asm("x2") = third;
    asm volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
    return x0;
#else
#error "CMakeLists.txt builds this for the machines above"
#endif
}

[[noreturn]] void leave(long status) {
    for (;;) call(SYS_exit_group, status);
}

}  // namespace

// `stack` is what the kernel hands to a program: argc, argv, null, the environment, null.
extern "C" [[noreturn]] void hold(char** stack) {
    char** const argv = stack + 1;
    while (*++stack != nullptr) {
    }
    char** const environment = stack + 1;

    call(SYS_fcntl, kWord, F_SETFD, FD_CLOEXEC);
    call(SYS_close, kOwnFile);
    call(SYS_prctl, PR_SET_NAME, reinterpret_cast<long>("cjv-holder"));
    char word = 0;
    long got = 0;
    do {
        got = call(SYS_read, kWord, reinterpret_cast<long>(&word), 1);
    } while (got == kInterrupted);
    if (got != 1) leave(0);

    call(SYS_execve, reinterpret_cast<long>(argv[0]), reinterpret_cast<long>(argv + 1),
         reinterpret_cast<long>(environment));
    call(SYS_write, kWord, reinterpret_cast<long>(&word), 1);
    leave(127);
}

#if defined(__x86_64__)
asm(".globl _start\n_start:\n    xor %ebp, %ebp\n    mov %rsp, %rdi\n    call hold\n");
#elif defined(__aarch64__)
asm(".globl _start\n_start:\n    mov x29, #0\n    mov x0, sp\n    bl hold\n");
#endif
