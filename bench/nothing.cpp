// A program that ends at once, without a library: what its start costs is the kernel's part of a start.

extern "C" [[noreturn]] void _start() {
#if defined(__x86_64__)
    asm volatile("mov $60, %eax\n xor %edi, %edi\n syscall");  // exit(0)
#elif defined(__aarch64__)
    asm volatile("mov x8, #93\n mov x0, #0\n svc #0");
#else
#error "exit(0) of this machine is to be written here"
#endif
    __builtin_unreachable();
}
