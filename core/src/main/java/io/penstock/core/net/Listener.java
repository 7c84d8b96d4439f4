package io.penstock.core.net;

import static io.penstock.core.metrics.MetricsRegion.NO_AGGREGATE;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.Handle;
import io.penstock.core.loop.Timer;
import io.penstock.core.metrics.ListenerMetrics;
import io.penstock.core.metrics.MetricsRegion;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import java.lang.ref.Reference;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/**
 * Listens on a TCP or Unix address and hands each connection to a handler. The connections are
 * objects made beforehand, reused oldest first. When all of them are open it leaves further ones
 * in the kernel's backlog until one is free; when the process is out of descriptors it rests.
 *
 * <p><b>Threading</b>: the loop's thread. <b>Allocation</b>: none after set-up; the constructor
 * makes {@code capacity} connections. <b>See</b>: listen(2), accept4(2).
 */
public final class Listener extends Handle {
    private static final int ACCEPTS_A_TURN = 64;
    private static final long REST_NS = TimeUnit.MILLISECONDS.toNanos(10);

    private final int capacity;
    private final Queue<SocketStream> free; // holds all of them: it does not grow
    private final UnixPath path = new UnixPath(posix);
    private final Timer rest = ownTimer(timer -> listenAgain());
    private boolean isListening;
    private int connectionAggregate = NO_AGGREGATE;

    /**
     * A listener and its connections.
     *
     * @param loop the loop
     * @param handler of every connection
     * @param capacity how many may be open at once, at least 1
     */
    public Listener(EventLoop loop, StreamHandler handler, int capacity) {
        super(loop, ListenerMetrics.TYPE, "listener");
        if (capacity < 1) {
            throw new IllegalArgumentException(capacity + " < 1");
        }
        this.capacity = capacity;
        free = new ArrayDeque<>(capacity);
        for (int i = 0; i < capacity; i++) {
            free.add(new SocketStream(this, handler, "connection"));
        }
    }

    /**
     * Gives every connection a write queue, before the first is open.
     *
     * @param pool whose slabs they share
     * @return this
     */
    public Listener queue(BufferPool pool) {
        for (SocketStream stream : free) {
            stream.queue(pool);
        }
        return this;
    }

    /**
     * Gives every connection deadlines, before the first is open: {@link Stream#deadlines}.
     *
     * @param idleNs how long one may move no byte; 0 for no deadline
     * @param closeNs how long one may take to close when drained; 0 for no deadline
     * @return this
     */
    public Listener deadlines(long idleNs, long closeNs) {
        for (SocketStream stream : free) {
            if (stream.deadlines(0, idleNs, closeNs) == ReturnCode.BAD_ARGUMENT) {
                throw new IllegalArgumentException("negative: " + idleNs + ", " + closeNs);
            }
        }
        return this;
    }

    /**
     * Lets descriptors and credentials come and go on every connection.
     *
     * @param handler who is told
     * @return this
     */
    public Listener ancillary(AncillaryHandler handler) {
        for (SocketStream stream : free) {
            stream.ancillary(handler);
        }
        return this;
    }

    /**
     * Replaces a Unix path that no socket is bound to, as a process that was killed leaves it.
     * Those who do so hold a lock (flock) on the folder while they look, so that one of them
     * listens and the others are told {@code -EADDRINUSE}, or {@code -EAGAIN} while it is at it.
     *
     * @return this
     */
    public Listener replaceStalePath() {
        path.replaceStale();
        return this;
    }

    /**
     * The permissions of its Unix path, whatever the umask; nobody meets others before. Who may
     * write may connect.
     *
     * @param mode such as 0600
     * @return this
     */
    public Listener pathMode(int mode) {
        path.mode(mode);
        return this;
    }

    /**
     * Names it and its connections in the metrics, before the first is open.
     *
     * @param name short
     * @return this
     */
    @Override
    public Listener name(String name) {
        super.name(name);
        for (SocketStream stream : free) {
            stream.name(name);
        }
        return this;
    }

    /**
     * Makes the socket, for those who set options before they listen. TCP connections send what is
     * written at once, for they inherit {@link SocketOption#TCP_NODELAY}; setting it to 0 brings
     * Nagle's algorithm back.
     *
     * @param family {@link Linux#AF_INET}, {@link Linux#AF_INET6} or {@link Linux#AF_UNIX}
     * @return 0, {@link ReturnCode#ALREADY_OPEN}, {@link ReturnCode#HANDLES_EXHAUSTED},
     *     {@link ReturnCode#METRICS_EXHAUSTED}, {@code -errno}
     */
    public int open(int family) {
        if (isOpen()) {
            return ReturnCode.ALREADY_OPEN;
        }
        if (connectionAggregate != NO_AGGREGATE) {
            return -Errno.EBUSY; // connections of its last life are still open
        }
        int fd = posix.socket(
                family, Linux.SOCK_STREAM | Linux.SOCK_NONBLOCK | Linux.SOCK_CLOEXEC, 0);
        if (fd < 0) {
            return fd;
        }
        int rc = begin(fd, true);
        if (rc < 0) {
            posix.close(fd);
            return rc;
        }
        rc = family == Linux.AF_UNIX ? 0 : setTcpDefaults();
        if (rc < 0) {
            abandon();
        }
        return rc;
    }

