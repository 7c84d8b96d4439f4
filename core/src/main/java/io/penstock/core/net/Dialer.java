package io.penstock.core.net;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.Handle;
import io.penstock.core.loop.Timer;
import io.penstock.core.metrics.DialerMetrics;
import io.penstock.core.sys.Errno;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;

/**
 * Connects to a peer that has several addresses: the first connection that opens is kept, and the
 * user's handler serves it; the others are closed without a callback. With a TLS connector a
 * connection opens when its peer is verified, so an address whose certificate is wrong costs no
 * more than one that refuses.
 *
 * <p>The first address is tried at once. The second follows after {@link #SECOND_AFTER_NS}, each
 * further one {@link #NEXT_AFTER_NS} after the one before it; after a failure the next one follows
 * at once. Earlier attempts go on meanwhile. The addresses are tried in the given order, with two
 * exceptions: families alternate, beginning with the first address's, and an address that is given
 * twice is tried once.
 *
 * <pre>
 *   state      | event                             | then
 *   -----------+-----------------------------------+-------------------------------------------
 *   idle       | dial                              | dialling; the first address is tried
 *   dialling   | the next address is due           | dialling; it is tried
 *              | an attempt fails, addresses left  | dialling; the next one is tried
 *              | the last attempt fails            | idle; onFailed
 *              | an attempt opens                  | connected; the others are closed; onOpen
 *              | deadline, cancel, loop closes     | idle; all are closed; onFailed
 *              | dial                              | ALREADY_OPEN
 *   connected  | the stream closes                 | idle; onClose
 *              | dial                              | ALREADY_OPEN
 *              | cancel                            | CLOSED: the stream is the user's to close
 * </pre>
 *
 * <p>{@link #isOpen} is true while the dialer is dialling. Its constructor makes a stream for each
 * address that a dial may have. A dialer that dials the same addresses again uses the same stream
 * for each, so a {@link StreamConnector} may keep what it knows of a peer. A dialer needs a handle
 * of the loop for itself while it is dialling, and one for each stream that is open. If the
 * connector returns a code and leaves the stream open, for instance after binding it, the dialer
 * closes the stream. Another handler on the dialer's stream ({@link Stream#handler}) replaces the
 * dialer too: the dialer does not learn that the stream closes, and cannot dial again.
 *
 * <p><b>Threading</b>: the loop's thread. <b>Allocation</b>: none after the first dial, except what
 * the connector allocates. <b>See</b>: RFC 8305; its counters: {@link DialerMetrics}.
 */
public final class Dialer extends Handle {
    /** How long after the first address the second is tried, unless an attempt fails before. */
    public static final long SECOND_AFTER_NS = TimeUnit.MILLISECONDS.toNanos(250);
    /** How long after any other address the next is tried, unless an attempt fails before. */
    public static final long NEXT_AFTER_NS = TimeUnit.SECONDS.toNanos(2);

    private static final int NO_DESCRIPTOR = -1;
    private static final int NO_WINNER = -1;
    private static final long MAX_TIMEOUT_NS = Long.MAX_VALUE / 2; // as good as never

    private final StreamConnector connector;
    private final DialHandler handler;
    private final Attempt[] attempts;
    private final Timer timer = ownTimer(timer -> timeIsUp());
    private int addresses; // of the last dial
    private int tried; // how many addresses were tried, from the first on
    private int connecting; // attempts that are under way
    private int winner = NO_WINNER;
    private long triedNs; // when the last attempt began
    private long deadlineNs;

    /**
     * A dialer and its streams.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param loop the loop
     * @param connector makes the streams, and connects them
     * @param handler receives the callbacks
     * @param capacity how many addresses a dial may have, at least 1
     */
    public Dialer(EventLoop loop, StreamConnector connector, DialHandler handler, int capacity) {
        super(loop, DialerMetrics.TYPE, "dialer");
        if (capacity < 1) {
            throw new IllegalArgumentException(capacity + " < 1");
        }
        this.connector = connector;
        this.handler = Objects.requireNonNull(handler);
        timer.release(); // whether the loop stays alive is the dialer's choice
        attempts = new Attempt[capacity];
        for (int i = 0; i < capacity; i++) {
            attempts[i] = new Attempt(i);
            attempts[i].stream = connector.stream(loop, attempts[i]);
        }
    }

    /**
     * Gives every stream a write queue, before the first dial.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param pool the pool whose slabs the streams share
     * @return this
     */
    public Dialer queue(BufferPool pool) {
        for (Attempt attempt : attempts) {
            attempt.stream.queue(pool);
        }
        return this;
    }

    /**
     * Sets the label of the dialer and its streams in the metrics, before the first dial.
     *
     * @param name a short label
     * @return this
     */
    @Override
    public Dialer name(String name) {
        super.name(name);
        for (Attempt attempt : attempts) {
            attempt.stream.name(name);
        }
        return this;
    }

