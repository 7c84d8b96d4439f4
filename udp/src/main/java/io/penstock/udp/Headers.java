package io.penstock.udp;

import static io.penstock.core.sys.Linux.IOVEC_BYTES;
import static io.penstock.core.sys.Linux.MMSGHDR_BYTES;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.ControlMessages;
import io.penstock.core.net.Endpoint;
import io.penstock.core.sys.Linux;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * The arguments of recvmmsg and sendmmsg: for each slot a header, the place of its bytes, an
 * address, and control messages.
 *
 * <pre>
 *   mmsghdr of each slot | iovec of each slot | slot 0                           | slot 1 …
 *                                             | name 128 | control 192 | local 48|
 *   local:  sockaddr, its port 0 (28) | interface (4) | IPv4 address to answer from (4)
 * </pre>
 */
final class Headers {
    private static final int NAME_BYTES = 128;
    private static final int CONTROL_BYTES = 192;
    private static final int LOCAL_OFFSET = NAME_BYTES + CONTROL_BYTES;
    private static final int INTERFACE_OFFSET = LOCAL_OFFSET + Endpoint.IPV6_BYTES;
    private static final int ANSWER_OFFSET = INTERFACE_OFFSET + 4;
    private static final int SLOT_BYTES = LOCAL_OFFSET + 48;

    // The sizes of the control messages' data.
    private static final int TIMESPEC_BYTES = 16;
    private static final int PKTINFO_BYTES = 12;
    private static final int PKTINFO6_BYTES = 20;

    // Marks of a slot.
    private static final int TRUNCATED = 1;
    private static final int HAS_LOCAL = 2;
    private static final int SENDS_INTERFACE = 4;
    private static final int SENDS_CLASS = 8;

    /** The third word of an IPv4 address that is mapped into IPv6, as it lies in memory. */
    private static final int MAPPED = 0xffff_0000;

    private final int slots;
    private final NativeBuffer memory;
    private final ControlMessages control;
    private final int[] marks;
    private final int[] trafficClasses;
    private final long[] timestampsNs;
    private final Endpoint flyweight = new Endpoint();
    private final Endpoint destination = new Endpoint();
    private int touched; // slots, from the first on, to prepare again before receiving
    // The last preparation to receive.
    private long receiveAddress;
    private int receiveBytes;
    private int receiveControlBytes;

    Headers(int slots) {
        this.slots = slots;
        memory = NativeBuffer.allocate(slots * (MMSGHDR_BYTES + IOVEC_BYTES + SLOT_BYTES));
        control = new ControlMessages(memory);
        marks = new int[slots];
        trafficClasses = new int[slots];
        timestampsNs = new long[slots];
        for (int slot = 0; slot < slots; slot++) {
            int header = slot * MMSGHDR_BYTES;
            long base = memory.addressOffset();
            memory.putLong(header + Linux.MSGHDR_NAME_OFFSET, base + at(slot));
            memory.putLong(header + Linux.MSGHDR_IOV_OFFSET, base + iovec(slot));
            memory.putLong(header + Linux.MSGHDR_IOVLEN_OFFSET, 1);
            memory.putLong(header + Linux.MSGHDR_CONTROL_OFFSET, base + at(slot) + NAME_BYTES);
            trafficClasses[slot] = ReturnCode.NOT_SUPPORTED;
        }
    }

    private int iovec(int slot) {
        return slots * MMSGHDR_BYTES + slot * IOVEC_BYTES;
    }

    private int at(int slot) {
        return slots * (MMSGHDR_BYTES + IOVEC_BYTES) + slot * SLOT_BYTES;
    }

    /** The address of a slot's {@code mmsghdr}, which begins with a {@code msghdr}. */
    long address(int slot) {
        return memory.addressOffset() + slot * MMSGHDR_BYTES;
    }

    // Receiving

