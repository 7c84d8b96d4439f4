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
import org.agrona.DirectBuffer;

/**
 * Listens on a TCP or Unix address and hands each connection to a handler. The constructor makes
 * the connection objects, which are reused oldest first. While all of them are open, further
 * connections wait in the kernel's backlog. While the process is out of descriptors, the listener
 * backs off. {@link #connection} walks the open connections, and {@link #drain} ends the listener
 * gently.
 *
 * <p><b>Threading</b>: the loop's thread. <b>Allocation</b>: none after set-up; the constructor
 * makes {@code capacity} connections. <b>See</b>: listen(2), accept4(2).
 */
public final class Listener extends Handle {
    private static final long BACKOFF_NS = TimeUnit.MILLISECONDS.toNanos(10);

    /** The state of a listener that is open. */
    private enum State { BEGUN, LISTENING, DRAINING }

    private final SocketStream[] connections; // each at its place, open or not
    private final Queue<SocketStream> free; // has room for all of them: it does not grow
    private final UnixPath path = new UnixPath(posix);
    private final Timer timer = ownTimer(timer -> onTimer()); // of backoffs and drain rounds
    private final Drain drain;
    private ListenerHandler closeHandler; // null for none
    private State state = State.BEGUN;
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
        connections = new SocketStream[capacity];
        free = new ArrayDeque<>(capacity);
        for (int i = 0; i < capacity; i++) {
            connections[i] = new SocketStream(this, handler, "connection");
            free.add(connections[i]);
        }
        drain = new Drain(connections);
        timer.release(); // whether the loop stays alive is the listener's choice
    }

    /**
     * Sets the handler that is called when the listener has closed, for whatever reason.
     *
     * @param handler called once for each opening of the listener; null for none
     * @return this
     */
    public Listener onClose(ListenerHandler handler) {
        closeHandler = handler;
        return this;
    }

    /**
     * Gives every connection a write queue, before the first connection is open.
     *
     * @param pool the pool whose slabs the connections share
     * @return this
     */
    public Listener queue(BufferPool pool) {
        for (SocketStream stream : free) {
            stream.queue(pool);
        }
        return this;
    }

    /**
     * Gives every connection deadlines, before the first connection is open:
     * {@link Stream#deadlines}.
     *
     * @param idleNs how long a connection may move no byte; 0 for no deadline
     * @param closeNs how long a connection may take to close when drained; 0 for no deadline
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
     * Enables passing descriptors and credentials on every connection.
     *
     * @param handler receives the callbacks
     * @return this
     */
    public Listener ancillary(AncillaryHandler handler) {
        for (SocketStream stream : free) {
            stream.ancillary(handler);
        }
        return this;
    }

    /**
     * Lets {@link #listen} replace a stale Unix path: one that no socket is bound to, as a killed
     * process leaves it. Processes that replace stale paths lock the folder (flock) meanwhile, so
     * that one of them listens. The others get {@code -EADDRINUSE}, or {@code -EAGAIN} while the
     * folder is locked.
     *
     * @return this
     */
    public Listener replaceStalePath() {
        path.replaceStale();
        return this;
    }

    /**
     * Sets the permissions of the Unix path, whatever the umask. The path has no wider permissions
     * at any moment. A process that may write to the path may connect.
     *
     * @param mode such as 0600
     * @return this
     */
    public Listener pathMode(int mode) {
        path.mode(mode);
        return this;
    }

    /**
     * Sets the label of the listener and its connections in the metrics, before the first is open.
     *
     * @param name a short label
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
     * Makes the socket, so that options can be set before {@link #listen}. TCP connections inherit
     * {@link SocketOption#TCP_NODELAY}, so they send small writes at once; setting the option to 0
     * brings Nagle's algorithm back.
     *
     * @param family {@link Linux#AF_INET}, {@link Linux#AF_INET6} or {@link Linux#AF_UNIX}
     * @return 0, {@link ReturnCode#ALREADY_OPEN}, {@link ReturnCode#HANDLES_EXHAUSTED},
     *     {@link ReturnCode#METRICS_EXHAUSTED}, {@code -EBUSY} while connections of the last
     *     opening are open, {@code -errno}
     */
    public int open(int family) {
        if (!isFree()) {
            return ReturnCode.ALREADY_OPEN;
        }
        if (connectionAggregate != NO_AGGREGATE) {
            return -Errno.EBUSY; // connections of its last opening are still open
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
            state = State.BEGUN;
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

    /** Undoes an opening that failed. */
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
     * Listens, and makes the socket first if {@link #open} did not. Closing the listener removes a
     * Unix path that this call made, unless the path is another socket's by then.
     *
     * @param at the address; for port 0 the kernel chooses one, see {@link #localEndpoint}
     * @param backlog how many connections the kernel may keep waiting
     * @return 0, {@link ReturnCode#ALREADY_OPEN} if it listens already,
     *     {@link ReturnCode#ADDRESS_MISSING}, a code of {@link #open}, {@code -errno}; after a
     *     code, a listener that this call opened is closed again
     */
    public int listen(Endpoint at, int backlog) {
        boolean opens = !isOpen();
        if (!opens && state != State.BEGUN) {
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
        state = State.LISTENING;
        listenAgain();
        return 0;
    }

    /**
     * Takes over a socket that listens already, inherited from the parent process or received from
     * another. Closing the listener closes the descriptor, but leaves a Unix path, which belongs to
     * the process that made it. The descriptor becomes close-on-exec. The socket becomes
     * {@code O_NONBLOCK}, also for other processes that have it: the kernel has no other way to
     * accept without waiting. A TCP socket gets {@link SocketOption#TCP_NODELAY}, as in
     * {@link #open}.
     *
     * @param descriptor of the socket; the caller still owns it if this fails
     * @return 0; {@link ReturnCode#NOT_SUPPORTED} if the descriptor is no TCP or Unix stream
     *     socket, or the socket does not listen; a code of {@link #open}
     */
    public int adopt(int descriptor) {
        if (!isFree()) {
            return ReturnCode.ALREADY_OPEN;
        }
        if (connectionAggregate != NO_AGGREGATE) {
            return -Errno.EBUSY; // connections of its last opening are still open
        }
        int rc = readyToAdopt(descriptor);
        if (rc == 0) {
            rc = begin(descriptor, false);
        }
        if (rc == 0) {
            state = State.LISTENING;
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
     * The descriptor itself, for system calls that the listener does not offer, or to pass it to
     * another process. From now on closing the listener takes one system call more, because the
     * socket may have other descriptors.
     *
     * @return the descriptor, or a code
     */
    public int descriptor() {
        if (!hasSocket()) {
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

    /** Whether the listener has a socket; a listener that drains has closed it. */
    private boolean hasSocket() {
        return isOpen() && state != State.DRAINING;
    }

    /**
     * Closes the listener, also while it drains. Its open connections stay open.
     *
     * @return 0 or {@link ReturnCode#CLOSED}
     */
    public int close() {
        return startClose(0);
    }

    /**
     * Accepts no more, calls {@link StreamHandler#onDrain} of every connection, and at the deadline
     * closes the connections that are left, with {@link ReturnCode#TIMED_OUT}. When the last
     * connection has closed, the listener closes, and the handler of {@link #onClose} is called.
     * The listening socket is closed at once. If it has no other descriptor, this also closes the
     * connections that still wait in the kernel's backlog. To lose none, pass the socket to another
     * process before ({@link #descriptor}).
     *
     * @param deadlineNs a time of the loop's clock ({@link EventLoop#nowNs}); a past time counts as
     *     now. A second call moves the deadline, and calls no handler again
     * @return 0, {@link ReturnCode#NOT_OPEN}, {@link ReturnCode#CLOSED}
     */
    public int drain(long deadlineNs) {
        assert isCalledInLoop();
        if (!isOpen()) {
            return closedCode();
        }
        drain.deadline(deadlineNs);
        if (state == State.DRAINING) {
            if (timer.isPending()) {
                timer.startAt(drain.nextRoundNs());
            }
            return 0;
        }
        state = State.DRAINING;
        timer.cancel();
        closeDescriptor();
        drain.begin();
        makeReady();
        return 0;
    }

    /**
     * Whether the listener is open and drains.
     *
     * @return true from {@link #drain} until the listener closes
     */
    public boolean isDraining() {
        return isOpen() && state == State.DRAINING;
    }

    /** Serves the connections while the listener drains. */
    @Override
    protected void onRun() {
        if (connections() == 0) {
            startClose(0);
        } else if (drain.continueRound(loop().nowNs())) {
            timer.startAt(drain.nextRoundNs());
        } else {
            makeReady();
        }
    }

    private void onTimer() {
        if (state == State.DRAINING) {
            drain.beginRound(loop().nowNs());
            makeReady();
        } else {
            listenAgain();
        }
    }

    /**
     * Sets an option of the listening socket; connections inherit most of them.
     *
     * @param option by its kernel name
     * @param value its value
     * @return 0, {@link ReturnCode#NOT_OPEN}, {@code -errno}
     */
    public int setOption(SocketOption option, int value) {
        return hasSocket() ? option.set(posix, attachedDescriptor(), Scratch.get(), value)
                : noSocketCode();
    }

    /**
     * Gets an option.
     *
     * @param option by its kernel name
     * @return its value, {@link ReturnCode#NOT_OPEN}, {@code -errno}
     */
    public int option(SocketOption option) {
        return hasSocket() ? option.get(posix, attachedDescriptor(), Scratch.get())
                : noSocketCode();
    }

    /**
     * The address that the listener listens on, with the port that the kernel chose.
     *
     * @param endpoint receives the address
     * @return 0, {@link ReturnCode#NOT_OPEN}, {@code -errno}
     */
    public int localEndpoint(Endpoint endpoint) {
        return hasSocket() ? endpoint.localOf(posix, attachedDescriptor()) : noSocketCode();
    }

    private int noSocketCode() {
        return isOpen() ? ReturnCode.CLOSED : ReturnCode.NOT_OPEN;
    }

    /**
     * The block that accumulates the counters of the listener's closed connections.
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
     * @return 0 to {@link #capacity}; a closing connection counts until its {@code onClose} has
     *     returned
     */
    public int connections() {
        return connections.length - free.size();
    }

    /**
     * How many connections may be open at once.
     *
     * @return the number that the constructor was given
     */
    public int capacity() {
        return connections.length;
    }

    /**
     * The open connection at a place. A connection object never changes its place. So a walk over
     * all places meets each connection that stays open exactly once, even over several turns and
     * while others open and close. A connection that opens meanwhile is met if the walk has not
     * passed its place; a connection that has closed is not met.
     *
     * @param place 0 to {@link #capacity} - 1
     * @return the connection; null if the connection at that place is not open
     */
    public SocketStream connection(int place) {
        SocketStream stream = connections[place];
        return stream.isOpen() ? stream : null;
    }

    @Override
    protected int accept() {
        if (free.isEmpty()) {
            return ReturnCode.POOL_EXHAUSTED;
        }
        return !canAttach() ? -Errno.EMFILE : posix.accept4(attachedDescriptor(), 0, 0,
                Linux.SOCK_NONBLOCK | Linux.SOCK_CLOEXEC);
    }

    @Override
    protected void onCompletion(int operation, int result, DirectBuffer buffer, int offset) {
        if (result >= 0) {
            accepted(result);
        } else if (result == ReturnCode.POOL_EXHAUSTED) {
            add(ListenerMetrics.EXHAUSTED_OFFSET, 1);
            setOperations(0);
        } else {
            acceptFailed(result);
        }
    }

    private void accepted(int fd) {
        SocketStream stream = free.remove();
        add(ListenerMetrics.ACCEPTED_OFFSET, 1);
        if (stream.accepted(fd) < 0) {
            add(ListenerMetrics.ERROR_OFFSET, 1); // the region is full: the descriptor is closed
            free.add(stream);
        }
    }

    /**
     * Most errors belong to one connection, which is gone; after any other error the listener must
     * not spin.
     */
    private void acceptFailed(int code) {
        switch (-code) {
            case Errno.EMFILE, Errno.ENFILE, Errno.ENOBUFS, Errno.ENOMEM -> {
                setOperations(0);
                backOff();
            }
            case Errno.EBADF, Errno.EINVAL, Errno.ENOTSOCK, Errno.EFAULT -> {
                add(ListenerMetrics.ERROR_OFFSET, 1);
                startClose(code);
            }
            default -> add(ListenerMetrics.ERROR_OFFSET, 1); // accept(2): treat as EAGAIN
        }
    }

    private void backOff() {
        add(ListenerMetrics.BACKOFFS_OFFSET, 1);
        timer.start(BACKOFF_NS);
    }

    private void listenAgain() {
        setOperations(free.isEmpty() ? 0 : ACCEPT);
    }

    /** A connection has closed, and has given everything back. */
    void returned(SocketStream stream) {
        free.add(stream);
        if (isCounting()) {
            add(ListenerMetrics.CLOSED_OFFSET, 1);
        }
        if (isDraining()) {
            if (connections() == 0) {
                startClose(drain.result());
            }
        } else if (isOpen() && !timer.isPending()) {
            listenAgain();
        }
        closeAggregateWhenUnused();
    }

    @Override
    protected void onRefused(int code) {
        if (code == -Errno.ENOMEM || code == -Errno.ENOSPC) {
            backOff(); // a short lack of memory must not stop a server for good
        } else {
            add(ListenerMetrics.ERROR_OFFSET, 1);
            startClose(code);
        }
    }

    @Override
    protected void onClosed(int code) {
        timer.cancel();
        if (state != State.DRAINING) {
            closeDescriptor();
        }
        releaseCounters();
        closeAggregateWhenUnused();
    }

    @Override
    protected void callOnClose(int code) {
        if (closeHandler != null) {
            closeHandler.onClose(this, code);
        }
    }

    private void closeDescriptor() {
        path.remove(); // before the socket closes: until then its inode is not reused
        posix.close(giveUpDescriptor());
    }

    private void closeAggregateWhenUnused() {
        if (!isCounting() && connectionAggregate != NO_AGGREGATE && connections() == 0) {
            loop().region().close(connectionAggregate);
            connectionAggregate = NO_AGGREGATE;
        }
    }
}