    /**
     * Connects to one of several addresses. Attempts begin in this turn of the loop or the next.
     *
     * @param list addresses of one peer, best first, in the order of RFC 6724, as a resolver
     *     returns them; the dialer copies them
     * @param count the number of addresses in the list, from the first on
     * @param timeoutNs how long the dial may take; {@link EventLoop#NO_LIMIT} for as long as its
     *     attempts take
     * @return 0: {@code onOpen} or {@code onFailed} follows; {@link ReturnCode#ADDRESS_MISSING} if
     *     {@code count} is 0; {@link ReturnCode#BAD_ARGUMENT} if {@code count} is above the
     *     {@link #capacity}, or {@code timeoutNs} is not positive; {@link ReturnCode#ALREADY_OPEN}
     *     while it is dialling, or a stream of its last dial is not closed;
     *     {@link ReturnCode#HANDLES_EXHAUSTED}; {@link ReturnCode#METRICS_EXHAUSTED};
     *     {@link ReturnCode#NOT_OPEN} (the loop)
     */
    public int dial(Endpoint[] list, int count, long timeoutNs) {
        assert isCalledInLoop();
        Objects.checkFromIndexSize(0, count, list.length);
        if (count == 0) {
            return ReturnCode.ADDRESS_MISSING;
        }
        if (count > attempts.length || timeoutNs < 1) {
            return ReturnCode.BAD_ARGUMENT;
        }
        int rc = hasStreams() ? ReturnCode.ALREADY_OPEN : attach(NO_DESCRIPTOR, true);
        if (rc < 0) {
            return rc;
        }
        arrange(list, count);
        tried = 0;
        winner = NO_WINNER;
        deadlineNs = loop().nowNs() + Math.min(timeoutNs, MAX_TIMEOUT_NS);
        add(DialerMetrics.DIALS_OFFSET, 1);
        makeReady(); // no callback runs inside this call
        return 0;
    }

    /** Whether a stream of its last dial is not closed. */
    private boolean hasStreams() {
        for (Attempt attempt : attempts) {
            if (attempt.state != State.IDLE) {
                return true;
            }
        }
        return false;
    }

    /**
     * Ends a dial: {@code onFailed} follows.
     *
     * @return 0; {@link ReturnCode#NOT_OPEN} or {@link ReturnCode#CLOSED} if it is not dialling
     */
    public int cancel() {
        assert isCalledInLoop();
        return isOpen() ? giveUp(-Errno.ECANCELED) : closedCode();
    }

    /**
     * How many addresses a dial may have.
     *
     * @return the number that the constructor was given
     */
    public int capacity() {
        return attempts.length;
    }

    // The results of the last dial, until the next one.

    /**
     * How many different addresses the last dial has.
     *
     * @return 0 to its capacity
     */
    public int addresses() {
        return addresses;
    }

    /**
     * An address of the last dial.
     *
     * @param index in the order in which they are tried
     * @return the dialer's own copy
     */
    public Endpoint address(int index) {
        return attempts[Objects.checkIndex(index, addresses)].address;
    }

    /**
     * Why an address of the last dial failed.
     *
     * @param index as of {@link #address}
     * @return a code; 0 if the address has not failed: it was not tried yet, is being tried,
     *     connected, or was given up
     */
    public int code(int index) {
        return attempts[Objects.checkIndex(index, addresses)].code;
    }

    /**
     * The stream of an address. After it has closed, its counters and what its class tells of a
     * failure can still be read. A stream that is not open may be configured anew.
     *
     * @param index 0 to {@link #capacity} - 1; as of {@link #address}
     * @return the same stream at each call
     */
    public Stream stream(int index) {
        return attempts[index].stream;
    }

    /**
     * The address that connected.
     *
     * @return its index; -1 if no address has connected
     */
    public int winner() {
        return winner;
    }

    // The order

    /**
     * Alternates addresses of the first address's family with all others, each kind in the given
     * order.
     */
    private void arrange(Endpoint[] list, int count) {
        int family = list[0].family();
        int first = next(list, count, 0, family, true);
        int other = next(list, count, 0, family, false);
        addresses = 0;
        for (boolean isFirst = true; first < count || other < count; isFirst = !isFirst) {
            if (other == count || isFirst && first < count) {
                add(list[first]);
                first = next(list, count, first + 1, family, true);
            } else {
                add(list[other]);
                other = next(list, count, other + 1, family, false);
            }
        }
    }

    private static int next(Endpoint[] list, int count, int from, int family, boolean isOfIt) {
        int i = from;
        while (i < count && ((list[i].family() == family) != isOfIt || isRepeated(list, i))) {
            i++;
        }
        return i;
    }

