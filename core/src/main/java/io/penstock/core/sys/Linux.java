package io.penstock.core.sys;

/**
 * Constants and layouts of the Linux ABI, by their kernel names. A constant that differs by
 * architecture says so; all others are the same on x86-64 and aarch64.
 */
public final class Linux {
    /** See the kernel. */
    public static final int AF_UNSPEC = 0;
    /** See the kernel. */
    public static final int AF_UNIX = 1;
    /** See the kernel. */
    public static final int AF_INET = 2;
    /** See the kernel. */
    public static final int AF_INET6 = 10;
    /** See the kernel. */
    public static final int SOCK_STREAM = 1;
    /** See the kernel. */
    public static final int SOCK_DGRAM = 2;
    /** See the kernel. */
    public static final int SOCK_NONBLOCK = 0x800;
    /** See the kernel. */
    public static final int SOCK_CLOEXEC = 0x80000;
    /** See the kernel. */
    public static final int SHUT_WR = 1;
    /** See the kernel. */
    public static final int MSG_CTRUNC = 0x8;
    /** See the kernel. */
    public static final int MSG_TRUNC = 0x20;
    /** See the kernel. */
    public static final int MSG_DONTWAIT = 0x40;
    /** See the kernel. */
    public static final int MSG_ERRQUEUE = 0x2000;
    /** See the kernel. */
    public static final int MSG_NOSIGNAL = 0x4000;
    /** See the kernel. */
    public static final int MSG_CMSG_CLOEXEC = 0x4000_0000;

