package io.penstock.udp;

import static io.penstock.core.sys.Linux.CMSGHDR_BYTES;
import static io.penstock.core.sys.Linux.IOVEC_BYTES;
import static io.penstock.core.sys.Linux.MMSGHDR_BYTES;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.Endpoint;
import io.penstock.core.sys.Linux;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * What recvmmsg and sendmmsg are given: for each slot a header, where its bytes are, an address,
 * and control messages, which are read and written here and nowhere else.
 *
 * <pre>
 *   mmsghdr of each slot | iovec of each slot | of slot 0                        | of slot 1 …
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

    // The control messages, level and type in one.
    private static final int TIMESTAMP = kind(Linux.SOL_SOCKET, Linux.SO_TIMESTAMPNS);
    private static final int PKTINFO = kind(Linux.IPPROTO_IP, Linux.IP_PKTINFO);
    private static final int PKTINFO6 = kind(Linux.IPPROTO_IPV6, Linux.IPV6_PKTINFO);
    private static final int TOS = kind(Linux.IPPROTO_IP, Linux.IP_TOS);
    private static final int TCLASS = kind(Linux.IPPROTO_IPV6, Linux.IPV6_TCLASS);
    private static final int GRO = kind(Linux.IPPROTO_UDP, Linux.UDP_GRO);
    private static final int SEGMENT = kind(Linux.IPPROTO_UDP, Linux.UDP_SEGMENT);

    // What is known of a slot.
    private static final int TRUNCATED = 1;
    private static final int HAS_LOCAL = 2;
    private static final int SENDS_INTERFACE = 4;
    private static final int SENDS_CLASS = 8;

    /** The third word of an IPv4 address that is mapped into IPv6, as it lies in memory. */
    private static final int MAPPED = 0xffff_0000;

    private final int slots;
    private final NativeBuffer memory;
    private final int[] marks;
    private final int[] trafficClasses;
    private final long[] timestampsNs;
    private final Endpoint flyweight = new Endpoint();
    private final Endpoint destination = new Endpoint();
    private int touched; // slots, from the first, that are not as receiving wants them
    // What receiving wants.
    private long receiveAddress;
    private int receiveBytes;
    private int receiveControlBytes;

    Headers(int slots) {
        this.slots = slots;
        memory = NativeBuffer.allocate(slots * (MMSGHDR_BYTES + IOVEC_BYTES + SLOT_BYTES));
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

    /** Where a slot's {@code mmsghdr} is, which begins with a {@code msghdr}. */
    long address(int slot) {
        return memory.addressOffset() + slot * MMSGHDR_BYTES;
    }

    // Receiving

    /**
     * Before recvmmsg: every slot has all of its room. A Unix socket takes no control messages:
     * they could bring descriptors, which nobody here would know of.
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

    /** After it: reads what the kernel tells of a slot; the size of its segments, or 0. */
    int received(int slot) {
        int header = slot * MMSGHDR_BYTES;
        touched = Math.max(touched, slot + 1);
        int flags = memory.getInt(header + Linux.MSGHDR_FLAGS_OFFSET);
        marks[slot] = (flags & Linux.MSG_TRUNC) != 0 ? TRUNCATED : 0;
        trafficClasses[slot] = ReturnCode.NOT_SUPPORTED;
        timestampsNs[slot] = 0;
        int controlBytes = (int) memory.getLong(header + Linux.MSGHDR_CONTROLLEN_OFFSET);
        return controlBytes == 0 ? 0 : readControl(slot,
                Math.min(controlBytes, CONTROL_BYTES), (flags & Linux.MSG_CTRUNC) != 0);
    }

    private int readControl(int slot, int controlBytes, boolean isCutShort) {
        int segment = 0;
        int at = at(slot) + NAME_BYTES;
        int end = at + controlBytes;
        while (at + CMSGHDR_BYTES <= end) {
            int bytes = (int) memory.getLong(at);
            if (bytes < CMSGHDR_BYTES || bytes > end - at
                    || isCutShort && at + align(bytes) >= end) {
                break; // the last one of those that are cut short is not whole
            }
            int data = at + CMSGHDR_BYTES;
            int kind = kind(memory.getInt(at + 8), memory.getInt(at + 12));
            if (kind == GRO) {
                segment = memory.getInt(data);
            } else if (kind == TIMESTAMP) {
                timestampsNs[slot] =
                        memory.getLong(data) * 1_000_000_000L + memory.getLong(data + 8);
            } else if (kind == TOS) {
                trafficClasses[slot] = memory.getByte(data) & 0xff;
            } else if (kind == TCLASS) {
                trafficClasses[slot] = memory.getInt(data) & 0xff;
            } else if (kind == PKTINFO) {
                readLocal4(slot, data);
            } else if (kind == PKTINFO6) {
                readLocal6(slot, data);
            }
            at += align(bytes);
        }
        return segment;
    }

    /** An {@code in_pktinfo}: interface, address to answer from, address that it was sent to. */
    private void readLocal4(int slot, int data) {
        int local = at(slot) + LOCAL_OFFSET;
        memory.setMemory(local, Endpoint.IPV6_BYTES, (byte) 0);
        memory.putShort(local, (short) Linux.AF_INET);
        memory.putInt(local + Endpoint.IPV4_ADDRESS_OFFSET, memory.getInt(data + 8));
        memory.putInt(at(slot) + INTERFACE_OFFSET, memory.getInt(data));
        memory.putInt(at(slot) + ANSWER_OFFSET, memory.getInt(data + 4));
        marks[slot] |= HAS_LOCAL;
    }

    /** An {@code in6_pktinfo}: address that it was sent to, interface. */
    private void readLocal6(int slot, int data) {
        if ((marks[slot] & HAS_LOCAL) != 0) {
            return; // an IPv6 socket with both options, and IPv4: the one tells more
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

    /** The bytes that a slot's datagram had, though there may have been room for fewer. */
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
        return copy(at(slot), Math.min(length, NAME_BYTES), endpoint);
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
            endpoint.length(0); // rather none than the one that it was before
        }
        return rc;
    }

    // Sending

    /** Null for the peer. */
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

    /** Before sendmmsg: so many bytes, cut by the kernel into segments unless that is 0. */
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
        int begin = at(slot) + NAME_BYTES;
        int at = begin;
        if ((marks[slot] & HAS_LOCAL) != 0) {
            at = writeLocal(slot, at);
        }
        if ((marks[slot] & SENDS_CLASS) != 0) { // each family leaves the other's alone
            memory.putInt(at + CMSGHDR_BYTES, trafficClasses[slot]);
            at = written(at, TOS, Integer.BYTES);
            memory.putInt(at + CMSGHDR_BYTES, trafficClasses[slot]);
            at = written(at, TCLASS, Integer.BYTES);
        }
        if (segment > 0) {
            memory.putShort(at + CMSGHDR_BYTES, (short) segment);
            at = written(at, SEGMENT, Short.BYTES);
        }
        return at - begin;
    }

    private int writeLocal(int slot, int at) {
        int local = at(slot) + LOCAL_OFFSET;
        int data = at + CMSGHDR_BYTES;
        // An answer goes the way that the routes say, not back the way that it came.
        int index = (marks[slot] & SENDS_INTERFACE) == 0 ? 0
                : memory.getInt(at(slot) + INTERFACE_OFFSET);
        int family = memory.getShort(local);
        if (family != Linux.AF_INET6) {
            memory.putInt(data, index);
            memory.putInt(data + 4, memory.getInt(at(slot) + ANSWER_OFFSET));
            memory.putInt(data + 8, 0);
            at = written(at, PKTINFO, 12);
            data = at + CMSGHDR_BYTES;
        }
        if (family == Linux.AF_INET || family == Linux.AF_UNSPEC && goesToIpv4(slot)
                || isGroup(local)) {
            return at;
        }
        memory.putBytes(data, memory, local + Endpoint.IPV6_ADDRESS_OFFSET, 16);
        memory.putInt(data + 16, index);
        return written(at, PKTINFO6, 20);
    }

    /** Mapped or not: the kernel would take an IPv6 source for a fault. */
    private boolean goesToIpv4(int slot) {
        name(slot, destination);
        return destination.isIpv4() || destination.isIpv4Mapped();
    }

    /** It was sent to a group, of IPv6 or of mapped IPv4, which nobody can send from. */
    private boolean isGroup(int local) {
        int address = local + Endpoint.IPV6_ADDRESS_OFFSET;
        return memory.getByte(address) == (byte) 0xff
                || (memory.getByte(address + 12) & 0xf0) == 0xe0
                && memory.getLong(address) == 0 && memory.getInt(address + 8) == MAPPED;
    }

    private int written(int at, int kind, int dataBytes) {
        memory.putLong(at, CMSGHDR_BYTES + dataBytes);
        memory.putInt(at + 8, kind >> 16);
        memory.putInt(at + 12, kind & 0xffff);
        return at + CMSGHDR_BYTES + align(dataBytes);
    }

    private static int kind(int level, int type) {
        return level << 16 | type;
    }

    private static int align(int bytes) {
        return bytes + 7 & ~7;
    }
}