    private int begin(int fd, boolean isExclusive) {
        int rc = attach(fd, isExclusive);
        if (rc == 0) {
            isListening = false;
            rc = claimConnectionAggregate();
            if (rc < 0) {
                detach();
            }
        }
        return rc;
    }

    private int setTcpDefaults() {
        int rc = setOption(SocketOption.SO_REUSEADDR, 1);
        return rc < 0 ? rc : setOption(SocketOption.TCP_NODELAY, 1);
    }

    /** As closed as before. */
    private void abandon() {
        closeDescriptor();
        detach();
        closeAggregateWhenUnused();
    }

    private int claimConnectionAggregate() {
        MetricsRegion region = loop().region();
        int type = region.register(StreamMetrics.TYPE);
        int sum = type < 0 ? type : region.claimAggregate(type, name());
        if (sum >= 0) {
            connectionAggregate = sum;
        }
        return Math.min(0, sum);
    }

    /**
     * Listens, and makes the socket first if {@link #open} did not. A Unix path that this made is
     * removed when it closes, unless it is another's by then.
     *
     * @param at the address; port 0 is any, see {@link #localEndpoint}
     * @param backlog how many the kernel may keep ready
     * @return 0, {@link ReturnCode#ALREADY_OPEN} if it listens already,
     *     {@link ReturnCode#ADDRESS_MISSING}, a code of {@link #open}, {@code -errno}; then it is
     *     as closed as before
     */
    public int listen(Endpoint at, int backlog) {
        boolean opens = !isOpen();
        if (!opens && isListening) {
            return ReturnCode.ALREADY_OPEN;
        }
        if (at.family() == Linux.AF_UNSPEC) {
            return ReturnCode.ADDRESS_MISSING;
        }
        int rc = opens ? open(at.family()) : 0;
        if (rc < 0) {
            return rc;
        }
        rc = bind(at);
        if (rc == 0) {
            rc = posix.listen(attachedDescriptor(), backlog);
            path.settle();
        }
        if (rc < 0) {
            if (opens) {
                abandon();
            }
            return rc;
        }
        isListening = true;
        listenAgain();
        return 0;
    }

    /**
     * Takes over a socket that listens already: inherited from who started the process, or handed
     * over. Closing the listener closes the descriptor, and leaves a Unix path, which is its
     * maker's. The descriptor becomes close-on-exec and the socket {@code O_NONBLOCK}, also for
     * others who have it: the kernel has no other way to accept without waiting. A TCP socket gets
     * {@link SocketOption#TCP_NODELAY}, as in {@link #open}.
     *
     * @param descriptor the caller's again if this fails
     * @return 0; {@link ReturnCode#NOT_SUPPORTED} if it is no TCP or Unix stream socket, or does
     *     not listen; a code of {@link #open}
     */
    public int adopt(int descriptor) {
        if (isOpen()) {
            return ReturnCode.ALREADY_OPEN;
        }
        if (connectionAggregate != NO_AGGREGATE) {
            return -Errno.EBUSY; // connections of its last life are still open
        }
        int rc = readyToAdopt(descriptor);
        if (rc == 0) {
            rc = begin(descriptor, false);
        }
        if (rc == 0) {
            isListening = true;
            listenAgain();
        }
        return rc;
    }

    private int readyToAdopt(int descriptor) {
        NativeBuffer scratch = Scratch.get();
        int type = SocketOption.SO_TYPE.get(posix, descriptor, scratch);
        if (type < 0) {
            return type;
        }
        int family = SocketOption.SO_DOMAIN.get(posix, descriptor, scratch);
        boolean isTcp = family == Linux.AF_INET || family == Linux.AF_INET6;
        if (type != Linux.SOCK_STREAM || !isTcp && family != Linux.AF_UNIX
                || SocketOption.SO_ACCEPTCONN.get(posix, descriptor, scratch) != 1) {
            return ReturnCode.NOT_SUPPORTED;
        }
        int flags = posix.fcntl(descriptor, Linux.F_GETFL, 0);
        int rc = flags < 0 ? flags
                : posix.fcntl(descriptor, Linux.F_SETFL, flags | Linux.O_NONBLOCK);
        if (rc == 0) {
            rc = posix.fcntl(descriptor, Linux.F_SETFD, Linux.FD_CLOEXEC);
        }
        return rc == 0 && isTcp
                ? SocketOption.TCP_NODELAY.set(posix, descriptor, scratch, 1) : rc;
    }

    /**
     * The descriptor itself, for calls that are not offered here, or to hand it over. From now on
     * closing the listener takes a system call more, for the socket may be somebody else's too.
     *
     * @return the descriptor, or a code
     */
    public int descriptor() {
        if (!isOpen()) {
            return closedCode();
        }
        shareDescriptor();
        return attachedDescriptor();
    }