    /** See the kernel. */
    public static final int SOL_SOCKET = 1;
    /** See the kernel. */
    public static final int SO_REUSEADDR = 2;
    /** See the kernel. */
    public static final int SO_TYPE = 3;
    /** See the kernel. */
    public static final int SO_ERROR = 4;
    /** See the kernel. */
    public static final int SO_BROADCAST = 6;
    /** See the kernel. */
    public static final int SO_SNDBUF = 7;
    /** See the kernel. */
    public static final int SO_RCVBUF = 8;
    /** See the kernel. */
    public static final int SO_KEEPALIVE = 9;
    /** See the kernel. */
    public static final int SO_OOBINLINE = 10;
    /** See the kernel. */
    public static final int SO_PRIORITY = 12;
    /** See the kernel. */
    public static final int SO_LINGER = 13;
    /** See the kernel. */
    public static final int SO_REUSEPORT = 15;
    /** See the kernel. */
    public static final int SO_PASSCRED = 16;
    /** See the kernel. */
    public static final int SO_PEERCRED = 17;
    /** See the kernel. */
    public static final int SO_ACCEPTCONN = 30;
    /** See the kernel. */
    public static final int SO_RCVBUFFORCE = 33;
    /** Also the type of the control message that it brings. */
    public static final int SO_TIMESTAMPNS = 35;
    /** See the kernel. */
    public static final int SO_MARK = 36;
    /** See the kernel. */
    public static final int SO_DOMAIN = 39;
    /** See the kernel. */
    public static final int SO_BUSY_POLL = 46;
    /** Nine numbers of 4 bytes about the socket's memory; the last one counts drops. */
    public static final int SO_MEMINFO = 55;
    /** See the kernel. */
    public static final int SO_INCOMING_CPU = 49;
    /** See the kernel. */
    public static final int IPPROTO_IP = 0;
    /** See the kernel. */
    public static final int IPPROTO_TCP = 6;
    /** See the kernel. */
    public static final int IPPROTO_UDP = 17;
    /** See the kernel. */
    public static final int IPPROTO_IPV6 = 41;
    /** See the kernel. */
    public static final int IP_TOS = 1;
    /** See the kernel. */
    public static final int IP_TTL = 2;
    /** Also the type of the control message that it brings. */
    public static final int IP_PKTINFO = 8;
    /** See the kernel. */
    public static final int IP_MTU_DISCOVER = 10;
    /** Also the type of the control message that it brings. */
    public static final int IP_RECVERR = 11;
    /** See the kernel. */
    public static final int IP_RECVTOS = 13;
    /** See the kernel. */
    public static final int IP_MTU = 14;
    /** See the kernel. */
    public static final int IP_FREEBIND = 15;
    /** See the kernel. */
    public static final int IP_BIND_ADDRESS_NO_PORT = 24;
    /** See the kernel. */
    public static final int IP_MULTICAST_IF = 32;
    /** See the kernel. */
    public static final int IP_MULTICAST_TTL = 33;
    /** See the kernel. */
    public static final int IP_MULTICAST_LOOP = 34;
    /** See the kernel. */
    public static final int MCAST_JOIN_GROUP = 42;
    /** See the kernel. */
    public static final int MCAST_LEAVE_GROUP = 45;
    /** See the kernel. */
    public static final int MCAST_JOIN_SOURCE_GROUP = 46;
    /** See the kernel. */
    public static final int MCAST_LEAVE_SOURCE_GROUP = 47;
    /** See the kernel. */
    public static final int IP_MULTICAST_ALL = 49;
    /** See the kernel. */
    public static final int IPV6_UNICAST_HOPS = 16;
    /** See the kernel. */
    public static final int IPV6_MULTICAST_IF = 17;
    /** See the kernel. */
    public static final int IPV6_MULTICAST_HOPS = 18;
    /** See the kernel. */
    public static final int IPV6_MULTICAST_LOOP = 19;
    /** See the kernel. */
    public static final int IPV6_MTU_DISCOVER = 23;
    /** See the kernel. */
    public static final int IPV6_MTU = 24;
    /** Also the type of the control message that it brings. */
    public static final int IPV6_RECVERR = 25;
    /** See the kernel. */
    public static final int IPV6_V6ONLY = 26;
    /** See the kernel. */
    public static final int IPV6_MULTICAST_ALL = 29;
    /** See the kernel. */
    public static final int IPV6_RECVPKTINFO = 49;
    /** The control message of IPV6_RECVPKTINFO. */
    public static final int IPV6_PKTINFO = 50;
    /** See the kernel. */
    public static final int IPV6_DONTFRAG = 62;
    /** See the kernel. */
    public static final int IPV6_RECVTCLASS = 66;
    /** See the kernel. */
    public static final int IPV6_TCLASS = 67;
    /** Also the type of the control message that asks for it. */
    public static final int UDP_SEGMENT = 103;
    /** Also the type of the control message that it brings. */
    public static final int UDP_GRO = 104;
    /** See the kernel. */
    public static final int TCP_NODELAY = 1;
    /** See the kernel. */
    public static final int TCP_MAXSEG = 2;
    /** See the kernel. */
    public static final int TCP_CORK = 3;
    /** See the kernel. */
    public static final int TCP_KEEPIDLE = 4;
    /** See the kernel. */
    public static final int TCP_KEEPINTVL = 5;
    /** See the kernel. */
    public static final int TCP_KEEPCNT = 6;
    /** See the kernel. */
    public static final int TCP_DEFER_ACCEPT = 9;
    /** See the kernel. */
    public static final int TCP_QUICKACK = 12;
    /** See the kernel. */
    public static final int TCP_USER_TIMEOUT = 18;
    /** See the kernel. */
    public static final int TCP_FASTOPEN = 23;
    /** See the kernel. */
    public static final int TCP_NOTSENT_LOWAT = 25;
    /** See the kernel. */
    public static final int TCP_FASTOPEN_CONNECT = 30;
    /** See the kernel. */
    public static final int SCM_RIGHTS = 1;
    /** See the kernel. */
    public static final int SCM_CREDENTIALS = 2;

