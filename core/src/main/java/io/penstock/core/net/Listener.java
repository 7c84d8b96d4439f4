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
 * Listens on a TCP or Unix address and hands each connection to a handler. The connections are
 * objects made beforehand, reused oldest first. When all of them are open it leaves further ones
 * in the kernel's backlog until one is free; when the process is out of descriptors it rests. Its
 * open connections can be walked ({@link #connection}), and it ends gently by {@link #drain}.
 *
 * <p><b>Threading</b>: the loop's thread. <b>Allocation</b>: none after set-up; the constructor
 * makes {@code capacity} connections. <b>See</b>: listen(2), accept4(2).
 */
public final class Listener extends Handle {
    private static final long REST_NS = TimeUnit.MILLISECONDS.toNanos(10);

    /** What it does while it is open. */
    private enum State { BEGUN, LISTENING, DRAINING }

    private final SocketStream[] connections; // each at its place, open or not
    private final Queue<SocketStream> free; // holds all of them: it does not grow
    private final UnixPath path = new UnixPath(posix);
    private final Timer timer = ownTimer(timer -> onTimer()); // of rests, and of rounds
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
        timer.release(); // the listener itself keeps the loop alive, or does not
    }

    /**
     * Sets who is told when it has closed, for whatever reason.
     *
     * @param handler told once a life; null for nobody
     * @return this
     */
    public Listener onClose(ListenerHandler handler) {
        closeHandler = handler;
        return this;
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
        if (!isFree()) {
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
        if (!isFree()) {
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
     * The descriptor itself, for calls that are not offered here, or to hand it over. From now on
     * closing the listener takes a system call more, for the socket may be somebody else's too.
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

    /** While it drains it has none any more. */
    private boolean hasSocket() {
        return isOpen() && state != State.DRAINING;
    }

    /**
     * Stops listening, and draining. Connections that are open go on.
     *
     * @return 0 or {@link ReturnCode#CLOSED}
     */
    public int close() {
        return startClose(0);
    }

    /**
     * Accepts no more, tells every connection that it should end ({@link StreamHandler#onDrain}),
     * and at the deadline closes those that are left, with {@link ReturnCode#TIMED_OUT}. When the
     * last connection has closed, the listener closes: {@link #onClose} tells. The socket is
     * closed at once, and connections that the kernel has accepted and this has not are refused
     * by that; who must lose none hands the socket over before ({@link #descriptor}).
     *
     * @param deadlineNs a time of the loop's clock ({@link EventLoop#nowNs}); the past counts as
     *     now. Called again, it moves the deadline, and tells nobody anew
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
     * Whether it is open and drains.
     *
     * @return true from {@link #drain} until it closes
     */
    public boolean isDraining() {
        return isOpen() && state == State.DRAINING;
    }

    /** Serves the connections while it drains. */
    @Override
    protected void onRun() {
        if (connections() == 0) {
            startClose(0);
        } else if (drain.goOn(loop().nowNs())) {
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
     * The address that it listens on, with the port that it got.
     *
     * @param endpoint where to put it
     * @return 0, {@link ReturnCode#NOT_OPEN}, {@code -errno}
     */
    public int localEndpoint(Endpoint endpoint) {
        return hasSocket() ? endpoint.localOf(posix, attachedDescriptor()) : noSocketCode();
    }

    private int noSocketCode() {
        return isOpen() ? ReturnCode.CLOSED : ReturnCode.NOT_OPEN;
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
     * @return 0 to {@link #capacity}; one that closes is counted until its {@code onClose} is over
     */
    public int connections() {
        return connections.length - free.size();
    }

    /**
     * How many connections may be open at once.
     *
     * @return as constructed
     */
    public int capacity() {
        return connections.length;
    }

    /**
     * The open connection at a place. A connection has its place for good, so a walk over all
     * places meets each that is open throughout exactly once, whatever opens and closes meanwhile,
     * also if the walk goes on over several turns. One that opens meanwhile is met if its place is
     * still to come; one that has been closed is not.
     *
     * @param place 0 to {@link #capacity}, less one
     * @return null if the connection at that place is not open
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
            count(ListenerMetrics.EXHAUSTED_OFFSET, 1);
            setOperations(0);
        } else {
            acceptFailed(result);
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

    /** Most errors are of one connection, which has gone; after the others it must not spin. */
    private void acceptFailed(int code) {
        switch (-code) {
            case Errno.EMFILE, Errno.ENFILE, Errno.ENOBUFS, Errno.ENOMEM -> {
                setOperations(0);
                rest();
            }
            case Errno.EBADF, Errno.EINVAL, Errno.ENOTSOCK, Errno.EFAULT -> {
                count(ListenerMetrics.ERROR_OFFSET, 1);
                startClose(code);
            }
            default -> count(ListenerMetrics.ERROR_OFFSET, 1); // accept(2): as EAGAIN
        }
    }

    private void rest() {
        count(ListenerMetrics.BACKOFFS_OFFSET, 1);
        timer.start(REST_NS);
    }

    private void listenAgain() {
        setOperations(free.isEmpty() ? 0 : ACCEPT);
    }

    /** A connection has ended, and given everything back. */
    void returned(SocketStream stream) {
        free.add(stream);
        if (isCounting()) {
            count(ListenerMetrics.CLOSED_OFFSET, 1);
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
            rest(); // a server must not be deaf for good because memory was short for a moment
        } else {
            count(ListenerMetrics.ERROR_OFFSET, 1);
            startClose(code);
        }
    }

    @Override
    protected void onClosed(int code) {
        timer.cancel();
        if (state != State.DRAINING) {
            closeDescriptor();
        }
        releaseWords();
        closeAggregateWhenUnused();
    }

    @Override
    protected void callOnClose(int code) {
        if (closeHandler != null) {
            closeHandler.onClose(this, code);
        }
    }

    private void closeDescriptor() {
        path.remove(); // while it is open its file cannot be another's
        posix.close(giveUpDescriptor());
    }

    private void closeAggregateWhenUnused() {
        if (!isCounting() && connectionAggregate != NO_AGGREGATE && connections() == 0) {
            loop().region().close(connectionAggregate);
            connectionAggregate = NO_AGGREGATE;
        }
    }
}
