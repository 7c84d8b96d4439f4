package io.penstock.udp;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.Endpoint;
import java.util.Objects;
import org.agrona.MutableDirectBuffer;

/**
 * Slots for datagrams, over one region: what a system call receives or sends at once. A slot holds
 * the bytes of one datagram, or of several of one size, its segments; beside them who sent it or
 * whom it goes to, and what the kernel tells of it.
 *
 * <pre>
 *   | slot 0                                | slot 1                                | …
 *   | segment 0 | segment 1 | 2 |           | segment 0 |                           |
 *   |&lt;------------- slotBytes -------------&gt;|
 * </pre>
 *
 * <p>A slot that was received can be sent as it is: to who sent it, from the address that it was
 * sent to if that is known, in the segments that it came in.
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
    private final int[] sentBytes; // of a slot that is sent segment by segment
    final Headers headers;
    final CallMemory call = new CallMemory();
    final boolean isHeap;

    /**
     * A batch with a region of its own.
     *
     * @param slots how many datagrams a system call moves at most, at least 1
     * @param slotBytes room of each, at least 1; 65,535 is enough for any, and for what
     *     {@link io.penstock.core.net.SocketOption#UDP_GRO} puts together
     */
    public DatagramBatch(int slots, int slotBytes) {
        this(NativeBuffer.allocate(Math.multiplyExact(slots, slotBytes)), slots, slotBytes);
    }

    /**
     * A batch over a region of the caller's. One on the Java heap is answered with
     * {@link ReturnCode#HEAP_BUFFER} when it is used. It must not be wrapped anew.
     *
     * @param region off the heap, at least {@code slots * slotBytes} long
     * @param slots how many datagrams a system call moves at most, at least 1
     * @param slotBytes room of each, at least 1
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
     * The room of a slot.
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
     * How many bytes a slot holds, in all of its segments.
     *
     * @param slot which
     * @return 0 to {@link #slotBytes}
     */
    public int length(int slot) {
        return lengths[slot];
    }

    /**
     * How many datagrams a slot holds: 1, or several that came, or go, together.
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
     * Whether the datagram was longer than the slot, and its end is lost.
     *
     * @param slot which
     * @return true if so
     */
    public boolean isTruncated(int slot) {
        return headers.isTruncated(slot);
    }

    /**
     * Who sent it; after {@link #destination}, whom it goes to.
     *
     * @param slot which
     * @param endpoint becomes that address; of length 0 if there is none, or after a code
     * @return 0; {@link ReturnCode#NAME_TOO_LONG} if it was given too little memory
     */
    public int sender(int slot, Endpoint endpoint) {
        return headers.name(slot, endpoint);
    }

    /**
     * The address of this machine that it was sent to; its port is 0. The kernel tells it after
     * {@link io.penstock.core.net.SocketOption#IP_PKTINFO} or
     * {@link io.penstock.core.net.SocketOption#IPV6_RECVPKTINFO}.
     *
     * @param slot which
     * @param endpoint becomes that address
     * @return 0; {@link ReturnCode#NOT_SUPPORTED} if it is not known;
     *     {@link ReturnCode#NAME_TOO_LONG} if it was given too little memory
     */
    public int local(int slot, Endpoint endpoint) {
        return headers.local(slot, endpoint);
    }

    /**
     * The number of the interface that it came in by; known as {@link #local} is.
     *
     * @param slot which
     * @return the number; {@link ReturnCode#NOT_SUPPORTED} if it is not known
     */
    public int interfaceIndex(int slot) {
        return headers.interfaceIndex(slot);
    }

    /**
     * The traffic class: DSCP in the upper six bits, ECN in the lower two. The kernel tells it
     * after {@link io.penstock.core.net.SocketOption#IP_RECVTOS} or
     * {@link io.penstock.core.net.SocketOption#IPV6_RECVTCLASS}.
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
     * When the kernel received it. It tells after
     * {@link io.penstock.core.net.SocketOption#SO_TIMESTAMPNS}.
     *
     * @param slot which
     * @return nanoseconds since 1970; 0 if it is not known
     */
    public long timestampNs(int slot) {
        return headers.timestampNs(slot);
    }

    /**
     * Makes a slot one datagram of so many bytes.
     *
     * @param slot which
     * @param lengthBytes 0 to {@link #slotBytes}
     * @return 0, {@link ReturnCode#BAD_ARGUMENT}
     */
    public int length(int slot, int lengthBytes) {
        if (lengthBytes < 0 || lengthBytes > slotBytes) {
            return ReturnCode.BAD_ARGUMENT;
        }
        holds(slot, lengthBytes, 0);
        return 0;
    }

    /**
     * Makes a slot several datagrams of one size; the last may be shorter. All of them must fit one
     * packet that is still uncut, 65,507 bytes (IPv6: 65,527), and each the route's MTU, or sending
     * answers {@code -EMSGSIZE}.
     *
     * @param slot which
     * @param lengthBytes of all of them, 0 to {@link #slotBytes}
     * @param segmentBytes of each, at least 1
     * @return how many there are; {@link ReturnCode#BAD_ARGUMENT};
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
     * Sends a slot to an address, until it is told otherwise or received into; from any address of
     * this machine's, with no traffic class of its own, and from its first segment on.
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
     * Sends a slot from an address of this machine's, by an interface, until {@link #destination}
     * or receiving.
     *
     * @param slot which
     * @param local the address, whatever its port, or of length 0 for any
     * @param interfaceIndex the number, or 0 for any
     * @return 0; {@link ReturnCode#BAD_ADDRESS} if it is no IP address
     */
    public int source(int slot, Endpoint local, int interfaceIndex) {
        return headers.source(slot, local, interfaceIndex);
    }

    /**
     * Sends a slot with a traffic class of its own, until {@link #destination} or receiving.
     *
     * @param slot which
     * @param trafficClass DSCP and ECN, 0 to 255
     * @return 0, {@link ReturnCode#BAD_ARGUMENT}
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

    /** Whether it is several datagrams. */
    boolean isSegmented(int slot) {
        return segmentBytes[slot] != 0 && lengths[slot] > segmentBytes[slot];
    }

    void readyToSend(int first, int count) {
        for (int slot = first; slot < first + count; slot++) {
            headers.readyToSend(
                    slot, address(slot), lengths[slot], isSegmented(slot) ? segmentBytes[slot] : 0);
        }
    }

    /** How much of a slot has gone already, segment by segment. */
    int sentBytes(int slot) {
        return sentBytes[slot];
    }

    /** That much has gone; whether it is all. */
    boolean sentSingly(int slot, int bytes) {
        sentBytes[slot] += bytes;
        boolean isWhole = sentBytes[slot] == lengths[slot];
        if (isWhole) {
            sentBytes[slot] = 0;
        }
        return isWhole;
    }
}
