package io.penstock.simulation;

import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import io.penstock.core.sys.Syscall;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * A kernel of sockets, event descriptors and epoll that is an object: what a call does is decided
 * by the calls before it and by the seed of its world. Calls never wait: whoever would is told
 * that nothing is ready, and time goes on between the turns of the loops.
 */
final class SimulatedPosix extends Posix {
    /** A call, with its arguments in the order of the registers. */
    private interface Call {
        long enter(long a, long b, long c, long d, long e, long f);
    }

    private static final int MAX_CONTROL_BYTES = 4096;

    private final World world;
    private final Faults faults;
    private final Memory memory = new Memory();
    private final Map<Integer, Call> calls = new HashMap<>();
    private final Map<String, StoredFile> disk = new HashMap<>();
    private final TreeMap<Integer, SimulatedFile> files = new TreeMap<>();
    private final Map<String, SimulatedStream> listeners = new HashMap<>();
    private final Map<String, SimulatedDatagrams> datagrams = new HashMap<>();
    private int ports;
    private int mostFiles = Integer.MAX_VALUE;
    private long fileNumber;
    PrintStream trace;
    long entered;
    long fingerprint; // of all calls and their results
    long sentDatagrams;
    long lostDatagrams; // on the way, or with the socket that closed; less those that were doubled

    SimulatedPosix(World world, Faults faults) {
        this.world = world;
        this.faults = faults;
        calls.put(Syscall.GETPID, (a, b, c, d, e, f) -> 1);
        calls.put(Syscall.EVENTFD2, (a, b, c, d, e, f) -> open(new SimulatedEventFd()));
        calls.put(Syscall.EPOLL_CREATE1,
                (a, b, c, d, e, f) -> open(new SimulatedEpoll(world, faults)));
        calls.put(Syscall.EPOLL_CTL, (a, b, c, d, e, f) -> watch((int) a, (int) b, (int) c, d));
        calls.put(Syscall.EPOLL_PWAIT, (a, b, c, d, e, f) -> wait((int) a, b, (int) c));
        calls.put(Syscall.EPOLL_PWAIT2, (a, b, c, d, e, f) -> wait((int) a, b, (int) c));
        calls.put(Syscall.PPOLL, (a, b, c, d, e, f) -> pollNow(a, (int) b));
        calls.put(Syscall.READ, (a, b, c, d, e, f) -> read((int) a, b, (int) c));
        calls.put(Syscall.WRITE, (a, b, c, d, e, f) -> writeEvent((int) a, b));
        calls.put(Syscall.CLOSE, (a, b, c, d, e, f) -> closeFile((int) a));
        calls.put(Syscall.SOCKET, (a, b, c, d, e, f) -> socket((int) b));
        calls.put(Syscall.BIND, (a, b, c, d, e, f) -> bindTo((int) a, b, (int) c));
        calls.put(Syscall.LISTEN, (a, b, c, d, e, f) -> listenOn((int) a, (int) b));
        calls.put(Syscall.CONNECT, (a, b, c, d, e, f) -> connectTo((int) a, b, (int) c));
        calls.put(Syscall.ACCEPT4, (a, b, c, d, e, f) -> accept((int) a));
        calls.put(Syscall.GETSOCKNAME, (a, b, c, d, e, f) -> name((int) a, b, c, true));
        calls.put(Syscall.GETPEERNAME, (a, b, c, d, e, f) -> name((int) a, b, c, false));
        calls.put(Syscall.SETSOCKOPT, (a, b, c, d, e, f) -> file((int) a) == null
                ? -Errno.EBADF : 0);
        calls.put(Syscall.GETSOCKOPT, (a, b, c, d, e, f) -> option((int) a, (int) b, (int) c, d));
        calls.put(Syscall.IOCTL, (a, b, c, d, e, f) -> -Errno.ENOTTY);
        calls.put(Syscall.SHUTDOWN, (a, b, c, d, e, f) -> stream((int) a).finish());
        calls.put(Syscall.OPENAT, (a, b, c, d, e, f) -> openStored(b));
        calls.put(Syscall.STATX, (a, b, c, d, e, f) -> describe(b, e));
        calls.put(Syscall.GETRANDOM, (a, b, c, d, e, f) -> random(a, (int) b));
        calls.put(Syscall.SENDTO, this::sendTo);
        calls.put(Syscall.RECVFROM,
                (a, b, c, d, e, f) -> stream((int) a).receive(memory, b, (int) c));
        calls.put(Syscall.SENDMSG, (a, b, c, d, e, f) -> sendMessage((int) a, b));
        calls.put(Syscall.RECVMSG, (a, b, c, d, e, f) -> receiveMessage((int) a, b, (int) c));
        calls.put(Syscall.SENDMMSG, (a, b, c, d, e, f) -> sendMessages((int) a, b, (int) c));
        calls.put(Syscall.RECVMMSG,
                (a, b, c, d, e, f) -> receiveMessages((int) a, b, (int) c, (int) d));
    }

