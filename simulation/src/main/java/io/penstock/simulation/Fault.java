package io.penstock.simulation;

import static io.penstock.core.sys.Syscall.ACCEPT4;
import static io.penstock.core.sys.Syscall.BIND;
import static io.penstock.core.sys.Syscall.CLOSE;
import static io.penstock.core.sys.Syscall.CONNECT;
import static io.penstock.core.sys.Syscall.EPOLL_CREATE1;
import static io.penstock.core.sys.Syscall.EPOLL_CTL;
import static io.penstock.core.sys.Syscall.EPOLL_PWAIT;
import static io.penstock.core.sys.Syscall.EPOLL_PWAIT2;
import static io.penstock.core.sys.Syscall.EVENTFD2;
import static io.penstock.core.sys.Syscall.GETRANDOM;
import static io.penstock.core.sys.Syscall.GETSOCKNAME;
import static io.penstock.core.sys.Syscall.GETSOCKOPT;
import static io.penstock.core.sys.Syscall.LISTEN;
import static io.penstock.core.sys.Syscall.OPENAT;
import static io.penstock.core.sys.Syscall.READ;
import static io.penstock.core.sys.Syscall.RECVFROM;
import static io.penstock.core.sys.Syscall.RECVMMSG;
import static io.penstock.core.sys.Syscall.RECVMSG;
import static io.penstock.core.sys.Syscall.SENDMMSG;
import static io.penstock.core.sys.Syscall.SENDMSG;
import static io.penstock.core.sys.Syscall.SENDTO;
import static io.penstock.core.sys.Syscall.SETSOCKOPT;
import static io.penstock.core.sys.Syscall.SOCKET;
import static io.penstock.core.sys.Syscall.STATX;
import static io.penstock.core.sys.Syscall.WRITE;

import io.penstock.core.sys.Errno;

/**
 * What goes wrong: how often at most, whether a calm world has it too, and of a call that fails
 * the errno and which calls.
 */
