package io.penstock.core.loop;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Errno;
import org.agrona.DirectBuffer;

/**
 * How operations of handles come about: the seam behind which the kernel's interfaces differ. A
 * handle says which operations it wants ({@link Handle#setOperations}); a back end has them done
 * and gives each result to {@link Handle#onCompletion}. One thread's, like the loop.
 *
 * <p>A back end that only learns that a descriptor is ready makes the calls itself, by {@link
 * #perform}: the limits of a turn are there, for all handles.
 */
abstract class Backend {
    /** A handle that always has more to read delays the others by that many reads. */
    static final int RECEIVES_A_TURN = 4;
    static final int ACCEPTS_A_TURN = 64;
    static final int SENDS_A_TURN = 16;

    private final NativeBuffer memory; // what is received goes here unless the handle has its own

    Backend(NativeBuffer memory) {
        this.memory = memory;
    }

    /** Readies it: 0 or a code. */
    abstract int open();

    /** Has the loop's wait end when a descriptor that is no handle's is readable: 0 or a code. */
    abstract int watch(int descriptor, long token);

    /**
     * Changes the operations of a handle.
     *
     * @param from the operations that the kernel was told of
     * @param to the operations that the handle wants from now on
     * @return 0 or a code
     */
    abstract int change(Handle handle, int from, int to);

    /**
     * Ends all operations of a handle that is closing. One that the kernel has in hand counts in
     * {@code handle.inFlight}, and {@link Handle#landed} is called when it has come back.
     *
     * @param operations those that the kernel was told of
     */
    abstract void cancel(Handle handle, int operations);

    /**
     * Waits until something is there or the time is up, or a signal comes ({@code -EINTR}).
     *
     * @param timeoutNs 0 to look only; {@link Long#MAX_VALUE} for ever
     * @return how many events there are
     */
    abstract int await(long timeoutNs);

    /** The token of an event's handle. */
    abstract long token(int event);

    /** Gives an event's results to its handle, which is open. */
    abstract void complete(int event, Handle handle);

    /** What is readable when an event is there; a code if there is no such thing. */
    abstract int descriptor();

    /** Gives everything back. */
    abstract void close();

    /**
     * Makes the calls of a handle's operations whose descriptor is ready, and gives their results
     * to the handle. What may be written comes first: it was accepted before.
     *
     * @param readiness of {@link Handle#READABLE} and {@link Handle#WRITABLE}
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

    /** After a short read the next would find nothing, and the kernel says if it would. */
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

    /** EAGAIN is a result only at first: then the kernel has reported room that it has not. */
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
