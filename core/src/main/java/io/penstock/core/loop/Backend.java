package io.penstock.core.loop;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Errno;
import org.agrona.DirectBuffer;

/**
 * Carries out the operations of handles; the kernel's interfaces differ behind this class alone. A
 * handle says which operations it wants ({@link Handle#setOperations}); a back end carries them out
 * and gives each result to {@link Handle#onCompletion}.
 *
 * <p>A back end whose kernel interface reports readiness alone makes the system calls itself, by
 * {@link #perform}, which holds the limits of a turn for all handles.
 *
 * <p><b>Threading</b>: the loop's thread.
 */
abstract class Backend {
    /** The most reads by which a handle that always has more to read delays the others. */
    static final int RECEIVES_A_TURN = 4;
    static final int ACCEPTS_A_TURN = 64;
    static final int SENDS_A_TURN = 16;

    private final NativeBuffer memory; // for handles with no receive buffer of their own

    Backend(NativeBuffer memory) {
        this.memory = memory;
    }

    /** Opens the back end: 0 or a code. */
    abstract int open();

    /** Reports the token when a descriptor that belongs to no handle is readable: 0 or a code. */
    abstract int watch(int descriptor, long token);

    /**
     * Changes the operations of a handle.
     *
     * @param from the operations that the kernel was told of
     * @param to the operations that the handle wants from now on
     * @return 0 or {@code -errno}
     */
    abstract int change(Handle handle, int from, int to);

    /**
     * Ends all operations of a handle that closes or gives up its descriptor. An operation that the
     * kernel still has in hand counts in {@code handle.inFlight}; {@link Handle#landed} is called
     * once the operation has come back.
     *
     * @param operations the operations that the kernel was told of
     */
    abstract void cancel(Handle handle, int operations);

    /**
     * Waits for an event, the end of the time, or a signal ({@code -EINTR}).
     *
     * @param timeoutNs 0 for no wait; {@link Long#MAX_VALUE} for no limit
     * @return the number of events, or {@code -errno}
     */
    abstract int await(long timeoutNs);

    /** The token of an event's handle. */
    abstract long token(int event);

    /** Gives an event's results to its handle, which is open. */
    abstract void complete(int event, Handle handle);

    /** A descriptor that is readable while events are there; a code if the back end has none. */
    abstract int descriptor();

    /** Closes what {@link #open} opened. */
    abstract void close();

    /**
     * Makes the system calls of the operations that a handle wants and that are ready, and gives
     * their results to the handle. Sending comes first, because its bytes were accepted earlier.
     *
     * @param readiness a sum of {@link Handle#READABLE} and {@link Handle#WRITABLE}
     */
    final void perform(Handle handle, int readiness) {
        if (handle.wants(readiness & Handle.POLL)) {
            handle.onCompletion(Handle.POLL, readiness, null, 0);
        }
        if ((readiness & Handle.WRITABLE) != 0 && handle.wants(Handle.SEND)) {
            send(handle);
        }
        if ((readiness & Handle.READABLE) != 0) {
            if (handle.wants(Handle.RECEIVE)) {
                receive(handle);
            } else if (handle.wants(Handle.ACCEPT)) {
                accept(handle);
            }
        }
    }

    /**
     * Stops at a short read, which emptied the descriptor; the kernel reports what arrives later.
     */
    private void receive(Handle handle) {
        DirectBuffer own = handle.receiveBuffer();
        DirectBuffer buffer = own == null ? memory : own;
        int offset = own == null ? 0 : handle.receiveOffset();
        int length = own == null ? memory.capacity() : handle.receiveLength();
        long address = buffer.addressOffset() + offset;
        int n = length;
        for (int i = 0; i < RECEIVES_A_TURN && n == length && handle.wants(Handle.RECEIVE); i++) {
            n = (int) handle.receive(address, length);
            if (n != -Errno.EAGAIN) {
                handle.onCompletion(Handle.RECEIVE, n, buffer, offset);
            }
        }
    }

    /** EAGAIN is a result of the first call only: the kernel then reported room and had none. */
    private void send(Handle handle) {
        int n = 1;
        for (int i = 0; i < SENDS_A_TURN && n > 0 && handle.wants(Handle.SEND); i++) {
            n = (int) handle.transmit(handle.sendAddress(), handle.sendLength());
            if (i == 0 || n != -Errno.EAGAIN) {
                handle.onCompletion(Handle.SEND, n, null, 0);
            }
        }
    }

    private void accept(Handle handle) {
        for (int i = 0; i < ACCEPTS_A_TURN && handle.wants(Handle.ACCEPT); i++) {
            int n = handle.accept();
            if (n == -Errno.EAGAIN) {
                return;
            }
            handle.onCompletion(Handle.ACCEPT, n, null, 0);
        }
    }
}
