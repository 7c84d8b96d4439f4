package io.penstock.udp;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.Endpoint;
import java.util.Objects;
import org.agrona.MutableDirectBuffer;

/**
 * Slots for datagrams over one region of memory: one system call receives into them, or sends them.
 * A slot holds the bytes of one datagram, or of several datagrams of one size, which are the slot's
 * segments. Each slot also has an address, of the sender or the destination, and the metadata that
 * the kernel reports.
 *
 * <pre>
 *   | slot 0                                | slot 1                                | …
 *   | segment 0 | segment 1 | 2 |           | segment 0 |                           |
 *   |&lt;------------- slotBytes -------------&gt;|
 * </pre>
 *
 * <p>A received slot can be sent as it is. It goes back to its sender in the same segments, and
 * leaves from the address that it was sent to, if that address is known.
 *
 * <p><b>Threading</b>: one thread at a time. <b>Allocation</b>: none after construction.
 * <b>See</b>: recvmmsg(2), sendmmsg(2), udp(7).
 */
public final class DatagramBatch {
    /** The most segments that one slot is sent in. */
    public static final int MAX_SEGMENTS = 64;

    private final int slots;
    private final int slotBytes;
    private final MutableDirectBuffer region;
    private final int[] lengths;
    private final int[] segmentBytes; // 0: one datagram
    private final int[] sentBytes; // of a slot whose segments are sent singly
    final Headers headers;
    final CallMemory call = new CallMemory();
    final boolean isHeap;

    /**
     * A batch with a region of its own.
     *
     * @param slots how many datagrams a system call moves at most, at least 1
     * @param slotBytes the size of each slot, at least 1; 65,535 is enough for any datagram, and
     *     for the datagrams that {@link io.penstock.core.net.SocketOption#UDP_GRO} merges
     */
    public DatagramBatch(int slots, int slotBytes) {
        this(NativeBuffer.allocate(Math.multiplyExact(slots, slotBytes)), slots, slotBytes);
    }

    /**
     * A batch over a region of the caller's. With a region on the Java heap, sending and receiving
     * return {@link ReturnCode#HEAP_BUFFER}. The caller must not wrap the region's buffer around
     * other memory.
     *
     * @param region off the heap, at least {@code slots * slotBytes} long
     * @param slots how many datagrams a system call moves at most, at least 1
     * @param slotBytes the size of each slot, at least 1
     */
    public DatagramBatch(MutableDirectBuffer region, int slots, int slotBytes) {
        if (slots < 1 || slotBytes < 1) {
            throw new IllegalArgumentException(slots + " slots of " + slotBytes + " bytes");
        }
        region.boundsCheck(0, Math.multiplyExact(slots, slotBytes));
        this.slots = slots;
        this.slotBytes = slotBytes;
        this.region = region;
        isHeap = NativeBuffer.isHeap(region);
        lengths = new int[slots];
        segmentBytes = new int[slots];
        sentBytes = new int[slots];
        headers = new Headers(slots);
    }

    /**
     * How many slots there are.
     *
     * @return as given to the constructor
     */
    public int slots() {
        return slots;
    }

    /**
     * The size of a slot.
     *
     * @return as given to the constructor
     */
    public int slotBytes() {
        return slotBytes;
    }

    /**
     * The region that the slots lie in.
     *
     * @return the buffer that {@link #offset} is an offset in
     */
    public MutableDirectBuffer buffer() {
        return region;
    }

    /**
     * Where a slot's bytes begin.
     *
     * @param slot which
     * @return an offset in {@link #buffer}
     */
    public int offset(int slot) {
        return Objects.checkIndex(slot, slots) * slotBytes;
    }

    /**
     * How many bytes a slot holds, all of its segments together.
     *
     * @param slot which
     * @return 0 to {@link #slotBytes}
     */
    public int length(int slot) {
        return lengths[slot];
    }

    /**
     * How many datagrams a slot holds: 1, or several that are received or sent together.
     *
     * @param slot which
     * @return at least 1
     */
    public int segments(int slot) {
        int size = segmentBytes[slot];
        return isSegmented(slot) ? (lengths[slot] + size - 1) / size : 1;
    }

