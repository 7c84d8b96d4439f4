package io.penstock.udp;

import static io.penstock.core.sys.Linux.MSGHDR_BYTES;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.ControlMessages;
import io.penstock.core.net.Endpoint;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;

/**
 * Reads the errors that came back for datagrams that a socket sent, one at a time.
 *
 * <pre>
 *   0          56       64         192
 *   +----------+--------+----------+-----------------------------------------------+
 *   | msghdr   |        | name     | cmsghdr, sock_extended_err, sockaddr of sender|
 *   +----------+--------+----------+-----------------------------------------------+
 *   sock_extended_err: errno 4, origin 1, type 1, code 1, padding 1, info 4, data 4
 * </pre>
 *
 * <p><b>See</b>: ip(7), {@code IP_RECVERR}.
 */
final class ErrorQueue {
    private static final int NAME_OFFSET = 64;
    private static final int NAME_BYTES = 128;
    private static final int CONTROL_OFFSET = NAME_OFFSET + NAME_BYTES;
    private static final int CONTROL_BYTES = 256; // the kernel puts all other messages before it
    private static final int INFO_OFFSET = 8;
    private static final int EXTENDED_ERROR_BYTES = 16;
    private static final int MAX_ERRNO = 4095;

    private final NativeBuffer memory = NativeBuffer.allocate(CONTROL_OFFSET + CONTROL_BYTES);
    private final ControlMessages control = new ControlMessages(memory);
    private final Endpoint flyweight = new Endpoint();
    private int mtuBytes;
    private int offenderAt;
    private int offenderBytes; // 0: there is none

    /** Takes one error: {@code -errno}, or {@code -EAGAIN} if there is none. */
    int take(Posix posix, int descriptor, Endpoint destination) {
        long base = memory.addressOffset();
        memory.setMemory(0, MSGHDR_BYTES, (byte) 0);
        memory.putLong(Linux.MSGHDR_NAME_OFFSET, base + NAME_OFFSET);
        memory.putInt(Linux.MSGHDR_NAMELEN_OFFSET, NAME_BYTES);
        memory.putLong(Linux.MSGHDR_CONTROL_OFFSET, base + CONTROL_OFFSET);
        memory.putLong(Linux.MSGHDR_CONTROLLEN_OFFSET, CONTROL_BYTES);
        destination.length(0);
        offenderBytes = 0;
        mtuBytes = 0;
        int rc = (int) posix.recvmsg(descriptor, base, Linux.MSG_ERRQUEUE | Linux.MSG_DONTWAIT);
        if (rc < 0) {
            return rc;
        }
        copy(NAME_OFFSET, memory.getInt(Linux.MSGHDR_NAMELEN_OFFSET), destination);
        control.wrap(CONTROL_OFFSET, CONTROL_BYTES,
                memory.getLong(Linux.MSGHDR_CONTROLLEN_OFFSET));
        while (control.next() > 0) {
            if (control.is(Linux.IPPROTO_IP, Linux.IP_RECVERR, EXTENDED_ERROR_BYTES)
                    || control.is(Linux.IPPROTO_IPV6, Linux.IPV6_RECVERR, EXTENDED_ERROR_BYTES)) {
                return extendedError(control.dataOffset());
            }
        }
        return -Errno.EIO; // an error of an unknown kind
    }

    private int extendedError(int error) {
        int code = memory.getInt(error);
        mtuBytes = code == Errno.EMSGSIZE ? memory.getInt(error + INFO_OFFSET) : 0;
        offenderAt = error + EXTENDED_ERROR_BYTES;
        offenderBytes = control.dataBytes() - EXTENDED_ERROR_BYTES;
        return code < 1 || code > MAX_ERRNO ? -Errno.EIO : -code;
    }

    /** The path's MTU that the last error reported. */
    int mtuBytes() {
        return mtuBytes == 0 ? ReturnCode.NOT_SUPPORTED : mtuBytes;
    }

    /** The address that sent the last error: a router's, or the destination's. */
    int offender(Endpoint endpoint) {
        if (offenderBytes < Endpoint.IPV4_BYTES) {
            return ReturnCode.NOT_SUPPORTED;
        }
        int length = switch (memory.getShort(offenderAt)) {
            case Linux.AF_INET -> Endpoint.IPV4_BYTES;
            case Linux.AF_INET6 -> Endpoint.IPV6_BYTES;
            default -> Integer.MAX_VALUE; // this machine itself
        };
        return length > offenderBytes ? ReturnCode.NOT_SUPPORTED
                : copy(offenderAt, length, endpoint);
    }

    private int copy(int at, int length, Endpoint endpoint) {
        flyweight.wrap(memory, at, Math.clamp(length, 0, NAME_BYTES));
        return endpoint.copyFrom(flyweight);
    }
}