    private static boolean isRepeated(Endpoint[] list, int index) {
        for (int i = 0; i < index; i++) {
            if (list[i].equals(list[index])) {
                return true;
            }
        }
        return false;
    }

    private void add(Endpoint address) {
        Attempt attempt = attempts[addresses++];
        attempt.address.copyFrom(address);
        attempt.code = 0;
    }

    // Dialling

    @Override
    protected void onRun() {
        tryNext();
    }

    private void timeIsUp() {
        if (loop().nowNs() - deadlineNs >= 0) {
            giveUp(ReturnCode.TIMED_OUT);
        } else {
            tryNext();
        }
    }

    /** Tries addresses until an attempt is under way, or there are none left. */
    private void tryNext() {
        boolean isUnderWay = false;
        while (isOpen() && tried < addresses && !isUnderWay) {
            isUnderWay = attempts[tried++].connect();
        }
        if (!isOpen()) {
            return; // the connector threw
        }
        if (connecting == 0) {
            startClose(attempts[0].code);
        } else {
            timer.startAt(nextNs());
        }
    }

    /** When to try the next address, or the deadline. */
    private long nextNs() {
        long nextNs = triedNs + (tried == 1 ? SECOND_AFTER_NS : NEXT_AFTER_NS);
        return tried < addresses && nextNs - deadlineNs < 0 ? nextNs : deadlineNs;
    }

    private void won(Attempt attempt) {
        winner = attempt.index;
        add(DialerMetrics.CONNECTED_OFFSET, 1);
        abandonOthers();
        startClose(0);
    }

    private int giveUp(int code) {
        abandonOthers();
        return startClose(code);
    }

    private void abandonOthers() {
        for (int i = 0; i < tried; i++) {
            attempts[i].abandon();
        }
    }

    @Override
    protected void onLoopClosing() {
        giveUp(ReturnCode.CLOSED);
    }

    @Override
    protected void onRefused(int code) {
        giveUp(code); // the connector threw, or onFailed threw after it had dialled again
    }

    @Override
    protected void onClosed(int code) {
        timer.cancel();
        releaseCounters();
    }

    @Override
    protected void callOnClose(int code) {
        if (code == 0) {
            return; // connected: the handler was called
        }
        try {
            handler.onFailed(this, code);
        } catch (Throwable t) {
            threw(t);
        }
    }

    private enum State {
        /** The stream is closed. */
        IDLE,
        /** The stream is connecting; the dialer handles its events. */
        CONNECTING,
        /** The stream opened first; the user's handler gets its events. */
        OPEN,
        /** The dialer closed the stream; no callback follows. */
        ABANDONED
    }

    /** One address, and the stream that tries it. */
    private final class Attempt implements StreamHandler {
        private final int index;
        private final Endpoint address = new Endpoint();
        private Stream stream;
        private State state = State.IDLE;
        private int code;

        Attempt(int index) {
            this.index = index;
        }

        /** Begins the attempt; true if it is under way. */
        boolean connect() {
            add(DialerMetrics.ATTEMPTS_OFFSET, 1);
            triedNs = loop().nowNs();
            int rc = connectOrThrow();
            if (rc >= 0) {
                state = State.CONNECTING;
                connecting++;
                return true;
            }
            failed(rc);
            if (stream.isOpen()) { // the connector failed after it had opened it
                state = State.ABANDONED;
                stream.close();
            }
            return false;
        }

        /** The connector is the user's code, and may throw. */
        private int connectOrThrow() {
            try {
                return connector.connect(stream, address);
            } catch (Throwable t) {
                threw(t);
                return ReturnCode.CALLBACK_THREW;
            }
        }

        private void failed(int because) {
            code = because;
            add(DialerMetrics.FAILED_OFFSET, 1);
        }

        void abandon() {
            if (state == State.CONNECTING) {
                state = State.ABANDONED;
                connecting--;
                add(DialerMetrics.ABANDONED_OFFSET, 1);
                stream.close();
            }
        }

        @Override
        public void onOpen(Stream opened) {
            state = State.OPEN;
            connecting--;
            won(this);
            handler.onOpen(opened);
        }

        @Override
        public void onData(Stream from, DirectBuffer buffer, int offset, int length) {
            handler.onData(from, buffer, offset, length);
        }

        @Override
        public void onWritable(Stream to) {
            handler.onWritable(to);
        }

        @Override
        public void onEnd(Stream from) {
            handler.onEnd(from);
        }

        @Override
        public void onClose(Stream closed, int result) {
            State was = state;
            state = State.IDLE;
            if (was == State.OPEN) {
                handler.onClose(closed, result);
            } else if (was == State.CONNECTING) {
                connecting--;
                failed(result < 0 ? result : ReturnCode.CLOSED); // 0: by a call of close
                tryNext();
            }
        }
    }
}
