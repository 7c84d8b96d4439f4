package io.penstock.core.sys;

/**
 * The only way to the operating system: one method for each system call, with C's name, C's order
 * of arguments, and addresses as {@code long}. This class has one policy: a call that a signal
 * interrupted is repeated if that is safe. No other code repeats interrupted calls.
 *
 * <p>All methods go through {@link #enter}, so a subclass that overrides it sees every system call
 * of the library; tests use that.
 *
 * <p><b>Threading</b>: any. <b>Allocation</b>: none, except when the class is initialised.
 * <b>Returns</b>: the kernel's result, {@code >= 0} or {@code -errno};
 * {@link #UNSUPPORTED_PLATFORM} on anything but Linux on x86-64 or aarch64. <b>See</b>: section 2
 * of the manual, under each method's name.
 */
public abstract class Posix {
    /** This operating system or processor is not one that Penstock runs on. */
    public static final int UNSUPPORTED_PLATFORM = -10_001;

    // The JDK specialises a method handle after about a hundred calls, and allocates then.
    private static final int WARM_UP_CALLS = 200;

    /** For subclasses. */
    protected Posix() {
    }

    /**
     * The kernel of this machine.
     *
     * @return the one instance
     */
    public static Posix system() {
        return LinuxPosix.INSTANCE;
    }

    /**
     * Enters the kernel once.
     *
     * @param number the call, of {@link Syscall}
     * @param a first argument
     * @param b second argument
     * @param c third argument
     * @param d fourth argument
     * @param e fifth argument
     * @param f sixth argument
     * @return the kernel's result or {@code -errno}
     */
    protected abstract long enter(int number, long a, long b, long c, long d, long e, long f);

    /**
     * Enters the kernel through another instance, for a subclass that delegates to it.
     *
     * @param posix the other instance
     * @param number the call, of {@link Syscall}
     * @param a first argument
     * @param b second argument
     * @param c third argument
     * @param d fourth argument
     * @param e fifth argument
     * @param f sixth argument
     * @return its result
     */
    protected static long call(
            Posix posix, int number, long a, long b, long c, long d, long e, long f) {
        return posix.enter(number, a, b, c, d, e, f);
    }

    /**
     * Makes 200 harmless calls, because the first calls of a process allocate some 130 KB in the
     * JDK's method handles. {@code EventLoop.open} does this. A program that uses streams without a
     * loop may call it, if these bytes matter.
     */
    public final void warmUp() {
        for (int i = 0; i < WARM_UP_CALLS; i++) {
            getpid();
        }
    }

    private long restart(int number, long a, long b, long c, long d, long e, long f) {
        long result;
        do {
            result = enter(number, a, b, c, d, e, f);
        } while (result == -Errno.EINTR);
        return result;
    }

    /**
     * Reads.
     *
     * @param fd descriptor
     * @param address address of the bytes
     * @param lengthBytes how many bytes
     * @return the kernel's result or {@code -errno}
     */
    public final long read(int fd, long address, long lengthBytes) {
        return restart(Syscall.READ, fd, address, lengthBytes, 0, 0, 0);
    }

    /**
     * Writes.
     *
     * @param fd descriptor
     * @param address address of the bytes
     * @param lengthBytes how many bytes
     * @return the kernel's result or {@code -errno}
     */
    public final long write(int fd, long address, long lengthBytes) {
        return restart(Syscall.WRITE, fd, address, lengthBytes, 0, 0, 0);
    }

    /**
     * Reads, with flags for this call; offset -1 stands for the file's current offset.
     *
     * @param fd descriptor
     * @param iov address of {@code iovec}s
     * @param count how many
     * @param offset offset in the file
     * @param flags flags
     * @return the kernel's result or {@code -errno}
     */
    public final long preadv2(int fd, long iov, int count, long offset, int flags) {
        return restart(Syscall.PREADV2, fd, iov, count, offset, 0, flags);
    }