    /**
     * Prepares every slot for recvmmsg. A Unix socket gets no memory for control messages: they
     * could bring descriptors, which nothing here would close.
     */
    void readyToReceive(long address, int slotBytes, boolean isUnix) {
        int controlBytes = isUnix ? 0 : CONTROL_BYTES;
        if (address != receiveAddress || slotBytes != receiveBytes
                || controlBytes != receiveControlBytes) {
            receiveAddress = address;
            receiveBytes = slotBytes;
            receiveControlBytes = controlBytes;
            touched = slots;
        }
        for (int slot = 0; slot < touched; slot++) {
            int header = slot * MMSGHDR_BYTES;
            memory.putInt(header + Linux.MSGHDR_NAMELEN_OFFSET, NAME_BYTES);
            memory.putLong(header + Linux.MSGHDR_CONTROLLEN_OFFSET, controlBytes);
            memory.putLong(iovec(slot), address + (long) slot * slotBytes);
            memory.putLong(iovec(slot) + Long.BYTES, slotBytes);
        }
        touched = 0;
    }

    /** After recvmmsg: reads a slot's metadata, and returns the size of its segments, or 0. */
    int received(int slot) {
        int header = slot * MMSGHDR_BYTES;
        touched = Math.max(touched, slot + 1);
        int flags = memory.getInt(header + Linux.MSGHDR_FLAGS_OFFSET);
        marks[slot] = (flags & Linux.MSG_TRUNC) != 0 ? TRUNCATED : 0;
        trafficClasses[slot] = ReturnCode.NOT_SUPPORTED;
        timestampsNs[slot] = 0;
        long controlBytes = memory.getLong(header + Linux.MSGHDR_CONTROLLEN_OFFSET);
        return controlBytes == 0 ? 0 : readControl(slot, controlBytes);
    }

    /** Ignores a control message that is cut off, and all that follow a malformed one. */
    private int readControl(int slot, long controlBytes) {
        int segment = 0;
        control.wrap(at(slot) + NAME_BYTES, CONTROL_BYTES, controlBytes);
        while (control.next() > 0) {
            int data = control.dataOffset();
            if (control.is(Linux.IPPROTO_UDP, Linux.UDP_GRO, Integer.BYTES)) {
                segment = Math.max(0, memory.getInt(data));
            } else if (control.is(Linux.SOL_SOCKET, Linux.SO_TIMESTAMPNS, TIMESPEC_BYTES)) {
                timestampsNs[slot] =
                        memory.getLong(data) * 1_000_000_000L + memory.getLong(data + 8);
            } else if (control.is(Linux.IPPROTO_IP, Linux.IP_TOS, Byte.BYTES)) {
                trafficClasses[slot] = memory.getByte(data) & 0xff;
            } else if (control.is(Linux.IPPROTO_IPV6, Linux.IPV6_TCLASS, Integer.BYTES)) {
                trafficClasses[slot] = memory.getInt(data) & 0xff;
            } else if (control.is(Linux.IPPROTO_IP, Linux.IP_PKTINFO, PKTINFO_BYTES)) {
                readLocal4(slot, data);
            } else if (control.is(Linux.IPPROTO_IPV6, Linux.IPV6_PKTINFO, PKTINFO6_BYTES)) {
                readLocal6(slot, data);
            }
        }
        return segment;
    }

    /** Reads an {@code in_pktinfo}: interface, address to answer from, address sent to. */
    private void readLocal4(int slot, int data) {
        int local = at(slot) + LOCAL_OFFSET;
        memory.setMemory(local, Endpoint.IPV6_BYTES, (byte) 0);
        memory.putShort(local, (short) Linux.AF_INET);
        memory.putInt(local + Endpoint.IPV4_ADDRESS_OFFSET, memory.getInt(data + 8));
        memory.putInt(at(slot) + INTERFACE_OFFSET, memory.getInt(data));
        memory.putInt(at(slot) + ANSWER_OFFSET, memory.getInt(data + 4));
        marks[slot] |= HAS_LOCAL;
    }

