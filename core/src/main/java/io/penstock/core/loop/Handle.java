package io.penstock.core.loop;

import io.penstock.core.ReturnCode;
import io.penstock.core.metrics.Counted;
import io.penstock.core.metrics.MetricsRegion;
import io.penstock.core.metrics.MetricsType;
import io.penstock.core.sys.Posix;
import java.util.Objects;
import org.agrona.DirectBuffer;

/**
 * A member of an event loop. It has an identity, a slot, counters, and operations that the loop
 * carries out. Streams, listeners and sockets are handles; the protected methods are for writing
 * another kind of handle.
 *
 * <p>A handle takes a slot by {@link #attach} and gives it back between {@link #onClosed} and
 * {@link #callOnClose}, in which it may take another slot. The {@link #token} names this opening of
 * the handle: the slot in the low half, the slot's generation in the high half. So an event for a
 * closed handle never reaches the slot's next owner.
 *
 * <p><b>Threading</b>: the loop's thread. <b>Allocation</b>: none after construction.
 */
public abstract class Handle extends Counted {
    // The operations. A handle says by setOperations which of them it wants. While it wants an
    // operation, each result of that operation comes to onCompletion.

    /** Reports that a read would return bytes, the end, or an error. */
    protected static final int READABLE = 1;
    /** Reports that a write would find room, or return an error. */
    protected static final int WRITABLE = 2;
    /**
     * The completion of {@link #READABLE} and {@link #WRITABLE}; its result is a sum of the two.
     */
    protected static final int POLL = READABLE | WRITABLE;
    /**
     * Receives by {@link #receive}; the result is a number of bytes, 0 at the end, or
     * {@code -errno}.
     */
    protected static final int RECEIVE = 4;
    /** Accepts by {@link #accept}; the result is a descriptor, or a code. */
    protected static final int ACCEPT = 8;
    /**
     * Sends from {@link #sendAddress} by {@link #transmit}; the result is a number of bytes, or
     * {@code -errno}.
     */
    protected static final int SEND = 16;

    private static final int DETACHED = 0;
    private static final int ATTACHED = 1;
    private static final int CLOSING = 2;

    /** The operating system. */
    protected final Posix posix;
    private final EventLoop loop; // null with no loop
    private final Home home;
    private boolean wasOpen;
    private Object attachment;
    private long token = -1;
    private boolean keepsAlive = true;
    private int phase = DETACHED;
    private int result;
    int descriptor = -1; // this class alone writes it and the next field
    boolean isExclusive;
    boolean isPollable; // if not, its operations are always ready
    // Operations owns these: operations wanted, operations the back end knows, place in its list.
    int wanted;
    int told;
    int changedAt = -1;
    int inFlight; // Backend owns this: operations that the kernel has in hand
    boolean isReady; // ReadyList owns this

    /**
     * A handle of a loop.
     *
     * @param loop the loop
     * @param type the meaning of its counters
     * @param name its label in the metrics
     */
    protected Handle(EventLoop loop, MetricsType type, String name) {
        super(type, name, loop.region());
        this.loop = loop;
        home = loop;
        posix = loop.posix();
    }

    /**
     * A handle with no loop. Its owner makes every call, and its counters lie in memory of its own.
     *
     * @param posix the operating system
     * @param type the meaning of its counters
     * @param name its label in the metrics
     */
    protected Handle(Posix posix, MetricsType type, String name) {
        super(type, name);
        loop = null;
        home = new Alone();
        this.posix = Objects.requireNonNull(posix);
    }

    /**
     * The loop of this handle.
     *
     * @return the loop; null for a handle with no loop
     */
    public final EventLoop loop() {
        return loop;
    }

    /**
     * The identity of this handle while it is open; see {@link EventLoop#handle}.
     *
     * @return unique in the life of the loop; negative before the first opening
     */
    public final long token() {
        return token;
    }

    /**
     * The handle's place in the loop's slot table, for state kept in arrays.
     *
     * @return 0 to {@link EventLoop#handles} - 1; negative before the first opening
     */
    public final int index() {
        return (int) token;
    }

    /**
     * The object that {@link #attachment(Object)} attached.
     *
     * @return the object; null at first
     */
    public final Object attachment() {
        return attachment;
    }

    /**
     * Attaches an object of the caller's.
     *
     * @param value any object; a pooled connection keeps it when the connection is reused
     */
    public final void attachment(Object value) {
        attachment = value;
    }

    @Override
    public Handle name(String name) {
        super.name(name);
        return this;
    }