    /**
     * Writes, with flags for this call; offset -1 stands for the file's current offset.
     *
     * @param fd descriptor
     * @param iov address of {@code iovec}s
     * @param count how many
     * @param offset offset in the file
     * @param flags flags
     * @return the kernel's result or {@code -errno}
     */
    public final long pwritev2(int fd, long iov, int count, long offset, int flags) {
        return restart(Syscall.PWRITEV2, fd, iov, count, offset, 0, flags);
    }

    /**
     * Closes a descriptor. Never repeated: the descriptor is closed even after EINTR.
     *
     * @param fd descriptor
     * @return the kernel's result or {@code -errno}
     */
    public final int close(int fd) {
        return (int) enter(Syscall.CLOSE, fd, 0, 0, 0, 0, 0);
    }

    /**
     * Maps memory.
     *
     * @param address address of the bytes
     * @param lengthBytes how many bytes
     * @param prot protection
     * @param flags flags
     * @param fd descriptor
     * @param offset offset in the file
     * @return the kernel's result or {@code -errno}
     */
    public final long mmap(
            long address, long lengthBytes, int prot, int flags, int fd, long offset) {
        return enter(Syscall.MMAP, address, lengthBytes, prot, flags, fd, offset);
    }

    /**
     * Unmaps memory.
     *
     * @param address address of the bytes
     * @param lengthBytes how many bytes
     * @return the kernel's result or {@code -errno}
     */
    public final int munmap(long address, long lengthBytes) {
        return (int) enter(Syscall.MUNMAP, address, lengthBytes, 0, 0, 0, 0);
    }

    /**
     * Controls a device.
     *
     * @param fd descriptor
     * @param request which request
     * @param argument its argument
     * @return the kernel's result or {@code -errno}
     */
    public final int ioctl(int fd, long request, long argument) {
        return (int) restart(Syscall.IOCTL, fd, request, argument, 0, 0, 0);
    }

    /**
     * The process's id.
     *
     * @return the kernel's result or {@code -errno}
     */
    public final int getpid() {
        return (int) enter(Syscall.GETPID, 0, 0, 0, 0, 0, 0);
    }

    /**
     * The effective user.
     *
     * @return the kernel's result or {@code -errno}
     */
    public final int geteuid() {
        return (int) enter(Syscall.GETEUID, 0, 0, 0, 0, 0, 0);
    }

    /**
     * Makes a socket.
     *
     * @param domain address family
     * @param type socket type and flags
     * @param protocol protocol
     * @return the kernel's result or {@code -errno}
     */
    public final int socket(int domain, int type, int protocol) {
        return (int) enter(Syscall.SOCKET, domain, type, protocol, 0, 0, 0);
    }

    /**
     * Makes two connected sockets.
     *
     * @param domain address family
     * @param type socket type and flags
     * @param protocol protocol
     * @param sv address of two ints
     * @return the kernel's result or {@code -errno}
     */
    public final int socketpair(int domain, int type, int protocol, long sv) {
        return (int) enter(Syscall.SOCKETPAIR, domain, type, protocol, sv, 0, 0);
    }

    /**
     * Connects. Not repeated after EINTR: the kernel goes on connecting.
     *
     * @param fd descriptor
     * @param sockaddr address of a {@code sockaddr}, or 0
     * @param lengthBytes how many bytes
     * @return the kernel's result or {@code -errno}
     */
    public final int connect(int fd, long sockaddr, int lengthBytes) {
        return (int) enter(Syscall.CONNECT, fd, sockaddr, lengthBytes, 0, 0, 0);
    }

    /**
     * Binds to an address.
     *
     * @param fd descriptor
     * @param sockaddr address of a {@code sockaddr}, or 0
     * @param lengthBytes how many bytes
     * @return the kernel's result or {@code -errno}
     */
    public final int bind(int fd, long sockaddr, int lengthBytes) {
        return (int) enter(Syscall.BIND, fd, sockaddr, lengthBytes, 0, 0, 0);
    }