    /** Reads an {@code in6_pktinfo}: address that the datagram was sent to, interface. */
    private void readLocal6(int slot, int data) {
        if ((marks[slot] & HAS_LOCAL) != 0) {
            return; // IPv4 on an IPv6 socket with both options: in_pktinfo says more
        }
        int local = at(slot) + LOCAL_OFFSET;
        memory.setMemory(local, Endpoint.IPV6_BYTES, (byte) 0);
        memory.putShort(local, (short) Linux.AF_INET6);
        memory.putBytes(local + Endpoint.IPV6_ADDRESS_OFFSET, memory, data, 16);
        int index = memory.getInt(data + 16);
        if (isLinkLocal(local)) {
            memory.putInt(local + Endpoint.IPV6_SCOPE_OFFSET, index);
        }
        memory.putInt(at(slot) + INTERFACE_OFFSET, index);
        marks[slot] |= HAS_LOCAL;
    }

    private boolean isLinkLocal(int local) {
        int first = memory.getShort(local + Endpoint.IPV6_ADDRESS_OFFSET, ByteOrder.BIG_ENDIAN);
        return (first & 0xffc0) == 0xfe80;
    }

    /** The full length of a slot's datagram, though the slot may have held only a part. */
    int moved(int slot) {
        return memory.getInt(slot * MMSGHDR_BYTES + Linux.MMSGHDR_LEN_OFFSET);
    }

    boolean isTruncated(int slot) {
        return (marks[slot] & TRUNCATED) != 0;
    }

    int trafficClass(int slot) {
        return trafficClasses[slot];
    }

    long timestampNs(int slot) {
        return timestampsNs[slot];
    }

    int interfaceIndex(int slot) {
        return (marks[slot] & HAS_LOCAL) == 0 ? ReturnCode.NOT_SUPPORTED
                : memory.getInt(at(slot) + INTERFACE_OFFSET);
    }

    int name(int slot, Endpoint endpoint) {
        Objects.checkIndex(slot, slots);
        int length = memory.getInt(slot * MMSGHDR_BYTES + Linux.MSGHDR_NAMELEN_OFFSET);
        return copy(at(slot), Math.clamp(length, 0, NAME_BYTES), endpoint);
    }

    int local(int slot, Endpoint endpoint) {
        if ((marks[slot] & HAS_LOCAL) == 0) {
            return ReturnCode.NOT_SUPPORTED;
        }
        int local = at(slot) + LOCAL_OFFSET;
        boolean is4 = memory.getShort(local) == Linux.AF_INET;
        return copy(local, is4 ? Endpoint.IPV4_BYTES : Endpoint.IPV6_BYTES, endpoint);
    }

    private int copy(int at, int length, Endpoint endpoint) {
        flyweight.wrap(memory, at, length);
        int rc = endpoint.copyFrom(flyweight);
        if (rc < 0) {
            endpoint.length(0); // rather no address than the former one
        }
        return rc;
    }

    // Sending

    /** Sets a slot's destination; null for the peer of a connected socket. */
    int destination(int slot, Endpoint endpoint) {
        flyweight.wrap(memory, at(Objects.checkIndex(slot, slots)), NAME_BYTES);
        flyweight.length(0);
        if (endpoint != null) {
            flyweight.copyFrom(endpoint);
        }
        memory.putInt(slot * MMSGHDR_BYTES + Linux.MSGHDR_NAMELEN_OFFSET, flyweight.length());
        touched = Math.max(touched, slot + 1);
        marks[slot] = 0;
        trafficClasses[slot] = ReturnCode.NOT_SUPPORTED;
        return 0;
    }

    int source(int slot, Endpoint local, int interfaceIndex) {
        if (local.length() > 0 && !local.isIpv4() && !local.isIpv6()) {
            return ReturnCode.BAD_ADDRESS;
        }
        int at = at(Objects.checkIndex(slot, slots));
        flyweight.wrap(memory, at + LOCAL_OFFSET, Endpoint.IPV6_BYTES);
        if (local.length() == 0) {
            memory.setMemory(at + LOCAL_OFFSET, Endpoint.IPV6_BYTES, (byte) 0); // AF_UNSPEC
        } else {
            flyweight.copyFrom(local);
            flyweight.port(0);
        }
        memory.putInt(at + INTERFACE_OFFSET, interfaceIndex);
        memory.putInt(at + ANSWER_OFFSET,
                memory.getInt(at + LOCAL_OFFSET + Endpoint.IPV4_ADDRESS_OFFSET));
        marks[slot] |= HAS_LOCAL | SENDS_INTERFACE;
        return 0;
    }

