package io.penstock.core.sys;

/**
 * System call numbers of this machine's architecture: x86-64's table, or the generic table that
 * aarch64 uses. Only calls in both tables are used, so {@code openat} but not {@code open}.
 */
public final class Syscall {
    private static final boolean X86_64 = Architecture.IS_X86_64;

    /** {@code read}. */
    public static final int READ = X86_64 ? 0 : 63;
    /** {@code write}. */
    public static final int WRITE = X86_64 ? 1 : 64;
    /** {@code close}. */
    public static final int CLOSE = X86_64 ? 3 : 57;
    /** {@code mmap}. */
    public static final int MMAP = X86_64 ? 9 : 222;
    /** {@code mprotect}. */
    public static final int MPROTECT = X86_64 ? 10 : 226;
    /** {@code munmap}. */
    public static final int MUNMAP = X86_64 ? 11 : 215;
    /** {@code ioctl}. */
    public static final int IOCTL = X86_64 ? 16 : 29;
    /** {@code getpid}. */
    public static final int GETPID = X86_64 ? 39 : 172;
    /** {@code geteuid}. */
    public static final int GETEUID = X86_64 ? 107 : 175;
    /** {@code socket}. */
    public static final int SOCKET = X86_64 ? 41 : 198;
    /** {@code connect}. */
    public static final int CONNECT = X86_64 ? 42 : 203;
    /** {@code sendto}. */
    public static final int SENDTO = X86_64 ? 44 : 206;
    /** {@code recvfrom}. */
    public static final int RECVFROM = X86_64 ? 45 : 207;
    /** {@code sendmsg}. */
    public static final int SENDMSG = X86_64 ? 46 : 211;
    /** {@code recvmsg}. */
    public static final int RECVMSG = X86_64 ? 47 : 212;
    /** {@code shutdown}. */
    public static final int SHUTDOWN = X86_64 ? 48 : 210;
    /** {@code bind}. */
    public static final int BIND = X86_64 ? 49 : 200;
    /** {@code listen}. */
    public static final int LISTEN = X86_64 ? 50 : 201;
    /** {@code getsockname}. */
    public static final int GETSOCKNAME = X86_64 ? 51 : 204;
    /** {@code getpeername}. */
    public static final int GETPEERNAME = X86_64 ? 52 : 205;
    /** {@code socketpair}. */
    public static final int SOCKETPAIR = X86_64 ? 53 : 199;
    /** {@code setsockopt}. */
    public static final int SETSOCKOPT = X86_64 ? 54 : 208;
    /** {@code getsockopt}. */
    public static final int GETSOCKOPT = X86_64 ? 55 : 209;
    /** {@code fcntl}. */
    public static final int FCNTL = X86_64 ? 72 : 25;
    /** {@code flock}. */
    public static final int FLOCK = X86_64 ? 73 : 32;
    /** {@code fchmod}. */
    public static final int FCHMOD = X86_64 ? 91 : 52;
    /** {@code openat}. */
    public static final int OPENAT = X86_64 ? 257 : 56;
    /** {@code mknodat}. */
    public static final int MKNODAT = X86_64 ? 259 : 33;
    /** {@code unlinkat}. */
    public static final int UNLINKAT = X86_64 ? 263 : 35;
    /** {@code fchmodat}. */
    public static final int FCHMODAT = X86_64 ? 268 : 53;
    /** {@code ppoll}. */
    public static final int PPOLL = X86_64 ? 271 : 73;
    /** {@code splice}. */
    public static final int SPLICE = X86_64 ? 275 : 76;
    /** {@code tee}. */
    public static final int TEE = X86_64 ? 276 : 77;
    /** {@code vmsplice}. */
    public static final int VMSPLICE = X86_64 ? 278 : 75;
    /** {@code epoll_pwait}. */
    public static final int EPOLL_PWAIT = X86_64 ? 281 : 22;
    /** {@code epoll_ctl}. */
    public static final int EPOLL_CTL = X86_64 ? 233 : 21;
    /** {@code fallocate}. */
    public static final int FALLOCATE = X86_64 ? 285 : 47;
    /** {@code accept4}. */
    public static final int ACCEPT4 = X86_64 ? 288 : 242;
    /** {@code eventfd2}. */
    public static final int EVENTFD2 = X86_64 ? 290 : 19;
    /** {@code epoll_create1}. */
    public static final int EPOLL_CREATE1 = X86_64 ? 291 : 20;
    /** {@code dup3}. */
    public static final int DUP3 = X86_64 ? 292 : 24;
    /** {@code pipe2}. */
    public static final int PIPE2 = X86_64 ? 293 : 59;
    /** {@code recvmmsg}. */
    public static final int RECVMMSG = X86_64 ? 299 : 243;
    /** {@code sendmmsg}. */
    public static final int SENDMMSG = X86_64 ? 307 : 269;
    /** {@code renameat2}. */
    public static final int RENAMEAT2 = X86_64 ? 316 : 276;
    /** {@code getrandom}. */
    public static final int GETRANDOM = X86_64 ? 318 : 278;
    /** {@code memfd_create}. */
    public static final int MEMFD_CREATE = X86_64 ? 319 : 279;
    /** {@code preadv2}. */
    public static final int PREADV2 = X86_64 ? 327 : 286;
    /** {@code pwritev2}. */
    public static final int PWRITEV2 = X86_64 ? 328 : 287;
    /** {@code statx}. */
    public static final int STATX = X86_64 ? 332 : 291;
    /** {@code epoll_pwait2}. */
    public static final int EPOLL_PWAIT2 = 441;

    private Syscall() {
    }
}