    /**
     * Puts the counters of a handle with no loop into a region, where other threads and processes
     * can read them, from its next opening on. Without this call the counters lie in memory of the
     * handle's own.
     *
     * @param region the region
     * @param aggregate the block that accumulates the counters of closed handles, or
     *     {@link MetricsRegion#NO_AGGREGATE}
     * @return 0, {@link ReturnCode#ATTACHED} if the handle has a loop, or a code of
     *     {@link MetricsRegion#register}
     */
    public final int metrics(MetricsRegion region, int aggregate) {
        if (!(home instanceof Alone alone)) {
            return ReturnCode.ATTACHED;
        }
        int rc = countIn(region);
        if (rc == 0) {
            alone.aggregate(aggregate);
        }
        return rc;
    }

    /** Keeps {@link EventLoop#run} going while this handle is open, which is the default. */
    public final void keepAlive() {
        if (!keepsAlive && phase != DETACHED) {
            home.keepAlive();
        }
        keepsAlive = true;
    }

    /** Lets {@link EventLoop#run} end although this handle is open. */
    public final void release() {
        if (keepsAlive && phase != DETACHED) {
            home.release();
        }
        keepsAlive = false;
    }

    /**
     * Whether the handle is open: it has a slot, and is not closing.
     *
     * @return true between attaching and {@code close}
     */
    public final boolean isOpen() {
        return phase == ATTACHED;
    }

    /**
     * Whether it can begin a life: it is neither open nor closing.
     *
     * @return true before {@link #attach}, and again when {@link #callOnClose} is called
     */
    protected final boolean isFree() {
        return phase == DETACHED;
    }

    /**
     * Whether the calling thread may use the loop: {@code assert isCalledInLoop()}.
     *
     * @return true; another thread gets an {@link AssertionError} that names the loop's thread
     */
    protected final boolean isCalledInLoop() {
        return home.isOwner();
    }

    /**
     * Whether the handle belongs to a loop.
     *
     * @return false for a handle whose owner makes every call
     */
    protected final boolean hasLoop() {
        return loop != null;
    }

    /**
     * The code of a call that only the owner of a handle with no loop may make.
     *
     * @return 0 if the call may be made, {@link ReturnCode#ATTACHED} if the handle has a loop, or
     *     {@link #closedCode}
     */
    protected final int withoutLoopCode() {
        return !isOpen() ? closedCode() : hasLoop() ? ReturnCode.ATTACHED : 0;
    }

    /**
     * The time: the loop's, or the system's for a handle with no loop.
     *
     * @return nanoseconds, as of {@link EventLoop#nowNs}
     */
    protected final long nowNs() {
        return home.nowNs();
    }

    /**
     * The descriptor that {@link #attach} was given.
     *
     * @return the descriptor; -1 if the handle has none, or is closed
     */
    protected final int attachedDescriptor() {
        return descriptor;
    }

    /**
     * Whether the kernel reports when the descriptor is ready.
     *
     * @return what {@link #attach} was given; a descriptor that is not pollable is always ready
     */
    protected final boolean isPollable() {
        return isPollable;
    }

    /**
     * Whether the loop has a free slot.
     *
     * @return false if {@link #attach} would answer {@link ReturnCode#HANDLES_EXHAUSTED}
     */
    protected final boolean canAttach() {
        return home.hasFreeSlot();
    }

    /**
     * Takes the descriptor away from the handle, which stays open: the loop stops waiting for the
     * descriptor.
     *
     * @return the descriptor, which the caller closes from now on; -1 if the handle has none
     */
    protected final int giveUpDescriptor() {
        assert isCalledInLoop();
        int given = descriptor;
        home.cancelOperations(this);
        descriptor = -1;
        return given;
    }

    /** Notes that the kernel's file may have other descriptors from now on. */
    protected final void shareDescriptor() {
        isExclusive = false;
    }

    /**
     * As {@link #attach(int, boolean, boolean)}, with a pollable descriptor.
     *
     * @param descriptor the descriptor of the handle's operations; -1 for none
     * @param isExclusive as there
     * @return as there
     */
    protected final int attach(int descriptor, boolean isExclusive) {
        return attach(descriptor, isExclusive, true);
    }