    int trafficClass(int slot, int value) {
        if (value < 0 || value > 255) {
            return ReturnCode.BAD_ARGUMENT;
        }
        trafficClasses[slot] = value;
        marks[slot] |= SENDS_CLASS;
        return 0;
    }

    /** Prepares a slot for sendmmsg; {@code segment} is the size of its segments, or 0. */
    void readyToSend(int slot, long address, int length, int segment) {
        int header = slot * MMSGHDR_BYTES;
        touched = Math.max(touched, slot + 1);
        memory.putLong(iovec(slot), address);
        memory.putLong(iovec(slot) + Long.BYTES, length);
        boolean isPlain = segment == 0 && (marks[slot] & (HAS_LOCAL | SENDS_CLASS)) == 0;
        memory.putLong(header + Linux.MSGHDR_CONTROLLEN_OFFSET,
                isPlain ? 0 : writeControl(slot, segment));
    }

    private int writeControl(int slot, int segment) {
        control.begin(at(slot) + NAME_BYTES, CONTROL_BYTES);
        if ((marks[slot] & HAS_LOCAL) != 0) {
            writeLocal(slot);
        }
        if ((marks[slot] & SENDS_CLASS) != 0) { // each family ignores the other's message
            memory.putInt(control.add(Linux.IPPROTO_IP, Linux.IP_TOS, Integer.BYTES),
                    trafficClasses[slot]);
            memory.putInt(control.add(Linux.IPPROTO_IPV6, Linux.IPV6_TCLASS, Integer.BYTES),
                    trafficClasses[slot]);
        }
        if (segment > 0) {
            memory.putShort(control.add(Linux.IPPROTO_UDP, Linux.UDP_SEGMENT, Short.BYTES),
                    (short) segment);
        }
        return control.bytes();
    }

    private void writeLocal(int slot) {
        int local = at(slot) + LOCAL_OFFSET;
        // An answer takes the interface that the routes name, not the one that it arrived on.
        int index = (marks[slot] & SENDS_INTERFACE) == 0 ? 0
                : memory.getInt(at(slot) + INTERFACE_OFFSET);
        int family = memory.getShort(local);
        if (family != Linux.AF_INET6) {
            int data = control.add(Linux.IPPROTO_IP, Linux.IP_PKTINFO, PKTINFO_BYTES);
            memory.putInt(data, index);
            memory.putInt(data + 4, memory.getInt(at(slot) + ANSWER_OFFSET));
            memory.putInt(data + 8, 0);
        }
        if (family == Linux.AF_INET || family == Linux.AF_UNSPEC && goesToIpv4(slot)
                || isGroup(local)) {
            return;
        }
        int data = control.add(Linux.IPPROTO_IPV6, Linux.IPV6_PKTINFO, PKTINFO6_BYTES);
        memory.putBytes(data, memory, local + Endpoint.IPV6_ADDRESS_OFFSET, 16);
        memory.putInt(data + 16, index);
    }

    /** Whether the slot goes to IPv4, mapped or not: the kernel refuses an IPv6 source there. */
    private boolean goesToIpv4(int slot) {
        name(slot, destination);
        return destination.isIpv4() || destination.isIpv4Mapped();
    }

    /** Whether the local address is a multicast group, which nothing can be sent from. */
    private boolean isGroup(int local) {
        int address = local + Endpoint.IPV6_ADDRESS_OFFSET;
        return memory.getByte(address) == (byte) 0xff
                || (memory.getByte(address + 12) & 0xf0) == 0xe0
                && memory.getLong(address) == 0 && memory.getInt(address + 8) == MAPPED;
    }
}