    /** See the kernel. */
    public static final int O_RDONLY = 0;
    /** See the kernel. */
    public static final int O_WRONLY = 1;
    /** See the kernel. */
    public static final int O_RDWR = 2;
    /** See the kernel. */
    public static final int O_CREAT = 0x40;
    /** See the kernel. */
    public static final int O_EXCL = 0x80;
    /** See the kernel. */
    public static final int O_NOCTTY = 0x100;
    /** See the kernel. */
    public static final int O_APPEND = 0x400;
    /** See the kernel. */
    public static final int O_NONBLOCK = 0x800;
    /** See the kernel. */
    public static final int O_CLOEXEC = 0x80000;
    /** Differs by architecture. */
    public static final int O_NOFOLLOW = Architecture.IS_X86_64 ? 0x20000 : 0x8000;
    /** See the kernel. */
    public static final int O_PATH = 0x200000;
    /** See the kernel. */
    public static final int AT_FDCWD = -100;
    /** See the kernel. */
    public static final int AT_SYMLINK_NOFOLLOW = 0x100;
    /** See the kernel. */
    public static final int AT_EMPTY_PATH = 0x1000;
    /** See the kernel. */
    public static final int RENAME_NOREPLACE = 1;
    /** See the kernel. */
    public static final int F_GETFD = 1;
    /** See the kernel. */
    public static final int F_SETFD = 2;
    /** See the kernel. */
    public static final int FD_CLOEXEC = 1;
    /** See the kernel. */
    public static final int F_GETFL = 3;
    /** See the kernel. */
    public static final int F_SETFL = 4;
    /** See the kernel. */
    public static final int F_DUPFD_CLOEXEC = 1030;
    /** See the kernel. */
    public static final int F_SETPIPE_SZ = 1031;
    /** See the kernel. */
    public static final int F_GETPIPE_SZ = 1032;
    /** See the kernel. */
    public static final int F_ADD_SEALS = 1033;
    /** See the kernel. */
    public static final int F_GET_SEALS = 1034;
    /** See the kernel. */
    public static final int F_SEAL_SEAL = 1;
    /** See the kernel. */
    public static final int F_SEAL_SHRINK = 2;
    /** See the kernel. */
    public static final int F_SEAL_GROW = 4;
    /** See the kernel. */
    public static final int F_SEAL_FUTURE_WRITE = 16;
    /** See the kernel. */
    public static final int MFD_CLOEXEC = 1;
    /** See the kernel. */
    public static final int MFD_ALLOW_SEALING = 2;
    /** See the kernel; from Linux 6.3 on. */
    public static final int MFD_NOEXEC_SEAL = 8;
    /** Gets the index of a network interface, by its name. */
    public static final int SIOCGIFINDEX = 0x8933;
    /** Gets how many sent bytes the peer has not taken. */
    public static final int SIOCOUTQ = 0x5411;
    /** Gets terminal attributes; ENOTTY for a descriptor that is no terminal. */
    public static final int TCGETS = 0x5401;
    /** See the kernel. */
    public static final int S_IFMT = 0xF000;
    /** See the kernel. */
    public static final int S_IFIFO = 0x1000;
    /** See the kernel. */
    public static final int S_IFCHR = 0x2000;
    /** See the kernel. */
    public static final int S_IFDIR = 0x4000;
    /** See the kernel. */
    public static final int S_IFREG = 0x8000;
    /** See the kernel. */
    public static final int S_IFSOCK = 0xC000;

    /** See the kernel. */
    public static final int PROT_READ = 1;
    /** See the kernel. */
    public static final int PROT_WRITE = 2;
    /** See the kernel. */
    public static final int MAP_SHARED = 1;
    /** See the kernel. */
    public static final int MAP_PRIVATE = 2;
    /** See the kernel. */
    public static final int MAP_ANONYMOUS = 0x20;
    /** See the kernel. */
    public static final int LOCK_SH = 1;
    /** See the kernel. */
    public static final int LOCK_EX = 2;
    /** See the kernel. */
    public static final int LOCK_NB = 4;
    /** See the kernel. */
    public static final int LOCK_UN = 8;