    private int bind(Endpoint at) {
        if (UnixPath.is(at)) {
            return path.bind(attachedDescriptor(), at);
        }
        int rc = posix.bind(attachedDescriptor(), at.address(), at.length());
        Reference.reachabilityFence(at);
        return rc;
    }

    /**
     * Stops listening. Connections that are open go on.
     *
     * @return 0 or {@link ReturnCode#CLOSED}
     */
    public int close() {
        return startClose(0);
    }

    /**
     * Sets an option of the listening socket; connections inherit most of them.
     *
     * @param option by its kernel name
     * @param value its value
     * @return 0, {@link ReturnCode#NOT_OPEN}, {@code -errno}
     */
    public int setOption(SocketOption option, int value) {
        return isOpen() ? option.set(posix, attachedDescriptor(), Scratch.get(), value)
                : ReturnCode.NOT_OPEN;
    }

    /**
     * Gets an option.
     *
     * @param option by its kernel name
     * @return its value, {@link ReturnCode#NOT_OPEN}, {@code -errno}
     */
    public int option(SocketOption option) {
        return isOpen() ? option.get(posix, attachedDescriptor(), Scratch.get())
                : ReturnCode.NOT_OPEN;
    }

    /**
     * The address that it listens on, with the port that it got.
     *
     * @param endpoint where to put it
     * @return 0, {@link ReturnCode#NOT_OPEN}, {@code -errno}
     */
    public int localEndpoint(Endpoint endpoint) {
        return isOpen() ? endpoint.localOf(posix, attachedDescriptor()) : ReturnCode.NOT_OPEN;
    }

    /**
     * The block that sums up the words of its closed connections.
     *
     * @return a block of the loop's region; negative before it is open
     */
    public int connectionAggregate() {
        return connectionAggregate;
    }

    @Override
    protected int aggregate() {
        return NO_AGGREGATE;
    }

    /**
     * How many connections are open.
     *
     * @return 0 to its capacity
     */
    public int connections() {
        return capacity - free.size();
    }

    @Override
    protected void onReady(int readiness) {
        for (int i = 0; i < ACCEPTS_A_TURN && isOpen(); i++) {
            if (free.isEmpty()) {
                count(ListenerMetrics.EXHAUSTED_OFFSET, 1);
                interest(0);
                return;
            }
            int fd = canAttach()
                    ? posix.accept4(attachedDescriptor(), 0, 0,
                            Linux.SOCK_NONBLOCK | Linux.SOCK_CLOEXEC)
                    : -Errno.EMFILE;
            if (fd >= 0) {
                accepted(fd);
            } else if (fd == -Errno.EAGAIN || !goesOnAfter(fd)) {
                return;
            }
        }
    }

    private void accepted(int fd) {
        SocketStream stream = free.remove();
        count(ListenerMetrics.ACCEPTED_OFFSET, 1);
        if (stream.accepted(fd) < 0) {
            count(ListenerMetrics.ERROR_OFFSET, 1); // the region is full: the descriptor is closed
            free.add(stream);
        }
    }

    /** Whether the error was of one connection, which has gone; if not, it must not spin. */
    private boolean goesOnAfter(int code) {
        switch (-code) {
            case Errno.EMFILE, Errno.ENFILE, Errno.ENOBUFS, Errno.ENOMEM -> {
                interest(0);
                rest();
                return false;
            }
            case Errno.EBADF, Errno.EINVAL, Errno.ENOTSOCK, Errno.EFAULT -> {
                count(ListenerMetrics.ERROR_OFFSET, 1);
                startClose(code);
                return false;
            }
            default -> {
                count(ListenerMetrics.ERROR_OFFSET, 1); // accept(2): treat them like EAGAIN
                return true;
            }
        }
    }

    private void rest() {
        count(ListenerMetrics.RESTS_OFFSET, 1);
        rest.start(REST_NS);
    }

    private void listenAgain() {
        interest(free.isEmpty() ? 0 : READABLE);
    }

    /** A connection has ended, and given everything back. */
    void returned(SocketStream stream) {
        free.add(stream);
        if (isCounting()) {
            count(ListenerMetrics.CLOSED_OFFSET, 1);
        }
        if (isOpen() && !rest.isPending()) {
            listenAgain();
        }
        closeAggregateWhenUnused();
    }

    @Override
    protected void onRun() {
    }

    @Override
    protected void onRefused(int code) {
        if (code == -Errno.ENOMEM || code == -Errno.ENOSPC) {
            rest(); // a server must not be deaf for good because memory was short for a moment
        } else {
            count(ListenerMetrics.ERROR_OFFSET, 1);
            startClose(code);
        }
    }

    @Override
    protected void onClosed(int code) {
        rest.cancel();
        closeDescriptor();
        releaseWords();
        closeAggregateWhenUnused();
    }

    private void closeDescriptor() {
        path.remove(); // while it is open its file cannot be another's
        posix.close(attachedDescriptor());
    }

    private void closeAggregateWhenUnused() {
        if (!isCounting() && connectionAggregate != NO_AGGREGATE && connections() == 0) {
            loop().region().close(connectionAggregate);
            connectionAggregate = NO_AGGREGATE;
        }
    }
}