    /**
     * Takes a slot of the loop, and a fresh block of counters.
     *
     * @param descriptor the descriptor of the handle's operations; -1 for none
     * @param isExclusive whether the kernel's file has no other descriptor, so that closing this
     *     one closes the file; saves a system call
     * @param isPollable whether the kernel reports when the descriptor is ready; if not, the
     *     descriptor is always ready, and the handle calls {@link #perform}
     * @return 0, {@link ReturnCode#HANDLES_EXHAUSTED}, {@link ReturnCode#METRICS_EXHAUSTED},
     *     {@link ReturnCode#ALREADY_OPEN}, {@link ReturnCode#NOT_OPEN} (the loop)
     */
    protected final int attach(int descriptor, boolean isExclusive, boolean isPollable) {
        assert isCalledInLoop();
        if (phase != DETACHED) {
            return ReturnCode.ALREADY_OPEN;
        }
        int rc = home.enter(this);
        if (rc < 0) {
            return rc;
        }
        if (keepsAlive) {
            home.keepAlive();
        }
        int claimed = beginCounting();
        if (claimed < 0) {
            endLife();
            return claimed;
        }
        phase = ATTACHED;
        wasOpen = true;
        result = 0;
        this.descriptor = descriptor;
        this.isExclusive = isExclusive;
        this.isPollable = isPollable;
        return 0;
    }

    /** The default is the loop's aggregate for the type. */
    @Override
    protected int aggregate() {
        return home.aggregate(type());
    }

    /**
     * Undoes {@link #attach} after an opening that failed. {@link #onClosed} is not called, and the
     * caller still owns the descriptor.
     */
    protected final void detach() {
        wasOpen = false;
        home.cancelOperations(this);
        endLife();
    }

    /**
     * The code that a call returns while the handle is not open.
     *
     * @return {@link ReturnCode#NOT_OPEN} before it was open, {@link ReturnCode#CLOSED} after
     */
    protected final int closedCode() {
        return wasOpen ? ReturnCode.CLOSED : ReturnCode.NOT_OPEN;
    }

    /**
     * Replaces the set of operations that the handle wants. The back end is told of changes once a
     * turn, before the loop waits.
     *
     * @param operations a sum of {@link #READABLE}, {@link #WRITABLE}, {@link #RECEIVE},
     *     {@link #ACCEPT}, {@link #SEND}; 0 for none
     */
    protected final void setOperations(int operations) {
        assert isCalledInLoop();
        if (phase == ATTACHED) {
            home.setOperations(this, operations);
        }
    }

    /** Whether the handle wants any of these operations; a handle that is not open wants none. */
    final boolean wants(int operations) {
        return (wanted & operations) != 0;
    }

    /**
     * Makes the system calls of the operations that the handle wants, as if the kernel had reported
     * them ready. For a handle that is not pollable, or holds bytes that the kernel does not know
     * of. Only {@link #onRun} may call this.
     *
     * @param readiness a sum of {@link #READABLE} and {@link #WRITABLE}
     */
    protected final void perform(int readiness) {
        home.perform(this, readiness);
    }

    /** Puts the handle on the ready list: {@link #onRun} follows, before the loop waits again. */
    protected final void makeReady() {
        assert isCalledInLoop();
        if (phase == ATTACHED) {
            home.makeReady(this);
        }
    }

    /**
     * Begins to close the handle. From now on only {@link #onClosed}, {@link #callOnClose} and
     * {@link #onDetached} are called, in the close phase of this turn or a later one, once none of
     * the handle's operations is in flight.
     *
     * @param code passed to these methods
     * @return 0, or {@link ReturnCode#CLOSED} if the handle is closing already or is not open
     */
    protected final int startClose(int code) {
        assert isCalledInLoop();
        if (phase != ATTACHED) {
            return ReturnCode.CLOSED;
        }
        phase = CLOSING;
        result = code;
        home.close(this);
        return 0;
    }

    /** An operation of this handle has come back from the kernel. */
    final void landed() {
        if (--inFlight == 0 && phase == CLOSING) {
            loop.closings.landed(this);
        }
    }

    /**
     * A timer of the handle's own, which does not count among the loop's {@link LoopConfig#timers}.
     * A handle may have two.
     *
     * @param handler called when the timer fires
     * @return the timer
     */
    protected final Timer ownTimer(TimerHandler handler) {
        return new Timer(loop, handler, this);
    }

    /**
     * An operation that the handle wants has a result. The default does nothing, for handles
     * without a descriptor.
     *
     * @param operation {@link #POLL}, {@link #RECEIVE}, {@link #ACCEPT} or {@link #SEND}
     * @param result as the operation documents
     * @param buffer the memory of received bytes; else null
     * @param offset of the first received byte
     */
    protected void onCompletion(int operation, int result, DirectBuffer buffer, int offset) {
    }