enum Fault {
    // Calls
    INTERRUPTED("EINTR", 5, true, Errno.EINTR, SENDTO, RECVFROM, SENDMSG, RECVMSG, SENDMMSG,
            RECVMMSG, ACCEPT4, EPOLL_PWAIT, EPOLL_PWAIT2, CONNECT, CLOSE, READ, WRITE, OPENAT,
            STATX, GETRANDOM),
    NOT_NOW("EAGAIN", 4, true, Errno.EAGAIN, SENDTO, RECVFROM, SENDMSG, SENDMMSG, RECVMMSG),
    SHORT_TRANSFER("short transfer", 2, true, 0),
    RESET("ECONNRESET", 200, false, Errno.ECONNRESET, SENDTO, RECVFROM),
    BROKEN_PIPE("EPIPE", 400, false, Errno.EPIPE, SENDTO),
    GIVEN_UP("ETIMEDOUT", 400, false, Errno.ETIMEDOUT, SENDTO, RECVFROM),
    UNREACHABLE("EHOSTUNREACH", 400, false, Errno.EHOSTUNREACH, SENDTO, RECVFROM, SENDMMSG),
    NO_NETWORK("ENETUNREACH", 40, false, Errno.ENETUNREACH, CONNECT, SENDMMSG),
    ABORTED("ECONNABORTED", 20, false, Errno.ECONNABORTED, ACCEPT4),
    FORBIDDEN("EPERM", 200, false, Errno.EPERM, SENDTO, SENDMMSG),
    NO_PORT("EADDRNOTAVAIL", 40, false, Errno.EADDRNOTAVAIL, CONNECT, BIND),
    IN_USE("EADDRINUSE", 10, false, Errno.EADDRINUSE, BIND, LISTEN),
    BAD_DISK("EIO", 10, false, Errno.EIO, READ, CLOSE),
    // Full tables
    PROCESS_FULL("EMFILE", 20, false, Errno.EMFILE, SOCKET, ACCEPT4, OPENAT, EVENTFD2,
            EPOLL_CREATE1),
    SYSTEM_FULL("ENFILE", 20, false, Errno.ENFILE, SOCKET, ACCEPT4, OPENAT, EVENTFD2,
            EPOLL_CREATE1),
    NO_BUFFERS("ENOBUFS", 100, false, Errno.ENOBUFS, SENDTO, SENDMSG, SENDMMSG, RECVMMSG, SOCKET,
            ACCEPT4, SETSOCKOPT, GETSOCKNAME),
    NO_MEMORY("ENOMEM", 100, false, Errno.ENOMEM, SENDTO, RECVFROM, SENDMMSG, RECVMMSG, SOCKET,
            ACCEPT4, EPOLL_CTL, EPOLL_CREATE1, EVENTFD2, GETSOCKOPT, OPENAT, STATX),
    NO_WATCHES("ENOSPC", 100, false, Errno.ENOSPC, EPOLL_CTL),
    OUT_OF_DESCRIPTORS("descriptor limit", 1, false, 0),
    QUEUE_FULL("receive queue full", 1, true, 0),
    // Readiness
    SPURIOUS("spurious wake-up", 6, true, 0),
    LATE("late readiness", 4, true, 0),
    // The network
    LOSS("datagram lost", 10, true, 0),
    DUPLICATION("datagram doubled", 20, true, 0),
    REORDERING("datagram overtaken", 5, true, 0),
    UNANSWERED("connect unanswered", 20, false, 0),
    REFUSAL("port unreachable", 1, true, 0),
    RESET_BY_PEER("reset by the peer", 1, true, 0),
    STALL("peer stalls", 20, true, 0),
    DESERTION("peer closes in the middle", 200, false, 0),
    // Machines
    CLOCK_JUMP("clock jumps ahead", 50, true, 0),
    WALL_CLOCK("wall clock is set", 50, true, 0),
    PAUSE("machine stopped, its clock runs", 400, true, 0),
    SUSPENSION("machine suspended", 400, true, 0),
    LOOP_CLOSED("loop closed in the middle", 5, false, 0),
    // Name servers and files
    SILENT("server silent", 8, false, 0),
    TARDY("server late", 8, false, 0),
    TWICE("server answers twice", 8, true, 0),
    TRUNCATED("answer truncated", 6, true, 0),
    STRANGER("answer from another port", 10, true, 0),
    WRONG_ID("answer with another number", 10, true, 0),
    WRONG_QUESTION("answer to another question", 10, true, 0),
    WRONG_CASE("answer in another case", 20, false, 0),
    WRONG_COOKIE("answer with another cookie", 10, false, 0),
    NO_COOKIE("answer has lost its cookie", 20, false, 0),
    GARBAGE("answer is garbage", 10, true, 0),
    CUT_SHORT("answer cut short", 10, true, 0),
    SERVFAIL("SERVFAIL", 10, false, 0),
    REFUSED("REFUSED", 10, false, 0),
    FORMERR("FORMERR", 20, false, 0),
    BADCOOKIE("BADCOOKIE", 20, false, 0),
    LAME("referral", 20, false, 0),
    IN_PIECES("answer in pieces", 4, true, 0),
    HANGS_UP("server closes the connection", 10, false, 0),
    HALF_AN_ANSWER("half an answer, and nothing more", 20, false, 0),
    SERVER_DOWN("server down for a while", 30, false, 0),
    FILE_CHANGED("file replaced", 10, false, 0),
    FILE_REWRITTEN("file rewritten in place", 10, false, 0),
    RESOLVER_CLOSED("resolver closed and opened", 30, false, 0);

    final String text;
    final int often;
    final boolean isCalm;
    final int errno;
    final int[] calls;

    Fault(String text, int often, boolean isCalm, int errno, int... calls) {
        this.text = text;
        this.often = often;
        this.isCalm = isCalm;
        this.errno = errno;
        this.calls = calls;
    }
}