    @Override
    protected long enter(int number, long a, long b, long c, long d, long e, long f) {
        entered++;
        Call call = calls.get(number);
        if (call == null) {
            throw new AssertionError("a call that is not simulated: " + number);
        }
        Fault fault = faults.of(number);
        long result = fault == null || number == Syscall.CLOSE || number == Syscall.CONNECT
                && fault == Fault.INTERRUPTED ? call.enter(a, b, c, d, e, f) : 0;
        if (fault != null && (number != Syscall.CONNECT || fault != Fault.INTERRUPTED
                || result == -Errno.EINPROGRESS)) { // what connects goes on to
            result = -fault.errno;
        }
        fingerprint = (fingerprint * 31 + number) * 31 + result;
        if (trace != null) {
            trace.printf("%,d ns: call %d of %d, %x, %x: %d%n", world.nanoTime(), number, a, b, c,
                    result);
        }
        return result;
    }

    // Descriptors

    int openFiles() {
        return files.size();
    }

    void limitFiles(int most) {
        mostFiles = most;
    }

    private int open(SimulatedFile file) {
        if (files.size() >= mostFiles) {
            faults.happened(Fault.OUT_OF_DESCRIPTORS);
            return -Errno.EMFILE;
        }
        int fd = 3;
        while (files.containsKey(fd)) { // the lowest that is free, as the kernel's
            fd++;
        }
        files.put(fd, file);
        return fd;
    }

    private SimulatedFile file(int fd) {
        return files.get(fd);
    }

    private SimulatedStream stream(int fd) {
        return (SimulatedStream) files.get(fd);
    }

    private int closeFile(int fd) {
        SimulatedFile file = files.remove(fd);
        if (file == null) {
            throw new AssertionError("closed a descriptor that is not open: " + fd);
        }
        for (SimulatedFile other : files.values()) {
            if (other instanceof SimulatedEpoll epoll) {
                epoll.deregister(fd);
            }
        }
        listeners.values().remove(file);
        datagrams.values().remove(file);
        file.closed();
        return 0;
    }

    // Waiting

    private int watch(int epoll, int operation, int fd, long event) {
        SimulatedFile file = file(fd);
        if (file == null) {
            return -Errno.EBADF;
        }
        boolean isDelete = operation == Linux.EPOLL_CTL_DEL;
        return ((SimulatedEpoll) file(epoll)).change(operation, fd, file,
                isDelete ? 0 : memory.getInt(event),
                isDelete ? 0 : memory.getLong(event + Linux.EPOLL_EVENT_DATA_OFFSET));
    }

    private int wait(int epoll, long events, int most) {
        return ((SimulatedEpoll) file(epoll)).collect(memory, events, most);
    }

    /** Of descriptors that are asked for what is so now: nobody waits in it. */
    private int pollNow(long descriptors, int count) {
        int ready = 0;
        for (long at = descriptors; at < descriptors + 8L * count; at += 8) {
            int wanted = memory.getInt(at + 4) & 0xffff;
            ready += (file(memory.getInt(at)).readiness() & wanted) == 0 ? 0 : 1;
        }
        return ready;
    }

    private int read(int fd, long address, int length) {
        return file(fd) instanceof StoredFile.Opened opened
                ? opened.read(memory, address, faults.some(length))
                : readEvent((SimulatedEventFd) file(fd), address);
    }

    private int readEvent(SimulatedEventFd event, long address) {
        if (event.count == 0) {
            return -Errno.EAGAIN;
        }
        memory.putLong(address, event.count);
        event.count = 0;
        return Long.BYTES;
    }

    private int writeEvent(int fd, long address) {
        ((SimulatedEventFd) file(fd)).count += memory.getLong(address);
        return Long.BYTES;
    }

    // Files

