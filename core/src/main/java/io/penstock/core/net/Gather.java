package io.penstock.core.net;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import java.lang.ref.Reference;
import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Pieces of memory that are written as one message, by one system call:
 * {@link Stream#write(Gather)}. A gather refers to the pieces and copies none of them, so the
 * pieces must not change until they are written.
 *
 * <pre>
 *   0          56  64
 *   +----------+---+-----------------+-----------------+---
 *   | msghdr   |   | address, length | address, length | ...
 *   +----------+---+-----------------+-----------------+---
 * </pre>
 *
 * <p>A stream that has no write queue may accept a part. {@link #advance} then removes that part,
 * and the next write continues behind it.
 *
 * <p><b>Threading</b>: one thread at a time. <b>Allocation</b>: none after construction.
 * <b>See</b>: sendmsg(2), writev(2).
 */
public final class Gather {
    /** The most pieces that the kernel takes in one call, {@code IOV_MAX}. */
    public static final int MAX_PIECES = 1_024;

    private static final int IOVEC_OFFSET = 64;
    private static final int LENGTH_OFFSET = Long.BYTES;

    private final NativeBuffer memory;
    private final DirectBuffer[] owners; // keeps the memory of the pieces reachable
    private final NativeBuffer window = new NativeBuffer();
    private int first;
    private int end;
    private int lengthBytes;

    /**
     * An empty gather.
     *
     * @param capacity the most pieces that it holds, 1 to {@link #MAX_PIECES}
     */
    public Gather(int capacity) {
        if (capacity < 1 || capacity > MAX_PIECES) {
            throw new IllegalArgumentException("capacity " + capacity);
        }
        memory = NativeBuffer.allocate(IOVEC_OFFSET + capacity * Linux.IOVEC_BYTES);
        owners = new DirectBuffer[capacity];
    }

    /**
     * Appends a piece.
     *
     * @param buffer off the heap
     * @param offset of the first byte
     * @param length the number of bytes; 0 appends nothing
     * @return 0; {@link ReturnCode#PIECES_EXHAUSTED} if it is full; {@link ReturnCode#HEAP_BUFFER};
     *     {@link ReturnCode#MESSAGE_TOO_LONG} if all together would be longer than 2 GiB
     */
    public int add(DirectBuffer buffer, int offset, int length) {
        if (NativeBuffer.isHeap(buffer)) {
            return ReturnCode.HEAP_BUFFER;
        }
        buffer.boundsCheck(offset, length);
        if (length == 0) {
            return 0;
        }
        if (end == owners.length) {
            return ReturnCode.PIECES_EXHAUSTED;
        }
        if (length > Integer.MAX_VALUE - lengthBytes) {
            return ReturnCode.MESSAGE_TOO_LONG;
        }
        put(end, buffer.addressOffset() + offset, length);
        owners[end++] = buffer;
        lengthBytes += length;
        return 0;
    }

    /**
     * Removes bytes from the front, such as those that a write accepted.
     *
     * @param bytes 0 to {@link #lengthBytes}
     * @return this
     */
    public Gather advance(int bytes) {
        if (bytes < 0 || bytes > lengthBytes) {
            throw new IndexOutOfBoundsException(bytes + " of " + lengthBytes);
        }
        int left = bytes;
        while (left > 0 && left >= length(first)) {
            left -= length(first);
            owners[first++] = null;
        }
        if (left > 0) {
            put(first, address(first) + left, length(first) - left);
        }
        lengthBytes -= bytes;
        return lengthBytes == 0 ? clear() : this;
    }

    /**
     * Removes all pieces.
     *
     * @return this
     */
    public Gather clear() {
        Arrays.fill(owners, first, end, null);
        first = 0;
        end = 0;
        lengthBytes = 0;
        return this;
    }

    /**
     * How many pieces it holds.
     *
     * @return 0 to its capacity
     */
    public int pieces() {
        return end - first;
    }

    /**
     * The length of all pieces together.
     *
     * @return bytes
     */
    public int lengthBytes() {
        return lengthBytes;
    }

    /**
     * Copies bytes of the message, as if its pieces were contiguous. For streams of other packages.
     *
     * @param from the first byte, 0 to {@link #lengthBytes}
     * @param target the memory to copy to
     * @param offset of the first byte there
     * @param length the most bytes to copy
     * @return how many bytes were copied
     */
    public int copyTo(int from, MutableDirectBuffer target, int offset, int length) {
        int skip = from;
        int done = 0;
        for (int i = first; i < end && done < length; i++) {
            int n = Math.min(length(i) - skip, length - done);
            if (n <= 0) {
                skip -= length(i);
                continue;
            }
            window.wrap(address(i) + skip, n);
            target.putBytes(offset + done, window, 0, n);
            done += n;
            skip = 0;
        }
        Reference.reachabilityFence(owners);
        return done;
    }

    /**
     * Sends the message on a socket, and never waits. For streams of other packages.
     *
     * @param posix the operating system
     * @param socket the descriptor of the socket
     * @return bytes, {@code -errno}
     */
    public long send(Posix posix, int socket) {
        memory.putLong(Linux.MSGHDR_IOV_OFFSET, iovecs());
        memory.putLong(Linux.MSGHDR_IOVLEN_OFFSET, pieces());
        long n = posix.sendmsg(
                socket, memory.addressOffset(), Linux.MSG_DONTWAIT | Linux.MSG_NOSIGNAL);
        Reference.reachabilityFence(this);
        return n;
    }

    /**
     * Writes the message to a pipe or a file. For streams of other packages.
     *
     * @param posix the operating system
     * @param descriptor of the pipe or file
     * @param flags as of pwritev2(2)
     * @return bytes, {@code -errno}
     */
    public long write(Posix posix, int descriptor, int flags) {
        long n = posix.pwritev2(descriptor, iovecs(), pieces(), -1, flags);
        Reference.reachabilityFence(this);
        return n;
    }

    private long iovecs() {
        return entry(first) + memory.addressOffset();
    }

    /** Where a piece lies; the first one is number 0. */
    long pieceAddress(int piece) {
        return address(first + piece);
    }

    int pieceBytes(int piece) {
        return length(first + piece);
    }

    private static int entry(int index) {
        return IOVEC_OFFSET + index * Linux.IOVEC_BYTES;
    }

    private long address(int index) {
        return memory.getLong(entry(index));
    }

    private int length(int index) {
        return (int) memory.getLong(entry(index) + LENGTH_OFFSET);
    }

    private void put(int index, long address, int length) {
        memory.putLong(entry(index), address);
        memory.putLong(entry(index) + LENGTH_OFFSET, length);
    }
}
