package io.penstock.core.net;

import io.penstock.core.buffer.BufferPool;
import io.penstock.core.buffer.SlabHolder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The tails of a stream's short writes, in order, in slabs of a pool that many streams share. A
 * slab is taken when bytes must wait and given back when they are sent; small tails share one.
 *
 * <pre>
 *   0      4      8          12     16
 *   +------+------+----------+------+-----------------------+
 *   | next | end  | messages |  0   | bytes, to end         |
 *   +------+------+----------+------+-----------------------+
 *          messages: how many end in this slab
 * </pre>
 *
 * <p>Public for streams of other packages; who uses a stream has {@link Stream#queue}.
 *
 * <p><b>Threading</b>: the loop's thread. <b>Allocation</b>: none after construction.
 */
public final class WriteQueue extends SlabHolder {
    private static final int NEXT_OFFSET = 0;
    private static final int END_OFFSET = 4;
    private static final int MESSAGES_OFFSET = 8;
    private static final int HEADER_BYTES = 16;
    private static final int NONE = -1;

    private final BufferPool pool;
    private final Stream owner;
    private int first = NONE;
    private int last = NONE;
    private int position; // of the first unsent byte, in the first slab
    private int lengthBytes;

    /**
     * An empty queue.
     *
     * @param pool whose slabs keep what is in it
     * @param owner the stream that is closed when its slabs are reclaimed; null for none
     */
    public WriteQueue(BufferPool pool, Stream owner) {
        if (pool.slabBytes() <= HEADER_BYTES) {
            throw new IllegalArgumentException("a slab holds " + HEADER_BYTES + " bytes of links");
        }
        this.pool = pool;
        this.owner = owner;
    }

    /**
     * What is in it.
     *
     * @return bytes
     */
    public int lengthBytes() {
        return lengthBytes;
    }

    /**
     * Whether nothing is in it.
     *
     * @return true if so
     */
    public boolean isEmpty() {
        return first == NONE;
    }

    /**
     * Whether a message of this length could be kept now, if nothing of it were sent.
     *
     * @param messageBytes its length
     * @return true if the pool has slabs enough
     */
    public boolean hasRoom(int messageBytes) {
        int room = last == NONE ? 0 : pool.slabBytes() - get(last, END_OFFSET);
        return room + (long) pool.available() * (pool.slabBytes() - HEADER_BYTES) >= messageBytes;
    }

    /**
     * Whether a message of this length could be kept if the whole pool were free.
     *
     * @param messageBytes its length
     * @return true if so
     */
    public boolean couldEverFit(int messageBytes) {
        return (long) pool.slabs() * (pool.slabBytes() - HEADER_BYTES) >= messageBytes;
    }

    /**
     * Makes room for a message: while the pool is short, the streams that made no progress for
     * longest are closed with {@link io.penstock.core.ReturnCode#RECLAIMED}.
     *
     * @param messageBytes its length
     * @param sinceNs as of {@link BufferPool#reclaim}
     * @return whether there is room now
     */
    public boolean makeRoom(int messageBytes, long sinceNs) {
        boolean hasRoom = hasRoom(messageBytes);
        while (!hasRoom && pool.reclaim(this, sinceNs)) {
            hasRoom = hasRoom(messageBytes);
        }
        return hasRoom;
    }

    @Override
    protected void reclaimed() {
        if (owner == null) {
            clear();
        } else {
            owner.reclaimed();
        }
    }

    /**
     * Keeps what is left of a message; {@link #hasRoom} was asked before.
     *
     * @param source where it is
     * @param offset of its first byte
     * @param length of it
     * @param nowNs the time
     */
    public void append(DirectBuffer source, int offset, int length, long nowNs) {
        if (isEmpty()) {
            pool.progressed(this, nowNs);
        }
        int from = offset;
        int left = length;
        while (left > 0) {
            int n = Math.min(left, room());
            memory(last).putBytes(pool.offset(last) + get(last, END_OFFSET), source, from, n);
            filled(n);
            from += n;
            left -= n;
        }
        endMessage();
    }

    /**
     * Keeps what is left of a message in pieces; {@link #hasRoom} was asked before.
     *
     * @param pieces the whole message
     * @param from its first byte that is not sent; there is one
     * @param nowNs the time
     */
    public void append(Gather pieces, int from, long nowNs) {
        if (isEmpty()) {
            pool.progressed(this, nowNs);
        }
        for (int at = from; at < pieces.lengthBytes();) {
            int room = room();
            int end = pool.offset(last) + get(last, END_OFFSET);
            int n = pieces.copyTo(at, memory(last), end, room);
            filled(n);
            at += n;
        }
        endMessage();
    }

    /** How much the last slab has room for, which is a new one if the one before is full. */
    private int room() {
        if (last == NONE || get(last, END_OFFSET) == pool.slabBytes()) {
            addSlab();
        }
        return pool.slabBytes() - get(last, END_OFFSET);
    }

    private void filled(int n) {
        put(last, END_OFFSET, get(last, END_OFFSET) + n);
        lengthBytes += n;
    }

    private void endMessage() {
        put(last, MESSAGES_OFFSET, get(last, MESSAGES_OFFSET) + 1);
    }

    private void addSlab() {
        int slab = pool.take();
        put(slab, NEXT_OFFSET, NONE);
        put(slab, END_OFFSET, HEADER_BYTES);
        put(slab, MESSAGES_OFFSET, 0);
        if (last == NONE) {
            first = slab;
            position = HEADER_BYTES;
        } else {
            put(last, NEXT_OFFSET, slab);
        }
        last = slab;
    }

    /**
     * Where the oldest unsent bytes are.
     *
     * @return an address, good while the pool is
     */
    public long address() {
        return memory(first).addressOffset() + pool.offset(first) + position;
    }

    /**
     * How many of them lie together.
     *
     * @return at least 1
     */
    public int contiguousBytes() {
        return get(first, END_OFFSET) - position;
    }

    /**
     * Takes note that bytes were sent.
     *
     * @param n how many of {@link #contiguousBytes}
     * @param nowNs the time
     * @return how many messages have gone altogether with their slab
     */
    public int sent(int n, long nowNs) {
        position += n;
        lengthBytes -= n;
        if (n > 0) {
            pool.progressed(this, nowNs);
        }
        return position == get(first, END_OFFSET) ? removeFirst() : 0;
    }

    /**
     * Drops everything.
     *
     * @return how many messages that were
     */
    public int clear() {
        int messages = 0;
        while (first != NONE) {
            messages += removeFirst();
        }
        lengthBytes = 0;
        return messages;
    }

    private int removeFirst() {
        int slab = first;
        int messages = get(slab, MESSAGES_OFFSET);
        first = get(slab, NEXT_OFFSET);
        position = HEADER_BYTES;
        if (first == NONE) {
            last = NONE;
            pool.released(this);
        }
        pool.give(slab);
        return messages;
    }

    private MutableDirectBuffer memory(int slab) {
        return pool.buffer(slab);
    }

    private int get(int slab, int field) {
        return memory(slab).getInt(pool.offset(slab) + field);
    }

    private void put(int slab, int field, int value) {
        memory(slab).putInt(pool.offset(slab) + field, value);
    }
}
