package io.penstock.core.net;

import io.penstock.core.buffer.BufferPool;
import io.penstock.core.buffer.SlabHolder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The tails of a stream's short writes, in order, in slabs of a pool that many streams share. A
 * slab is taken when bytes must wait and given back when they are sent; small tails share a slab.
 *
 * <pre>
 *   0      4      8          12     16
 *   +------+------+----------+------+-----------------------+
 *   | next | end  | messages |  0   | bytes, to end         |
 *   +------+------+----------+------+-----------------------+
 *          messages: how many end in this slab
 * </pre>
 *
 * <p>Public for streams of other packages; users of a stream call {@link Stream#queue}.
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
     * @param pool the pool whose slabs keep the queued bytes
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
     * The length of the queue.
     *
     * @return bytes
     */
    public int lengthBytes() {
        return lengthBytes;
    }

    /**
     * Whether the queue is empty.
     *
     * @return true while nothing is queued
     */
    public boolean isEmpty() {
        return first == NONE;
    }

    /**
     * Whether a message of this length could be queued now, if no byte of it were sent.
     *
     * @param messageBytes the length of the message
     * @return true if the pool has slabs enough
     */
    public boolean hasRoom(int messageBytes) {
        int room = last == NONE ? 0 : pool.slabBytes() - get(last, END_OFFSET);
        return room + (long) pool.available() * (pool.slabBytes() - HEADER_BYTES) >= messageBytes;
    }

    /**
     * Whether a message of this length could be queued if the whole pool were free.
     *
     * @param messageBytes the length of the message
     * @return false for a message that never fits
     */
    public boolean couldEverFit(int messageBytes) {
        return (long) pool.slabs() * (pool.slabBytes() - HEADER_BYTES) >= messageBytes;
    }

    /**
     * Makes room for a message: while the pool is short, the streams that made no progress for
     * longest are closed with {@link io.penstock.core.ReturnCode#RECLAIMED}.
     *
     * @param messageBytes the length of the message
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
     * Appends the unsent part of a message; the caller has checked {@link #hasRoom}.
     *
     * @param source the memory of the unsent part
     * @param offset of the unsent part
     * @param length of the unsent part
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
     * Appends the unsent part of a message in pieces; the caller has checked {@link #hasRoom}.
     *
     * @param pieces the whole message
     * @param from the position of its first unsent byte, which exists
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

    /** The room in the last slab; adds a slab if the last one is full. */
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
     * The address of the oldest unsent bytes.
     *
     * @return an address, valid while the pool exists
     */
    public long address() {
        return memory(first).addressOffset() + pool.offset(first) + position;
    }

    /**
     * The number of contiguous bytes at {@link #address}.
     *
     * @return at least 1
     */
    public int contiguousBytes() {
        return get(first, END_OFFSET) - position;
    }

    /**
     * Removes sent bytes.
     *
     * @param n the number of bytes, at most {@link #contiguousBytes}
     * @param nowNs the time
     * @return how many messages ended in a slab that this gave back
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
     * Drops all queued bytes.
     *
     * @return the number of messages dropped
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
