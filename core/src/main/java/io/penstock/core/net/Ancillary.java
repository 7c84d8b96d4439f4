package io.penstock.core.net;

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
    private static final int CONTROL_BYTES =
            ControlMessages.spaceBytes(MAX_DESCRIPTORS * Integer.BYTES)
                    + ControlMessages.spaceBytes(UCRED_BYTES);

    private final Posix posix;
    private final AncillaryHandler handler;
    private final NativeBuffer memory = NativeBuffer.allocate(CONTROL_OFFSET + CONTROL_BYTES);
    private final ControlMessages control = new ControlMessages(memory);
    private final int[] descriptors = new int[MAX_DESCRIPTORS];

    Ancillary(Posix posix, AncillaryHandler handler) {
        this.posix = posix;
        this.handler = handler;
    }

    /** Receives bytes, and passes on the descriptors and credentials that came with them. */
    long receive(SocketStream stream, int descriptor, long address, int length) {
        message(address, length, CONTROL_BYTES);
        long n = posix.recvmsg(descriptor, memory.addressOffset(),
                Linux.MSG_DONTWAIT | Linux.MSG_CMSG_CLOEXEC);
        // At the end the kernel reports credentials too, of no process. If it cut off all
        // descriptors, only the flag is left.
        if (n > 0 && (memory.getLong(Linux.MSGHDR_CONTROLLEN_OFFSET) > 0 || isTruncated())) {
            deliver(stream);
        }
        return n;
    }

    private boolean isTruncated() {
        return (memory.getInt(Linux.MSGHDR_FLAGS_OFFSET) & Linux.MSG_CTRUNC) != 0;
    }

    private void deliver(SocketStream stream) {
        control.wrap(CONTROL_OFFSET, CONTROL_BYTES,
                memory.getLong(Linux.MSGHDR_CONTROLLEN_OFFSET));
        int sender = 0;
        int count = 0;
        int rc;
        while ((rc = control.next()) > 0) {
            if (control.is(Linux.SOL_SOCKET, Linux.SCM_RIGHTS, 0)) {
                count = collect(count);
            } else if (control.is(Linux.SOL_SOCKET, Linux.SCM_CREDENTIALS, UCRED_BYTES)) {
                sender = control.dataOffset();
            }
        }
        boolean isWhole = rc == 0 && !isTruncated(); // read now: a handler may send by this memory
        if (sender > 0) {
            stream.callOnCredentials(handler, memory.getInt(sender),
                    memory.getInt(sender + 4), memory.getInt(sender + 8));
        }
        if (!stream.isOpen()) {
            closeAll(count); // closed because of the sender: no more callbacks
        } else if (!isWhole) {
            closeAll(count);
            stream.callOnDescriptors(handler, descriptors, ReturnCode.DESCRIPTORS_TRUNCATED);
        } else if (count > 0) {
            stream.callOnDescriptors(handler, descriptors, count);
        }
    }

    private int collect(int count) {
        int n = count;
        int to = control.dataOffset() + control.dataBytes();
        for (int at = control.dataOffset(); at + Integer.BYTES <= to && n < MAX_DESCRIPTORS;
                at += Integer.BYTES) {
            descriptors[n++] = memory.getInt(at);
        }
        return n;
    }

    /**
     * Closes what was received: a part of the set is of no use, and no other code knows the
     * numbers.
     */
    private void closeAll(int count) {
        for (int i = 0; i < count; i++) {
            posix.close(descriptors[i]);
        }
    }

    long send(int descriptor, long address, int length, int[] sent, int count) {
        int bytes = count * Integer.BYTES;
        control.begin(CONTROL_OFFSET, CONTROL_BYTES);
        int data = control.add(Linux.SOL_SOCKET, Linux.SCM_RIGHTS, bytes);
        for (int i = 0; i < count; i++) {
            memory.putInt(data + i * Integer.BYTES, sent[i]);
        }
        message(address, length, control.bytes());
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
}