    /**
     * The size of a slot's segments; the last may be shorter.
     *
     * @param slot which
     * @return bytes; the slot's length if it holds one datagram
     */
    public int segmentBytes(int slot) {
        return isSegmented(slot) ? segmentBytes[slot] : lengths[slot];
    }

    /**
     * Where a segment's bytes begin.
     *
     * @param slot which
     * @param segment of it, 0 to {@code segments(slot) - 1}
     * @return an offset in {@link #buffer}
     */
    public int segmentOffset(int slot, int segment) {
        return offset(slot)
                + Objects.checkIndex(segment, segments(slot)) * segmentBytes(slot);
    }

    /**
     * How many bytes a segment has.
     *
     * @param slot which
     * @param segment of it, 0 to {@code segments(slot) - 1}
     * @return bytes
     */
    public int segmentLength(int slot, int segment) {
        int before = Objects.checkIndex(segment, segments(slot)) * segmentBytes(slot);
        return Math.min(segmentBytes(slot), lengths[slot] - before);
    }

    /**
     * Whether the datagram was longer than the slot, so that its end is lost.
     *
     * @param slot which
     * @return true if the end is lost
     */
    public boolean isTruncated(int slot) {
        return headers.isTruncated(slot);
    }

    /**
     * The address of the sender; after {@link #destination}, the address that the slot goes to.
     *
     * @param slot which
     * @param endpoint becomes that address; of length 0 if there is none, or after a code
     * @return 0; {@link ReturnCode#NAME_TOO_LONG} if the endpoint's memory is too small
     */
    public int sender(int slot, Endpoint endpoint) {
        return headers.name(slot, endpoint);
    }

    /**
     * The address of this machine that the datagram was sent to; the port is 0. The kernel reports
     * the address once {@link io.penstock.core.net.SocketOption#IP_PKTINFO} or
     * {@link io.penstock.core.net.SocketOption#IPV6_RECVPKTINFO} is set.
     *
     * @param slot which
     * @param endpoint becomes that address
     * @return 0; {@link ReturnCode#NOT_SUPPORTED} if the address is not known;
     *     {@link ReturnCode#NAME_TOO_LONG} if the endpoint's memory is too small
     */
    public int local(int slot, Endpoint endpoint) {
        return headers.local(slot, endpoint);
    }

    /**
     * The index of the interface that the datagram arrived on. The kernel reports it together with
     * {@link #local}.
     *
     * @param slot which
     * @return the index; {@link ReturnCode#NOT_SUPPORTED} if it is not known
     */
    public int interfaceIndex(int slot) {
        return headers.interfaceIndex(slot);
    }

    /**
     * The traffic class: DSCP in the upper six bits, ECN in the lower two. The kernel reports it
     * once {@link io.penstock.core.net.SocketOption#IP_RECVTOS} or
     * {@link io.penstock.core.net.SocketOption#IPV6_RECVTCLASS} is set.
     *
     * @param slot which
     * @return 0 to 255; {@link ReturnCode#NOT_SUPPORTED} if it is not known
     */
    public int trafficClass(int slot) {
        return headers.trafficClass(slot);
    }

    /**
     * Explicit congestion notification, the lower two bits of {@link #trafficClass}.
     *
     * <p><b>See</b>: RFC 3168.
     *
     * @param slot which
     * @return 0 none, 1 ECT(1), 2 ECT(0), 3 congestion experienced;
     *     {@link ReturnCode#NOT_SUPPORTED} if it is not known
     */
    public int ecn(int slot) {
        int value = headers.trafficClass(slot);
        return value < 0 ? value : value & 3;
    }

    /**
     * When the kernel received the datagram. The kernel reports the time once
     * {@link io.penstock.core.net.SocketOption#SO_TIMESTAMPNS} is set.
     *
     * @param slot which
     * @return nanoseconds since 1970; 0 if it is not known
     */
    public long timestampNs(int slot) {
        return headers.timestampNs(slot);
    }

    /**
     * Makes a slot one datagram of {@code lengthBytes} bytes.
     *
     * @param slot which
     * @param lengthBytes 0 to {@link #slotBytes}
     * @return 0; {@link ReturnCode#BAD_ARGUMENT} for another length
     */
    public int length(int slot, int lengthBytes) {
        if (lengthBytes < 0 || lengthBytes > slotBytes) {
            return ReturnCode.BAD_ARGUMENT;
        }
        holds(slot, lengthBytes, 0);
        return 0;
    }

