package io.penstock.core.loop;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.metrics.MetricsRegion;
import io.penstock.core.metrics.MetricsType;
import io.penstock.core.sys.Posix;
import java.util.Objects;
import org.agrona.DirectBuffer;

/**
 * What lives in a loop: an identity, a place in its slot table, words that count what it does, and
 * turns to run. Streams, listeners and sockets are handles; the protected part is for those who
 * build another kind.
 *
 * <p>A handle takes a slot by {@link #attach} and gives it back between {@link #onClosed} and
 * {@link #callOnClose}, in which it may take another. Its {@link #token} names that span: slot in
 * the low half, generation in the high one, so that what was meant for a closed handle never
 * reaches the slot's next owner.
 *
 * <p><b>Threading</b>: the loop's thread. <b>Allocation</b>: none after construction.
 */
public abstract class Handle {
    // The operations. A handle says which it wants by setOperations; a result of each, again and
    // again while it is wanted, comes to onCompletion.

    /** Tells when there is something to read, or an end, or an error that a read would tell. */
    protected static final int READABLE = 1;
    /** Tells when there is room to write, or an error that a write would tell. */
    protected static final int WRITABLE = 2;
    /** The completion of {@link #READABLE} or {@link #WRITABLE}; its result is of both. */
    protected static final int POLL = READABLE | WRITABLE;
    /** Receives by {@link #receive}: bytes, 0 at the end, {@code -errno}. */
    protected static final int RECEIVE = 4;
    /** Accepts by {@link #accept}: a descriptor, or a code. */
    protected static final int ACCEPT = 8;
    /** Sends from {@link #sendAddress} by {@link #transmit}: bytes, {@code -errno}. */
    protected static final int SEND = 16;

    private static final int DETACHED = 0;
    private static final int ATTACHED = 1;
    private static final int CLOSING = 2;

    private static final int NO_BLOCK = -1;
    // What a handle of a loop that was never open shows: zeros.
    private static final NativeBuffer NO_WORDS =
            NativeBuffer.allocate(MetricsRegion.DEFAULT_BLOCK_BYTES);

    /** The operating system. */
    protected final Posix posix;
    private final EventLoop loop;
    private final MetricsType type;
    private String name;
    private MetricsRegion region; // that its words are in; null if they are its own
    private int ownAggregate = MetricsRegion.NO_AGGREGATE; // of one with no loop
    private final NativeBuffer words = new NativeBuffer(); // its own alone: counting is cheapest so
    private int block = NO_BLOCK;
    private boolean wasOpen;
    private Object attachment;
    private long token = -1;
    private boolean keepsAlive = true;
    private int phase = DETACHED;
    private int result;
    int descriptor = -1; // written here alone, as the next one
    boolean isExclusive;
    boolean isPollable; // else its operations are always ready
    // Of Operations: those wanted, those that the back end knows, the place in the list of changes.
    int wanted;
    int told;
    int changedAt = -1;
    int inFlight; // of Backend: operations that the kernel has in hand
    boolean isReady; // of ReadyList

    /**
     * A handle of a loop.
     *
     * @param loop the loop
     * @param type what its words mean
     * @param name its label in the metrics
     */
    protected Handle(EventLoop loop, MetricsType type, String name) {
        this.loop = loop;
        this.type = type;
        this.name = name;
        posix = loop.posix();
        region = loop.region();
        words.wrap(NO_WORDS);
    }

    /**
     * A handle of no loop, that its owner calls by itself, with words of its own.
     *
     * @param posix the operating system
     * @param type what its words mean
     * @param name what it is called
     */
    protected Handle(Posix posix, MetricsType type, String name) {
        loop = null;
        this.type = type;
        this.name = name;
        this.posix = Objects.requireNonNull(posix);
        words.wrap(NativeBuffer.allocate(type.fields() * Long.BYTES));
    }

    /**
     * The loop that it belongs to.
     *
     * @return null if it has none
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
     * Its place in the loop's slot table, for state kept in arrays.
     *
     * @return 0 to the loop's handles, less one; negative before the first opening
     */
    public final int index() {
        return (int) token;
    }

    /**
     * What {@link #attachment(Object)} put there.
     *
     * @return null at first
     */
    public final Object attachment() {
        return attachment;
    }

    /**
     * Attaches an object of the caller's.
     *
     * @param value anything; a pooled connection keeps it when it is used again
     */
    public final void attachment(Object value) {
        attachment = value;
    }