    /** See the kernel. */
    public static final int SPLICE_F_MOVE = 1;
    /** See the kernel. */
    public static final int SPLICE_F_NONBLOCK = 2;
    /** See the kernel. */
    public static final int RWF_NOWAIT = 8;
    /** Writes up to this many bytes to a pipe are never split. */
    public static final int PIPE_BUF = 4096;

    /** See the kernel. */
    public static final int EPOLLIN = 0x1;
    /** See the kernel. */
    public static final int EPOLLOUT = 0x4;
    /** See the kernel. */
    public static final int EPOLLERR = 0x8;
    /** See the kernel. */
    public static final int EPOLLHUP = 0x10;
    /** See the kernel. */
    public static final int EPOLL_CTL_ADD = 1;
    /** See the kernel. */
    public static final int EPOLL_CTL_DEL = 2;
    /** See the kernel. */
    public static final int EPOLL_CTL_MOD = 3;
    /** See the kernel. */
    public static final int EPOLL_CLOEXEC = 0x80000;
    /** See the kernel. */
    public static final int EFD_NONBLOCK = 0x800;
    /** See the kernel. */
    public static final int EFD_CLOEXEC = 0x80000;
    /** Of {@code struct epoll_event}: packed on x86-64 alone. */
    public static final int EPOLL_EVENT_BYTES = Architecture.IS_X86_64 ? 12 : 16;
    /** Where {@code epoll_event} keeps the caller's data. */
    public static final int EPOLL_EVENT_DATA_OFFSET = Architecture.IS_X86_64 ? 4 : 8;

    /** Of {@code struct statx}. */
    public static final int STATX_BYTES = 256;
    /** Where {@code statx} keeps the owner, an int. */
    public static final int STATX_UID_OFFSET = 20;
    /** Where {@code statx} keeps the mode, two bytes. */
    public static final int STATX_MODE_OFFSET = 28;
    /** Where {@code statx} keeps the size, eight bytes. */
    public static final int STATX_SIZE_OFFSET = 40;
    /** Where {@code statx} keeps the inode's number, eight bytes. */
    public static final int STATX_INO_OFFSET = 32;
    /** Where {@code statx} keeps the device that the file is on: two numbers of 4 bytes. */
    public static final int STATX_DEV_OFFSET = 136;
    /** Where {@code statx} keeps when the file changed: seconds, and nanoseconds in four bytes. */
    public static final int STATX_CTIME_OFFSET = 96;
    /** Where {@code statx} keeps when it was written: seconds, and nanoseconds in four bytes. */
    public static final int STATX_MTIME_OFFSET = 112;
    /** Type, mode and size, among others. */
    public static final int STATX_BASIC_STATS = 0x7ff;

    /** Of {@code struct msghdr}: name, its length, iov, its count, control, its length, flags. */
    public static final int MSGHDR_BYTES = 56;
    /** See the kernel. */
    public static final int MSGHDR_NAME_OFFSET = 0;
    /** See the kernel. */
    public static final int MSGHDR_NAMELEN_OFFSET = 8;
    /** See the kernel. */
    public static final int MSGHDR_IOV_OFFSET = 16;
    /** See the kernel. */
    public static final int MSGHDR_IOVLEN_OFFSET = 24;
    /** See the kernel. */
    public static final int MSGHDR_CONTROL_OFFSET = 32;
    /** See the kernel. */
    public static final int MSGHDR_CONTROLLEN_OFFSET = 40;
    /** See the kernel. */
    public static final int MSGHDR_FLAGS_OFFSET = 48;
    /** Of {@code struct mmsghdr}: a msghdr, and how many bytes were sent or received. */
    public static final int MMSGHDR_BYTES = 64;
    /** See the kernel. */
    public static final int MMSGHDR_LEN_OFFSET = 56;
    /** Of {@code struct iovec}: address, length. */
    public static final int IOVEC_BYTES = 16;
    /** Of {@code struct cmsghdr}: length (8), level (4), type (4); data follow, 8-aligned. */
    public static final int CMSGHDR_BYTES = 16;

    private Linux() {
    }
}