    /** Puts a file where the old one was, or writes over that. */
    void store(String path, String text, boolean isInPlace) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        StoredFile old = disk.get(path);
        if (old != null && isInPlace) {
            old.bytes = bytes;
            old.timeNs = world.wallNs();
        } else {
            disk.put(path, new StoredFile(++fileNumber, bytes, world.wallNs()));
        }
    }

    private int openStored(long path) {
        StoredFile file = disk.get(memory.text(path));
        return file == null ? -Errno.ENOENT : open(new StoredFile.Opened(file));
    }

    private int describe(long path, long status) {
        StoredFile file = disk.get(memory.text(path));
        if (file == null) {
            return -Errno.ENOENT;
        }
        memory.put(status, new byte[Linux.STATX_BYTES], Linux.STATX_BYTES);
        memory.putInt(status + Linux.STATX_MODE_OFFSET, Linux.S_IFREG | 0644);
        memory.putLong(status + Linux.STATX_INO_OFFSET, file.number);
        memory.putLong(status + Linux.STATX_SIZE_OFFSET, file.bytes.length);
        for (int at : new int[] {Linux.STATX_MTIME_OFFSET, Linux.STATX_CTIME_OFFSET}) {
            memory.putLong(status + at, file.timeNs / 1_000_000_000L);
            memory.putInt(status + at + Long.BYTES, (int) (file.timeNs % 1_000_000_000L));
        }
        return 0;
    }

    private int random(long address, int length) {
        byte[] bytes = new byte[length];
        world.random.nextBytes(bytes);
        memory.put(address, bytes, length);
        return length;
    }

    // Sockets

    private int socket(int type) {
        return open((type & 0xf) == Linux.SOCK_STREAM
                ? new SimulatedStream(world, faults, this)
                : new SimulatedDatagrams(world, faults, this));
    }

    private int bindTo(int fd, long sockaddr, int length) {
        Address at = memory.address(sockaddr, length);
        Address local = at.isIp() && at.port() == 0
                ? at.withPort(Address.loopback(at.family(), ports++).port()) : at;
        if (file(fd) instanceof SimulatedStream stream) {
            if (listeners.containsKey(local.key())) {
                return -Errno.EADDRINUSE;
            }
            stream.local = local;
            return 0;
        }
        if (datagrams.containsKey(local.key())) {
            return -Errno.EADDRINUSE;
        }
        SimulatedDatagrams socket = (SimulatedDatagrams) file(fd);
        socket.local = local;
        datagrams.put(local.key(), socket);
        return 0;
    }

    void bindToAny(SimulatedDatagrams socket, int family) {
        if (socket.local == null) {
            socket.local = Address.loopback(family, ports++);
            datagrams.put(socket.local.key(), socket);
        }
    }

    private int listenOn(int fd, int backlog) {
        SimulatedStream stream = stream(fd);
        stream.backlog = backlog;
        listeners.put(stream.local.key(), stream);
        return 0;
    }

    SimulatedStream listener(Address at) {
        return listeners.get(at.key());
    }

    SimulatedDatagrams datagrams(Address at) {
        return datagrams.get(at.key());
    }

    private int connectTo(int fd, long sockaddr, int length) {
        Address to = memory.address(sockaddr, length);
        if (file(fd) instanceof SimulatedStream stream) {
            if (stream.local == null) {
                stream.local = Address.loopback(to.family(), ports++);
            }
            return stream.connect(to);
        }
        SimulatedDatagrams socket = (SimulatedDatagrams) file(fd);
        boolean isUndone = to.family() == Linux.AF_UNSPEC;
        if (!isUndone) {
            bindToAny(socket, to.family());
        }
        socket.remote = isUndone ? null : to;
        return 0;
    }

    private int accept(int fd) {
        SimulatedStream listener = stream(fd);
        int opened = listener.accepted.isEmpty() ? -Errno.EAGAIN : open(listener.accepted.peek());
        if (opened >= 0) {
            listener.accepted.poll();
        }
        return opened;
    }

    private int name(int fd, long sockaddr, long length, boolean isLocal) {
        Address name = file(fd) instanceof SimulatedStream stream
                ? isLocal ? stream.local : stream.remote
                : isLocal ? ((SimulatedDatagrams) file(fd)).local
                        : ((SimulatedDatagrams) file(fd)).remote;
        if (name == null) {
            return -Errno.ENOTCONN;
        }
        memory.put(sockaddr, name.bytes(), Math.min(name.bytes().length, memory.getInt(length)));
        memory.putInt(length, name.bytes().length);
        return 0;
    }

    private int option(int fd, int level, int name, long value) {
        if (level == Linux.SOL_SOCKET && name == Linux.SO_ERROR) {
            memory.putInt(value, file(fd) instanceof SimulatedStream stream
                    ? stream.takeError() : ((SimulatedDatagrams) file(fd)).takeError());
        } else if (level == Linux.SOL_SOCKET && name == Linux.SO_MEMINFO) {
            memory.putInt(value + 32, ((SimulatedDatagrams) file(fd)).dropped);
        } else {
            memory.putInt(value, level == Linux.SOL_SOCKET && name == Linux.SO_SNDBUF
                    ? SimulatedStream.WINDOW_BYTES : 0);
        }
        return 0;
    }

    // Bytes

    private long sendTo(
            long fd, long address, long length, long flags, long name, long nameLength) {
        if (file((int) fd) instanceof SimulatedStream stream) {
            return stream.send(memory.get(address, length));
        }
        Address to = name == 0 ? null : memory.address(name, (int) nameLength);
        int rc = ((SimulatedDatagrams) file((int) fd)).send(to, memory.get(address, length));
        return rc < 0 ? rc : length;
    }

    /** One message of one part: what sockets of datagrams send. */
    private int sendMessage(int fd, long header) {
        long name = memory.getLong(header + Linux.MSGHDR_NAME_OFFSET);
        int nameLength = memory.getInt(header + Linux.MSGHDR_NAMELEN_OFFSET);
        long part = memory.getLong(header + Linux.MSGHDR_IOV_OFFSET);
        byte[] bytes = memory.get(memory.getLong(part), memory.getLong(part + Long.BYTES));
        Address to = nameLength == 0 ? null : memory.address(name, nameLength);
        int segment = segmentBytes(header);
        SimulatedDatagrams socket = (SimulatedDatagrams) file(fd);
        if (segment == 0 || bytes.length <= segment) {
            int rc = socket.send(to, bytes);
            return rc < 0 ? rc : bytes.length;
        }
        for (int at = 0; at < bytes.length; at += segment) {
            int rc = socket.send(to, java.util.Arrays.copyOfRange(
                    bytes, at, Math.min(bytes.length, at + segment)));
            if (rc < 0) {
                return rc; // only the first can fail: nothing changes between them
            }
        }
        return bytes.length;
    }

    private int segmentBytes(long header) {
        long at = memory.getLong(header + Linux.MSGHDR_CONTROL_OFFSET);
        long length = memory.getLong(header + Linux.MSGHDR_CONTROLLEN_OFFSET);
        long end = at + Math.min(length, MAX_CONTROL_BYTES);
        while (at + Linux.CMSGHDR_BYTES <= end) {
            if (memory.getInt(at + 8) == Linux.IPPROTO_UDP
                    && memory.getInt(at + 12) == Linux.UDP_SEGMENT) {
                return memory.at(at + Linux.CMSGHDR_BYTES, 2).getShort(0) & 0xffff;
            }
            at += memory.getLong(at) + 7 & ~7L;
        }
        return 0;
    }

    private int receiveMessage(int fd, long header, int flags) {
        SimulatedDatagrams socket = (SimulatedDatagrams) file(fd);
        if ((flags & Linux.MSG_ERRQUEUE) != 0) {
            return -Errno.EAGAIN;
        }
        int pending = socket.takeError();
        SimulatedDatagrams.Datagram datagram = pending != 0 ? null : socket.receive();
        if (datagram == null) {
            return pending != 0 ? -pending : -Errno.EAGAIN;
        }
        long part = memory.getLong(header + Linux.MSGHDR_IOV_OFFSET);
        long room = memory.getLong(part + Long.BYTES);
        int length = datagram.bytes().length;
        int taken = (int) Math.min(room, length);
        memory.put(memory.getLong(part), datagram.bytes(), taken);
        byte[] name = datagram.from().bytes();
        memory.put(memory.getLong(header + Linux.MSGHDR_NAME_OFFSET), name, name.length);
        memory.putInt(header + Linux.MSGHDR_NAMELEN_OFFSET, name.length);
        memory.putLong(header + Linux.MSGHDR_CONTROLLEN_OFFSET, 0);
        memory.putInt(header + Linux.MSGHDR_FLAGS_OFFSET, taken < length ? Linux.MSG_TRUNC : 0);
        return (flags & Linux.MSG_TRUNC) != 0 ? length : taken;
    }

    private int sendMessages(int fd, long headers, int count) {
        int most = faults.some(count);
        for (int i = 0; i < most; i++) {
            long header = headers + (long) i * Linux.MMSGHDR_BYTES;
            int rc = sendMessage(fd, header);
            if (rc < 0) {
                return i > 0 ? i : rc;
            }
            memory.putInt(header + Linux.MMSGHDR_LEN_OFFSET, rc);
        }
        return most;
    }

    private int receiveMessages(int fd, long headers, int count, int flags) {
        int most = faults.some(count);
        for (int i = 0; i < most; i++) {
            long header = headers + (long) i * Linux.MMSGHDR_BYTES;
            int rc = receiveMessage(fd, header, flags);
            if (rc < 0) {
                return i > 0 ? i : rc;
            }
            memory.putInt(header + Linux.MMSGHDR_LEN_OFFSET, rc);
        }
        return most;
    }
}