    /**
     * Listens.
     *
     * @param fd descriptor
     * @param backlog length of the queue
     * @return the kernel's result or {@code -errno}
     */
    public final int listen(int fd, int backlog) {
        return (int) enter(Syscall.LISTEN, fd, backlog, 0, 0, 0, 0);
    }

    /**
     * Accepts a connection.
     *
     * @param fd descriptor
     * @param sockaddr address of a {@code sockaddr}, or 0
     * @param sockaddrLength its length, or where the length is and goes
     * @param flags flags
     * @return the kernel's result or {@code -errno}
     */
    public final int accept4(int fd, long sockaddr, long sockaddrLength, int flags) {
        return (int) restart(Syscall.ACCEPT4, fd, sockaddr, sockaddrLength, flags, 0, 0);
    }

    /**
     * Shuts down one or both directions of a socket.
     *
     * @param fd descriptor
     * @param how which directions
     * @return the kernel's result or {@code -errno}
     */
    public final int shutdown(int fd, int how) {
        return (int) enter(Syscall.SHUTDOWN, fd, how, 0, 0, 0, 0);
    }

    /**
     * The local address.
     *
     * @param fd descriptor
     * @param sockaddr address of a {@code sockaddr}, or 0
     * @param sockaddrLength its length, or where the length is and goes
     * @return the kernel's result or {@code -errno}
     */
    public final int getsockname(int fd, long sockaddr, long sockaddrLength) {
        return (int) enter(Syscall.GETSOCKNAME, fd, sockaddr, sockaddrLength, 0, 0, 0);
    }

    /**
     * The peer's address.
     *
     * @param fd descriptor
     * @param sockaddr address of a {@code sockaddr}, or 0
     * @param sockaddrLength its length, or where the length is and goes
     * @return the kernel's result or {@code -errno}
     */
    public final int getpeername(int fd, long sockaddr, long sockaddrLength) {
        return (int) enter(Syscall.GETPEERNAME, fd, sockaddr, sockaddrLength, 0, 0, 0);
    }

    /**
     * Sets a socket option.
     *
     * @param fd descriptor
     * @param level option level
     * @param name option or name
     * @param value address of the value
     * @param lengthBytes how many bytes
     * @return the kernel's result or {@code -errno}
     */
    public final int setsockopt(int fd, int level, int name, long value, int lengthBytes) {
        return (int) enter(Syscall.SETSOCKOPT, fd, level, name, value, lengthBytes, 0);
    }

    /**
     * Gets a socket option.
     *
     * @param fd descriptor
     * @param level option level
     * @param name option or name
     * @param value address of the value
     * @param length address of its length
     * @return the kernel's result or {@code -errno}
     */
    public final int getsockopt(int fd, int level, int name, long value, long length) {
        return (int) enter(Syscall.GETSOCKOPT, fd, level, name, value, length, 0);
    }

    /**
     * Sends.
     *
     * @param fd descriptor
     * @param address address of the bytes
     * @param lengthBytes how many bytes
     * @param flags flags
     * @param sockaddr address of a {@code sockaddr}, or 0
     * @param sockaddrLength its length, or where the length is and goes
     * @return the kernel's result or {@code -errno}
     */
    public final long sendto(
            int fd, long address, long lengthBytes, int flags, long sockaddr, int sockaddrLength) {
        return restart(Syscall.SENDTO, fd, address, lengthBytes, flags, sockaddr, sockaddrLength);
    }

    /**
     * Receives.
     *
     * @param fd descriptor
     * @param address address of the bytes
     * @param lengthBytes how many bytes
     * @param flags flags
     * @param sockaddr address of a {@code sockaddr}, or 0
     * @param sockaddrLength its length, or where the length is and goes
     * @return the kernel's result or {@code -errno}
     */
    public final long recvfrom(
            int fd, long address, long lengthBytes, int flags, long sockaddr, long sockaddrLength) {
        return restart(Syscall.RECVFROM, fd, address, lengthBytes, flags, sockaddr, sockaddrLength);
    }