    /**
     * What it is called in the metrics.
     *
     * @return its name
     */
    public final String name() {
        return name;
    }

    /**
     * Names it, before it is open.
     *
     * @param name its label in the metrics
     * @return this
     */
    public Handle name(String name) {
        this.name = name;
        return this;
    }

    /**
     * Has a handle of no loop count in a region, where others can read it, from its next opening
     * on. Without this it counts in words of its own.
     *
     * @param region where
     * @param aggregate the block that sums up what closed, or {@link MetricsRegion#NO_AGGREGATE}
     * @return 0, {@link ReturnCode#ATTACHED} if it is a loop's, or a code of
     *     {@link MetricsRegion#register}
     */
    public final int metrics(MetricsRegion region, int aggregate) {
        int id = loop == null ? region.register(type) : ReturnCode.ATTACHED;
        if (id < 0) {
            return id;
        }
        this.region = region;
        ownAggregate = aggregate;
        return 0;
    }

    /**
     * Where its words are: from an opening to the next one the same place, where after closing its
     * last ones stay until the block is used again.
     *
     * @return memory; what the words mean, the handle's own documentation says
     */
    public final DirectBuffer metrics() {
        return words;
    }

    /**
     * Where in {@link #metrics} they begin.
     *
     * @return an offset
     */
    public final int metricsOffset() {
        return 0; // the window begins with them
    }

    /**
     * One of its words.
     *
     * @param field its offset, of the class that says what they mean
     * @return its value
     */
    public final long count(int field) {
        return words.getLong(field);
    }

    /** Lets {@link EventLoop#run} go on while this is open, as it does at first. */
    public final void keepAlive() {
        if (!keepsAlive && phase != DETACHED && loop != null) {
            loop.keepAlive();
        }
        keepsAlive = true;
    }

    /** Lets {@link EventLoop#run} end though this is open. */
    public final void release() {
        if (keepsAlive && phase != DETACHED && loop != null) {
            loop.release();
        }
        keepsAlive = false;
    }

    /**
     * Whether it is open: has a slot, and is not closing.
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
     * @return true; in a thread other than the loop's, an {@link AssertionError} says whose it is
     */
    protected final boolean isCalledInLoop() {
        return loop == null || loop.isOwner();
    }

    /**
     * The descriptor that it was attached with.
     *
     * @return -1 if it has none, or is closed
     */
    protected final int attachedDescriptor() {
        return descriptor;
    }

    /**
     * Whether the loop has a slot for one more.
     *
     * @return false if {@link #attach} would answer {@link ReturnCode#HANDLES_EXHAUSTED}
     */
    protected final boolean canAttach() {
        return loop == null || loop.hasFreeSlot();
    }

    /**
     * Goes on without its descriptor: the loop waits for it no more.
     *
     * @return the descriptor, which is the caller's to close from now on; -1 if it has none
     */
    protected final int giveUpDescriptor() {
        assert isCalledInLoop();
        int given = descriptor;
        if (loop != null) {
            loop.operations.cancel(this);
        }
        descriptor = -1;
        return given;
    }

    /** From now on somebody else may have the kernel's file too. */
    protected final void shareDescriptor() {
        isExclusive = false;
    }

    /**
     * As {@link #attach(int, boolean, boolean)}, with a descriptor that is pollable.
     *
     * @param descriptor of its operations; -1 for none
     * @param isExclusive as there
     * @return as there
     */
    protected final int attach(int descriptor, boolean isExclusive) {
        return attach(descriptor, isExclusive, true);
    }