    /**
     * Makes a slot several datagrams of one size; the last may be shorter. Before the kernel cuts
     * them they are one packet, so together they must fit 65,507 bytes (IPv6: 65,527); each must
     * fit the route's MTU. Otherwise sending returns {@code -EMSGSIZE}.
     *
     * @param slot which
     * @param lengthBytes of all datagrams together, 0 to {@link #slotBytes}
     * @param segmentBytes of each datagram, at least 1
     * @return how many datagrams the slot holds; {@link ReturnCode#BAD_ARGUMENT};
     *     {@link ReturnCode#TOO_MANY_SEGMENTS}: more than {@link #MAX_SEGMENTS}
     */
    public int segments(int slot, int lengthBytes, int segmentBytes) {
        if (lengthBytes < 0 || lengthBytes > slotBytes || segmentBytes < 1) {
            return ReturnCode.BAD_ARGUMENT;
        }
        if (lengthBytes > (long) MAX_SEGMENTS * segmentBytes) {
            return ReturnCode.TOO_MANY_SEGMENTS;
        }
        holds(slot, lengthBytes, segmentBytes);
        return segments(slot);
    }

    /**
     * Sets the address that a slot is sent to, until the next call or until the slot is received
     * into. The slot is then sent from any address of this machine, with the socket's traffic
     * class, beginning with its first segment.
     *
     * @param slot which
     * @param endpoint the address; null for the peer of a connected socket
     * @return 0
     */
    public int destination(int slot, Endpoint endpoint) {
        sentBytes[slot] = 0;
        return headers.destination(slot, endpoint);
    }

    /**
     * Sets the local address and the interface that a slot is sent from, until
     * {@link #destination} is called or the slot is received into.
     *
     * @param slot which
     * @param local the address, of which the port is ignored; of length 0 for any address
     * @param interfaceIndex the interface's index, or 0 for any
     * @return 0; {@link ReturnCode#BAD_ADDRESS} if {@code local} is no IP address
     */
    public int source(int slot, Endpoint local, int interfaceIndex) {
        return headers.source(slot, local, interfaceIndex);
    }

    /**
     * Sets the traffic class that a slot is sent with, until {@link #destination} is called or the
     * slot is received into.
     *
     * @param slot which
     * @param trafficClass DSCP and ECN, 0 to 255
     * @return 0; {@link ReturnCode#BAD_ARGUMENT} for another value
     */
    public int trafficClass(int slot, int trafficClass) {
        return headers.trafficClass(slot, trafficClass);
    }

    private void holds(int slot, int length, int segment) {
        lengths[slot] = length;
        segmentBytes[slot] = segment;
        sentBytes[slot] = 0;
    }

    // For the socket

    long address(int slot) {
        return region.addressOffset() + (long) slot * slotBytes;
    }

    void readyToReceive(boolean isUnix) {
        headers.readyToReceive(region.addressOffset(), slotBytes, isUnix);
    }

    void received(int count) {
        for (int slot = 0; slot < count; slot++) {
            int segment = headers.received(slot);
            holds(slot, Math.min(headers.moved(slot), slotBytes), segment);
        }
    }

    /** Whether a slot holds several datagrams. */
    boolean isSegmented(int slot) {
        return segmentBytes[slot] != 0 && lengths[slot] > segmentBytes[slot];
    }

    void readyToSend(int first, int count) {
        for (int slot = first; slot < first + count; slot++) {
            headers.readyToSend(
                    slot, address(slot), lengths[slot], isSegmented(slot) ? segmentBytes[slot] : 0);
        }
    }

    /** How many bytes of a slot were sent already, as single segments. */
    int sentBytes(int slot) {
        return sentBytes[slot];
    }

    /** Adds bytes that were sent as single segments; true once the whole slot is sent. */
    boolean sentSingly(int slot, int bytes) {
        sentBytes[slot] += bytes;
        boolean isWhole = sentBytes[slot] == lengths[slot];
        if (isWhole) {
            sentBytes[slot] = 0;
        }
        return isWhole;
    }
}
