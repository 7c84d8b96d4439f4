package io.penstock.tls;

import io.penstock.core.net.Endpoint;
import io.penstock.core.net.SocketOption;
import io.penstock.core.sys.Errno;
import io.penstock.udp.UdpSocket;

/**
 * The way of a connection's datagrams to its peer: how much one may carry, which is less once the
 * path turned out to carry less, and the sending of what the library has made.
 */
final class DtlsPath {
    private static final int IPV4_OVERHEAD_BYTES = 28; // of IP and UDP
    private static final int IPV6_OVERHEAD_BYTES = 48;

    private final TlsContext context;
    private final Records records;
    private final Connection connection;
    private final boolean isShared; // the socket has other peers, too
    private final Endpoint peer;
    private UdpSocket socket;
    int firstMtuBytes = DtlsConnection.DEFAULT_MTU_BYTES;
    int mtuBytes;
    private int overheadBytes;

    DtlsPath(TlsContext context, Connection connection, Endpoint peer, boolean isShared) {
        this.context = context;
        records = context.records();
        this.connection = connection;
        this.peer = peer;
        this.isShared = isShared;
    }

    void open(UdpSocket over) {
        socket = over;
        overheadBytes = 0;
        use(firstMtuBytes);
    }

    /** The keys are there, and with them what a record takes besides its data. */
    void established() {
        overheadBytes = connection.overheadBytes();
        use(mtuBytes);
    }

    /** The most data that a datagram carries. */
    int maxDataBytes() {
        return Math.min(datagramBytes() - overheadBytes, Records.MAX_PLAIN_BYTES);
    }

    private int datagramBytes() {
        return mtuBytes - (peer.isIpv4() ? IPV4_OVERHEAD_BYTES : IPV6_OVERHEAD_BYTES);
    }

    private void use(int bytes) {
        mtuBytes = bytes;
        connection.datagramBytes(datagramBytes());
    }

    int send() {
        return send(records.takeOutput());
    }

    /**
     * Sends what the library has for the peer, as many of its records in a datagram as there is
     * room for: 0, or the code of the first that was not sent.
     */
    int send(int n) {
        int code = 0;
        int from = 0;
        while (from < n) {
            int to = Flight.end(records.out, from, n, datagramBytes());
            int rc = isShared ? socket.send(records.out, from, to - from, peer)
                    : socket.send(records.out, from, to - from);
            if (rc >= 0) {
                context.count(TlsMetrics.CIPHER_OUT_BYTES_OFFSET, rc);
            } else {
                context.count(TlsMetrics.LOST_OFFSET, 1);
                code = code == 0 ? rc : code;
            }
            from = to;
        }
        if (code == -Errno.EMSGSIZE) {
            shrink();
        }
        return code;
    }

    /** The path carries less than was thought: as much as the kernel knows, or try a bit less. */
    private void shrink() {
        int known = isShared ? 0 : socket.option(
                peer.isIpv4() ? SocketOption.IP_MTU : SocketOption.IPV6_MTU);
        shrink(known > 0 && known < mtuBytes ? known : mtuBytes - mtuBytes / 8);
    }

    void shrink(int bytes) {
        if (bytes > 0 && bytes < mtuBytes) {
            use(Math.max(DtlsConnection.LEAST_MTU_BYTES, bytes));
        }
    }

    /** What a client's own socket says of its only peer will not be better when it is repeated. */
    boolean isHopeless(int code) {
        return !isShared && code < 0 && code != -Errno.EAGAIN
                && code != -Errno.ENOBUFS && code != -Errno.EMSGSIZE;
    }
}