    /**
     * Takes a slot of the loop, and a fresh block of words.
     *
     * @param descriptor of its operations; -1 for none
     * @param isExclusive whether closing the descriptor closes the kernel's file, because nobody
     *     else has it; saves a system call
     * @param isPollable whether the kernel can tell when the descriptor is ready; if not, it always
     *     is, and the handle calls {@link #perform}
     * @return 0, {@link ReturnCode#HANDLES_EXHAUSTED}, {@link ReturnCode#METRICS_EXHAUSTED},
     *     {@link ReturnCode#ALREADY_OPEN}, {@link ReturnCode#NOT_OPEN} (the loop)
     */
    protected final int attach(int descriptor, boolean isExclusive, boolean isPollable) {
        assert isCalledInLoop();
        if (phase != DETACHED) {
            return ReturnCode.ALREADY_OPEN;
        }
        if (loop != null) {
            long taken = loop.takeSlot(this);
            if (taken < 0) {
                return (int) taken;
            }
            token = taken;
            if (keepsAlive) {
                loop.keepAlive();
            }
        }
        int claimed = region == null ? clearWords() : claimWords();
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

    private int clearWords() {
        words.setMemory(0, words.capacity(), (byte) 0);
        return 0;
    }

    private int claimWords() {
        int id = region.register(type);
        int sum = id < 0 ? id : aggregate();
        int claimed = id < 0 ? id : region.claim(id, name, sum);
        if (claimed >= 0) {
            block = claimed;
            words.wrap(region.buffer(), region.countersOffset(claimed), type.fields() * Long.BYTES);
        }
        return Math.min(0, claimed);
    }

    /**
     * The block that its words are added to when it closes. The default is the sum that its loop
     * keeps for its type.
     *
     * @return a block of its region, or {@link MetricsRegion#NO_AGGREGATE}
     */
    protected int aggregate() {
        return loop == null ? ownAggregate : loop.aggregate(type);
    }

    /**
     * Undoes {@link #attach} after an opening that failed, with no {@link #onClosed}; the
     * descriptor stays the caller's.
     */
    protected final void detach() {
        wasOpen = false;
        if (loop != null) {
            loop.operations.cancel(this);
        }
        endLife();
    }

    /**
     * Whether its words are its own to write.
     *
     * @return true from {@link #attach} to {@link #releaseWords}
     */
    protected final boolean isCounting() {
        return block != NO_BLOCK;
    }

    /** The end of its words: they go into the sum; at the latest with its slot. */
    protected final void releaseWords() {
        if (block != NO_BLOCK) {
            region.close(block);
            block = NO_BLOCK;
        }
    }

    /**
     * What a call answers while it is not open.
     *
     * @return {@link ReturnCode#NOT_OPEN} or {@link ReturnCode#CLOSED}
     */
    protected final int closedCode() {
        return wasOpen ? ReturnCode.CLOSED : ReturnCode.NOT_OPEN;
    }

    /**
     * Adds to one of its words.
     *
     * @param field its offset
     * @param delta how much
     */
    protected final void count(int field, long delta) {
        words.addLongOpaque(field, delta);
    }

    /**
     * Raises a word that keeps a maximum.
     *
     * @param field its offset
     * @param value what it is at least from now on
     */
    protected final void raise(int field, long value) {
        if (value > count(field)) {
            words.putLongOpaque(field, value);
        }
    }

    /**
     * Says which operations it wants from now on, and no others. The back end hears of it once a
     * turn, before the loop waits.
     *
     * @param operations a sum of {@link #READABLE}, {@link #WRITABLE}, {@link #RECEIVE},
     *     {@link #ACCEPT}, {@link #SEND}; 0 for none
     */
    protected final void setOperations(int operations) {
        assert isCalledInLoop();
        if (phase == ATTACHED && loop != null) {
            loop.operations.set(this, operations);
        }
    }

    /** Whether it wants any of some operations; a handle that is not open wants none. */
    final boolean wants(int operations) {
        return (wanted & operations) != 0;
    }

    /**
     * Makes the calls of the operations that it wants now, as if the kernel had said that they are
     * ready: for a handle that is not pollable, or has bytes that the kernel does not know of. Only
     * from {@link #onRun}.
     *
     * @param readiness of {@link #READABLE} and {@link #WRITABLE}
     */
    protected final void perform(int readiness) {
        loop.perform(this, readiness);
    }

    /** Puts it on the ready list: {@link #onRun} follows, before the loop waits again. */
    protected final void makeReady() {
        assert isCalledInLoop();
        if (phase == ATTACHED && loop != null) {
            loop.ready.add(this);
        }
    }

    /**
     * Begins to close: from now on nothing but {@link #onClosed} is called, in the close phase of
     * this turn or a later one, once none of its operations is in flight.
     *
     * @param code what it is told
     * @return 0, or {@link ReturnCode#CLOSED} if it has begun before or is not open
     */
    protected final int startClose(int code) {
        assert isCalledInLoop();
        if (phase != ATTACHED) {
            return ReturnCode.CLOSED;
        }
        phase = CLOSING;
        result = code;
        if (loop == null) {
            onClosed(code); // nobody else's turn to wait for
            endLife();
            callOnClose(code);
            onDetached();
        } else {
            loop.operations.cancel(this);
            loop.closings.add(this);
        }
        return 0;
    }

    /** An operation of it has come back. */
    final void landed() {
        if (--inFlight == 0 && phase == CLOSING) {
            loop.closings.landed(this);
        }
    }

    /**
     * A timer that is not counted among the loop's {@link LoopConfig#timers}; at most two a handle.
     *
     * @param handler what it calls
     * @return the timer
     */
    protected final Timer ownTimer(TimerHandler handler) {
        return new Timer(loop, handler, this);
    }

    /**
     * An operation that it wants has a result. The default ignores it: a handle without a
     * descriptor wants none.
     *
     * @param operation {@link #POLL}, {@link #RECEIVE}, {@link #ACCEPT} or {@link #SEND}
     * @param result as that operation says
     * @param buffer where received bytes are; else null
     * @param offset of the first of them
     */
    protected void onCompletion(int operation, int result, DirectBuffer buffer, int offset) {
    }

    /**
     * Makes the call of {@link #RECEIVE} now, and never waits.
     *
     * @param address where to
     * @param length at most
     * @return bytes, 0 at the end, {@code -errno}
     */
    protected long receive(long address, int length) {
        return ReturnCode.NOT_SUPPORTED;
    }

    /**
     * Memory of its own for {@link #RECEIVE}.
     *
     * @return null for the loop's
     */
    protected DirectBuffer receiveBuffer() {
        return null;
    }

    /**
     * Where in {@link #receiveBuffer} that begins.
     *
     * @return an offset
     */
    protected int receiveOffset() {
        return 0;
    }

    /**
     * How long it is.
     *
     * @return at least 1
     */
    protected int receiveLength() {
        return 0;
    }

    /**
     * Makes the call of {@link #ACCEPT} now, and never waits.
     *
     * @return a descriptor; {@code -EAGAIN}, which is no result; or a code
     */
    protected int accept() {
        return ReturnCode.NOT_SUPPORTED;
    }

    /**
     * Makes the call of {@link #SEND} now, and never waits.
     *
     * @param address where from
     * @param length how many
     * @return bytes, {@code -errno}
     */
    protected long transmit(long address, int length) {
        return ReturnCode.NOT_SUPPORTED;
    }

    /**
     * Where the bytes to send next are, while it wants {@link #SEND}.
     *
     * @return an address
     */
    protected long sendAddress() {
        return 0;
    }

    /**
     * How many there are in one piece.
     *
     * @return at least 1
     */
    protected int sendLength() {
        return 0;
    }

    /** Its turn in the ready list. */
    protected abstract void onRun();

    /**
     * The close phase: give back the descriptor and everything else.
     *
     * @param code what {@link #startClose} was given
     */
    protected abstract void onClosed(int code);

    /**
     * The close phase goes on: tell the user. The slot is given back, so the user may open this
     * again from inside, and nothing that is done here may be meant for the life that is over.
     *
     * @param code what {@link #startClose} was given
     */
    protected void callOnClose(int code) {
    }

    /**
     * The loop is closing. The default closes with {@link ReturnCode#CLOSED}.
     */
    protected void onLoopClosing() {
        startClose(ReturnCode.CLOSED);
    }

    /**
     * The kernel does not let the loop wait for it. The default closes with the code.
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
     * Charges this handle with a callback that has thrown; whoever calls one on its behalf catches
     * everything and says so. If the loop has an exception handler, the handle is closed with
     * {@link ReturnCode#CALLBACK_THREW}, and the exception handler is told; if not, the exception
     * leaves the loop when the turn is over. Either way this returns; the caller then goes on as
     * if the callback had returned, and checks whether the handle is still open. Outside a turn,
     * and on a handle of no loop, the exception is thrown at once.
     *
     * @param thrown what the callback threw
     */
    public final void threw(Throwable thrown) {
        if (loop == null) {
            EventLoop.throwAsItIs(thrown);
        } else {
            loop.threw(this, thrown);
        }
    }

    /**
     * As {@link #threw}, of a callback that belongs to no handle: this one only calls it.
     *
     * @param thrown what the callback threw
     */
    protected final void threwForNobody(Throwable thrown) {
        loop.threw(null, thrown);
    }

    /**
     * The user was told. Who made this beforehand can use it again, which then is not the user's
     * to open; else it may be open again by now.
     */
    protected void onDetached() {
    }

    /** The code that {@link #startClose} was given. */
    final int result() {
        return result;
    }

    final void endLife() {
        releaseWords();
        phase = DETACHED;
        descriptor = -1;
        if (loop != null) {
            if (keepsAlive) {
                loop.release();
            }
            loop.giveSlot(this);
        }
    }
}