    /**
     * Sends a message with control data.
     *
     * @param fd descriptor
     * @param msghdr address of a {@code msghdr}
     * @param flags flags
     * @return the kernel's result or {@code -errno}
     */
    public final long sendmsg(int fd, long msghdr, int flags) {
        return restart(Syscall.SENDMSG, fd, msghdr, flags, 0, 0, 0);
    }

    /**
     * Receives a message with control data.
     *
     * @param fd descriptor
     * @param msghdr address of a {@code msghdr}
     * @param flags flags
     * @return the kernel's result or {@code -errno}
     */
    public final long recvmsg(int fd, long msghdr, int flags) {
        return restart(Syscall.RECVMSG, fd, msghdr, flags, 0, 0, 0);
    }

    /**
     * Sends many messages.
     *
     * @param fd descriptor
     * @param mmsghdr address of {@code mmsghdr}s
     * @param count how many
     * @param flags flags
     * @return the kernel's result or {@code -errno}
     */
    public final int sendmmsg(int fd, long mmsghdr, int count, int flags) {
        return (int) restart(Syscall.SENDMMSG, fd, mmsghdr, count, flags, 0, 0);
    }

    /**
     * Receives many messages.
     *
     * @param fd descriptor
     * @param mmsghdr address of {@code mmsghdr}s
     * @param count how many
     * @param flags flags
     * @param timespec address of a {@code timespec}, or 0
     * @return the kernel's result or {@code -errno}
     */
    public final int recvmmsg(int fd, long mmsghdr, int count, int flags, long timespec) {
        return (int) restart(Syscall.RECVMMSG, fd, mmsghdr, count, flags, timespec, 0);
    }

    /**
     * Controls a descriptor.
     *
     * @param fd descriptor
     * @param command which command
     * @param argument its argument
     * @return the kernel's result or {@code -errno}
     */
    public final int fcntl(int fd, int command, long argument) {
        return (int) restart(Syscall.FCNTL, fd, command, argument, 0, 0, 0);
    }

    /**
     * Locks a file.
     *
     * @param fd descriptor
     * @param operation which operation
     * @return the kernel's result or {@code -errno}
     */
    public final int flock(int fd, int operation) {
        return (int) restart(Syscall.FLOCK, fd, operation, 0, 0, 0, 0);
    }

    /**
     * Reserves a file's space.
     *
     * @param fd descriptor
     * @param mode mode
     * @param offset offset in the file
     * @param lengthBytes how many bytes
     * @return the kernel's result or {@code -errno}
     */
    public final int fallocate(int fd, int mode, long offset, long lengthBytes) {
        return (int) restart(Syscall.FALLOCATE, fd, mode, offset, lengthBytes, 0, 0);
    }

    /**
     * Makes a memory file, which has no path.
     *
     * @param name address of the name that {@code /proc} shows, NUL-terminated
     * @param flags flags
     * @return the kernel's result or {@code -errno}
     */
    public final int memfd_create(long name, int flags) {
        return (int) enter(Syscall.MEMFD_CREATE, name, flags, 0, 0, 0, 0);
    }

    /**
     * Opens a file.
     *
     * @param directory directory descriptor or {@code AT_FDCWD}
     * @param path address of the path, NUL-terminated
     * @param flags flags
     * @param mode mode
     * @return the kernel's result or {@code -errno}
     */
    public final int openat(int directory, long path, int flags, int mode) {
        return (int) restart(Syscall.OPENAT, directory, path, flags, mode, 0, 0);
    }

    /**
     * Makes a node in the file system, such as a FIFO.
     *
     * @param directory directory descriptor or {@code AT_FDCWD}
     * @param path address of the path, NUL-terminated
     * @param mode mode
     * @param device device number
     * @return the kernel's result or {@code -errno}
     */
    public final int mknodat(int directory, long path, int mode, long device) {
        return (int) enter(Syscall.MKNODAT, directory, path, mode, device, 0, 0);
    }