    /**
     * Makes the system call of {@link #RECEIVE}, and never waits.
     *
     * @param address where the bytes go
     * @param length the most bytes to receive
     * @return bytes, 0 at the end, {@code -errno}
     */
    protected long receive(long address, int length) {
        return ReturnCode.NOT_SUPPORTED;
    }

    /**
     * The handle's own memory for {@link #RECEIVE}.
     *
     * @return the memory; null to use the loop's
     */
    protected DirectBuffer receiveBuffer() {
        return null;
    }

    /**
     * The offset of that memory in {@link #receiveBuffer}.
     *
     * @return an offset
     */
    protected int receiveOffset() {
        return 0;
    }

    /**
     * The length of that memory.
     *
     * @return at least 1
     */
    protected int receiveLength() {
        return 0;
    }

    /**
     * Makes the system call of {@link #ACCEPT}, and never waits.
     *
     * @return a descriptor; {@code -EAGAIN}, which is not passed to {@link #onCompletion}; or a
     *     code
     */
    protected int accept() {
        return ReturnCode.NOT_SUPPORTED;
    }

    /**
     * Makes the system call of {@link #SEND}, and never waits.
     *
     * @param address where the bytes are
     * @param length the number of bytes
     * @return bytes, {@code -errno}
     */
    protected long transmit(long address, int length) {
        return ReturnCode.NOT_SUPPORTED;
    }

    /**
     * The address of the bytes to send next, while the handle wants {@link #SEND}.
     *
     * @return an address
     */
    protected long sendAddress() {
        return 0;
    }

    /**
     * The number of contiguous bytes at {@link #sendAddress}.
     *
     * @return at least 1
     */
    protected int sendLength() {
        return 0;
    }

    /** The handle's turn in the ready list. */
    protected abstract void onRun();

    /**
     * The close phase, first step: gives back the descriptor and everything else that the handle
     * holds.
     *
     * @param code what {@link #startClose} was given
     */
    protected abstract void onClosed(int code);

    /**
     * The close phase, second step: calls the user's handler. The slot is given back already, so
     * the user may open this handle again from inside. After the user's call, this method must not
     * change the handle, which may be open again.
     *
     * @param code what {@link #startClose} was given
     */
    protected void callOnClose(int code) {
    }

    /**
     * The loop is closing. The default closes the handle with {@link ReturnCode#CLOSED}.
     */
    protected void onLoopClosing() {
        startClose(ReturnCode.CLOSED);
    }

    /**
     * The back end refused the handle's operations. The default closes the handle with the code.
     *
     * @param code {@code -errno}
     */
    protected void onRefused(int code) {
        startClose(code);
    }

    /**
     * A callback of this handle threw, and the loop has an exception handler: the handle closes
     * with the code, and so does a handle below that no other handle uses. The default is
     * {@link #onRefused}.
     *
     * @param code {@link ReturnCode#CALLBACK_THREW}
     */
    protected void onThrew(int code) {
        onRefused(code);
    }

    /**
     * Charges this handle with a callback that has thrown; code that calls a callback on the
     * handle's behalf catches everything and passes it to this method. If the loop has an exception
     * handler, the handle is closed with {@link ReturnCode#CALLBACK_THREW}, and the exception
     * handler is called; if not, the exception leaves the loop at the end of the turn. Either way
     * this method returns; the caller then goes on as if the callback had returned, and checks
     * whether the handle is still open. Outside a turn, and on a handle of no loop, the exception
     * is thrown at once.
     *
     * @param thrown what the callback threw
     */
    public final void threw(Throwable thrown) {
        home.threw(this, thrown);
    }

    /**
     * As {@link #threw}, for a callback that this handle calls but that belongs to no handle.
     *
     * @param thrown what the callback threw
     */
    protected final void threwForNobody(Throwable thrown) {
        loop.threw(null, thrown);
    }

    /**
     * The close phase, last step: the user's handler was called. A pool takes its handle back here.
     * A handle of no pool may be open again by now.
     */
    protected void onDetached() {
    }

    /** The code that {@link #startClose} was given. */
    final int result() {
        return result;
    }

    final void entered(long token) {
        this.token = token;
    }

    final void endLife() {
        releaseCounters();
        phase = DETACHED;
        descriptor = -1;
        if (keepsAlive) {
            home.release();
        }
        home.leave(this);
    }
}
