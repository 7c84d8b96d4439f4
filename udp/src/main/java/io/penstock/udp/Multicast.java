package io.penstock.udp;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.Endpoint;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import java.lang.ref.Reference;

/**
 * Joins and leaves groups by the socket options that take IPv4 and IPv6 alike.
 *
 * <pre>
 *   group_source_req:  interface (4) | padding (4) | group, 128 bytes | source, 128 bytes
 *   ip_mreqn:          0 (4) | 0 (4) | interface (4)
 * </pre>
 *
 * <p><b>See</b>: ip(7), ipv6(7), RFC 3678.
 */
final class Multicast {
    private static final int GROUP_OFFSET = 8;
    private static final int SOURCE_OFFSET = GROUP_OFFSET + 128;
    private static final int REQUEST_BYTES = SOURCE_OFFSET + 128;
    private static final int MREQN_BYTES = 12;
    private static final int MREQN_INTERFACE_OFFSET = 8;

    private Multicast() {
    }

    /** Joins or leaves, by {@code name}; a null {@code source} stands for any source. */
    static int change(Posix posix, int fd, int name, Endpoint group, Endpoint source,
            int interfaceIndex) {
        int family = group.family();
        if (family != Linux.AF_INET && family != Linux.AF_INET6) {
            return ReturnCode.BAD_ADDRESS;
        }
        NativeBuffer request = NativeBuffer.allocate(REQUEST_BYTES);
        Endpoint at = new Endpoint();
        request.putInt(0, interfaceIndex);
        at.wrap(request, GROUP_OFFSET, Endpoint.MAX_BYTES);
        at.copyFrom(group);
        if (source != null) {
            at.wrap(request, SOURCE_OFFSET, Endpoint.MAX_BYTES);
            at.copyFrom(source);
        }
        int rc = posix.setsockopt(fd, level(family), name, request.addressOffset(),
                source == null ? SOURCE_OFFSET : REQUEST_BYTES);
        Reference.reachabilityFence(request);
        return rc;
    }

    /** Sets the interface that multicast is sent by. */
    static int sendBy(Posix posix, int fd, int family, int interfaceIndex) {
        NativeBuffer request = NativeBuffer.allocate(MREQN_BYTES);
        boolean is6 = family == Linux.AF_INET6;
        request.putInt(is6 ? 0 : MREQN_INTERFACE_OFFSET, interfaceIndex);
        int rc = posix.setsockopt(fd, level(family),
                is6 ? Linux.IPV6_MULTICAST_IF : Linux.IP_MULTICAST_IF,
                request.addressOffset(), is6 ? Integer.BYTES : MREQN_BYTES);
        Reference.reachabilityFence(request);
        return rc;
    }

    private static int level(int family) {
        return family == Linux.AF_INET6 ? Linux.IPPROTO_IPV6 : Linux.IPPROTO_IP;
    }
}