    /**
     * Removes a name.
     *
     * @param directory directory descriptor or {@code AT_FDCWD}
     * @param path address of the path, NUL-terminated
     * @param flags flags
     * @return the kernel's result or {@code -errno}
     */
    public final int unlinkat(int directory, long path, int flags) {
        return (int) enter(Syscall.UNLINKAT, directory, path, flags, 0, 0, 0);
    }

    /**
     * Changes the permissions of an open file.
     *
     * @param fd descriptor
     * @param mode permissions
     * @return the kernel's result or {@code -errno}
     */
    public final int fchmod(int fd, int mode) {
        return (int) enter(Syscall.FCHMOD, fd, mode, 0, 0, 0, 0);
    }

    /**
     * Changes the permissions of a file.
     *
     * @param directory directory descriptor
     * @param path address of the path
     * @param mode permissions
     * @return the kernel's result or {@code -errno}
     */
    public final int fchmodat(int directory, long path, int mode) {
        return (int) enter(Syscall.FCHMODAT, directory, path, mode, 0, 0, 0);
    }

    /**
     * Renames a file.
     *
     * @param oldDirectory directory descriptor
     * @param oldPath address of the path
     * @param newDirectory directory descriptor
     * @param newPath address of the path
     * @param flags flags
     * @return the kernel's result or {@code -errno}
     */
    public final int renameat2(
            int oldDirectory, long oldPath, int newDirectory, long newPath, int flags) {
        return (int) enter(
                Syscall.RENAMEAT2, oldDirectory, oldPath, newDirectory, newPath, flags, 0);
    }

    /**
     * A file's status.
     *
     * @param directory directory descriptor or {@code AT_FDCWD}
     * @param path address of the path, NUL-terminated
     * @param flags flags
     * @param mask wanted fields
     * @param statxbuf address of a {@code statx}
     * @return the kernel's result or {@code -errno}
     */
    public final int statx(int directory, long path, int flags, int mask, long statxbuf) {
        return (int) restart(Syscall.STATX, directory, path, flags, mask, statxbuf, 0);
    }

    /**
     * Gets random bytes that are good enough for keys.
     *
     * @param address address of the bytes
     * @param lengthBytes how many bytes; up to 256 are never delivered in part
     * @param flags flags
     * @return the kernel's result or {@code -errno}
     */
    public final long getrandom(long address, long lengthBytes, int flags) {
        return restart(Syscall.GETRANDOM, address, lengthBytes, flags, 0, 0, 0);
    }

    /**
     * Waits for descriptors. Not repeated after EINTR: only the caller knows its deadline.
     *
     * @param pollfd address of {@code pollfd}s
     * @param count how many
     * @param timespec address of a {@code timespec}, or 0
     * @param sigmask address of a signal mask, or 0
     * @param sigsetBytes its size
     * @return the kernel's result or {@code -errno}
     */
    public final int ppoll(long pollfd, long count, long timespec, long sigmask, long sigsetBytes) {
        return (int) enter(Syscall.PPOLL, pollfd, count, timespec, sigmask, sigsetBytes, 0);
    }

    /**
     * Moves bytes between a pipe and a descriptor.
     *
     * @param fdIn source
     * @param offsetIn address of an offset, or 0
     * @param fdOut sink
     * @param offsetOut address of an offset, or 0
     * @param lengthBytes how many bytes
     * @param flags flags
     * @return the kernel's result or {@code -errno}
     */
    public final long splice(
            int fdIn, long offsetIn, int fdOut, long offsetOut, long lengthBytes, int flags) {
        return restart(Syscall.SPLICE, fdIn, offsetIn, fdOut, offsetOut, lengthBytes, flags);
    }

