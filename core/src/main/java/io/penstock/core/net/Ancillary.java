package io.penstock.core.net;

import static io.penstock.core.sys.Linux.CMSGHDR_BYTES;
import static io.penstock.core.sys.Linux.MSGHDR_BYTES;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;

/**
 * A {@code msghdr} with room for the most that one message may carry: 253 descriptors and a sender.
 *
 * <pre>
 *   0          56  64       80                                       80 + CONTROL_BYTES
 *   +----------+---+--------+------------------------------------------+
 *   | msghdr   |   | iovec  | cmsghdr, data, cmsghdr, data             |
 *   +----------+---+--------+------------------------------------------+
 * </pre>
 */
final class Ancillary {
    /** The kernel's SCM_MAX_FD. */
    static final int MAX_DESCRIPTORS = 253;

    private static final int IOVEC_OFFSET = 64;
    private static final int CONTROL_OFFSET = 80;
    private static final int UCRED_BYTES = 12;
    private static final int CONTROL_BYTES = CMSGHDR_BYTES + align(MAX_DESCRIPTORS * Integer.BYTES)
            + CMSGHDR_BYTES + align(UCRED_BYTES);

    private final Posix posix;
    private final AncillaryHandler handler;
    private final NativeBuffer memory = NativeBuffer.allocate(CONTROL_OFFSET + CONTROL_BYTES);
    private final int[] descriptors = new int[MAX_DESCRIPTORS];

    Ancillary(Posix posix, AncillaryHandler handler) {
        this.posix = posix;
        this.handler = handler;
    }

    /** Receives bytes, and hands on what came beside them. */
    long receive(SocketStream stream, int descriptor, long address, int length) {
        message(address, length, CONTROL_BYTES);
        long n = posix.recvmsg(descriptor, memory.addressOffset(),
                Linux.MSG_DONTWAIT | Linux.MSG_CMSG_CLOEXEC);
        // At the end there is a sender too, of nobody; and of a set all of which was cut off
        // nothing is left but the flag.
        if (n > 0 && (memory.getLong(Linux.MSGHDR_CONTROLLEN_OFFSET) > 0 || isTruncated())) {
            deliver(stream);
        }
        return n;
    }

    private boolean isTruncated() {
        return (memory.getInt(Linux.MSGHDR_FLAGS_OFFSET) & Linux.MSG_CTRUNC) != 0;
    }

    private void deliver(SocketStream stream) {
        int end = CONTROL_OFFSET + (int) memory.getLong(Linux.MSGHDR_CONTROLLEN_OFFSET);
        int count = 0;
        int at = CONTROL_OFFSET;
        while (at + CMSGHDR_BYTES <= end) {
            int bytes = (int) memory.getLong(at);
            if (bytes < CMSGHDR_BYTES) {
                break;
            }
            int data = at + CMSGHDR_BYTES;
            if (memory.getInt(at + 8) == Linux.SOL_SOCKET) {
                if (memory.getInt(at + 12) == Linux.SCM_RIGHTS) {
                    count = collect(data, Math.min(at + bytes, end), count);
                } else if (memory.getInt(at + 12) == Linux.SCM_CREDENTIALS) {
                    stream.callOnCredentials(handler, memory.getInt(data),
                            memory.getInt(data + 4), memory.getInt(data + 8));
                }
            }
            at += align(bytes);
        }
        if (!stream.isOpen()) {
            closeAll(count); // closed for who sent them: nothing more is told
        } else if (isTruncated()) {
            closeAll(count);
            stream.callOnDescriptors(handler, descriptors, ReturnCode.DESCRIPTORS_TRUNCATED);
        } else if (count > 0) {
            stream.callOnDescriptors(handler, descriptors, count);
        }
    }

    private int collect(int from, int to, int count) {
        int n = count;
        for (int at = from; at + Integer.BYTES <= to && n < MAX_DESCRIPTORS; at += Integer.BYTES) {
            descriptors[n++] = memory.getInt(at);
        }
        return n;
    }

    /** Half a set is of no use to anybody, and nobody else knows the numbers. */
    private void closeAll(int count) {
        for (int i = 0; i < count; i++) {
            posix.close(descriptors[i]);
        }
    }

    long send(int descriptor, long address, int length, int[] sent, int count) {
        int bytes = count * Integer.BYTES;
        message(address, length, CMSGHDR_BYTES + align(bytes));
        memory.putLong(CONTROL_OFFSET, CMSGHDR_BYTES + bytes);
        memory.putInt(CONTROL_OFFSET + 8, Linux.SOL_SOCKET);
        memory.putInt(CONTROL_OFFSET + 12, Linux.SCM_RIGHTS);
        for (int i = 0; i < count; i++) {
            memory.putInt(CONTROL_OFFSET + CMSGHDR_BYTES + i * Integer.BYTES, sent[i]);
        }
        return posix.sendmsg(descriptor, memory.addressOffset(),
                Linux.MSG_DONTWAIT | Linux.MSG_NOSIGNAL);
    }

    private void message(long address, int length, int controlBytes) {
        long base = memory.addressOffset();
        memory.setMemory(0, MSGHDR_BYTES, (byte) 0);
        memory.putLong(IOVEC_OFFSET, address);
        memory.putLong(IOVEC_OFFSET + 8, length);
        memory.putLong(Linux.MSGHDR_IOV_OFFSET, base + IOVEC_OFFSET);
        memory.putLong(Linux.MSGHDR_IOVLEN_OFFSET, 1);
        memory.putLong(Linux.MSGHDR_CONTROL_OFFSET, base + CONTROL_OFFSET);
        memory.putLong(Linux.MSGHDR_CONTROLLEN_OFFSET, controlBytes);
    }

    private static int align(int bytes) {
        return bytes + 7 & ~7;
    }
}