    /**
     * Duplicates a pipe's bytes into another.
     *
     * @param fdIn source
     * @param fdOut sink
     * @param lengthBytes how many bytes
     * @param flags flags
     * @return the kernel's result or {@code -errno}
     */
    public final long tee(int fdIn, int fdOut, long lengthBytes, int flags) {
        return restart(Syscall.TEE, fdIn, fdOut, lengthBytes, flags, 0, 0);
    }

    /**
     * Moves memory into a pipe.
     *
     * @param fd descriptor
     * @param iov address of {@code iovec}s
     * @param count how many
     * @param flags flags
     * @return the kernel's result or {@code -errno}
     */
    public final long vmsplice(int fd, long iov, long count, int flags) {
        return restart(Syscall.VMSPLICE, fd, iov, count, flags, 0, 0);
    }

    /**
     * Duplicates a descriptor to a given number, and closes the descriptor that had the number.
     *
     * @param fd descriptor
     * @param number the number of the duplicate
     * @param flags flags
     * @return the kernel's result or {@code -errno}
     */
    public final int dup3(int fd, int number, int flags) {
        return (int) restart(Syscall.DUP3, fd, number, flags, 0, 0, 0);
    }

    /**
     * Makes a pipe.
     *
     * @param fds address of two ints
     * @param flags flags
     * @return the kernel's result or {@code -errno}
     */
    public final int pipe2(long fds, int flags) {
        return (int) enter(Syscall.PIPE2, fds, flags, 0, 0, 0, 0);
    }

    /**
     * Makes an event descriptor.
     *
     * @param count initial value of its counter
     * @param flags flags
     * @return the kernel's result or {@code -errno}
     */
    public final int eventfd2(int count, int flags) {
        return (int) enter(Syscall.EVENTFD2, count, flags, 0, 0, 0, 0);
    }

    /**
     * Makes an epoll instance.
     *
     * @param flags flags
     * @return the kernel's result or {@code -errno}
     */
    public final int epoll_create1(int flags) {
        return (int) enter(Syscall.EPOLL_CREATE1, flags, 0, 0, 0, 0, 0);
    }

    /**
     * Changes what an epoll instance watches.
     *
     * @param epfd epoll descriptor
     * @param operation which operation
     * @param fd descriptor
     * @param event address of an {@code epoll_event}
     * @return the kernel's result or {@code -errno}
     */
    public final int epoll_ctl(int epfd, int operation, int fd, long event) {
        return (int) enter(Syscall.EPOLL_CTL, epfd, operation, fd, event, 0, 0);
    }

    /**
     * Waits for events. Not repeated after EINTR: only the caller knows its deadline.
     *
     * @param epfd epoll descriptor
     * @param events address of {@code epoll_event}s
     * @param maxEvents how many at most
     * @param timeoutMs timeout, -1 for none
     * @param sigmask address of a signal mask, or 0
     * @param sigsetBytes its size
     * @return the kernel's result or {@code -errno}
     */
    public final int epoll_pwait(
            int epfd, long events, int maxEvents, int timeoutMs, long sigmask, long sigsetBytes) {
        return (int) enter(
                Syscall.EPOLL_PWAIT, epfd, events, maxEvents, timeoutMs, sigmask, sigsetBytes);
    }

    /**
     * As epoll_pwait, in nanoseconds.
     *
     * @param epfd epoll descriptor
     * @param events address of {@code epoll_event}s
     * @param maxEvents how many at most
     * @param timespec address of a {@code timespec}, or 0
     * @param sigmask address of a signal mask, or 0
     * @param sigsetBytes its size
     * @return the kernel's result or {@code -errno}
     */
    public final int epoll_pwait2(
            int epfd, long events, int maxEvents, long timespec, long sigmask, long sigsetBytes) {
        return (int) enter(
                Syscall.EPOLL_PWAIT2, epfd, events, maxEvents, timespec, sigmask, sigsetBytes);
    }
}
