package io.penstock.tls;

import io.penstock.core.net.Endpoint;
import io.penstock.core.net.SocketOption;
import io.penstock.core.sys.Errno;
import io.penstock.udp.UdpSocket;

/**
 * The path of a connection's datagrams to its peer: how long a datagram may be, which is less once
 * the path has refused one, and the sending of the library's output.
 */
final class DtlsPath {
    private static final int IPV4_OVERHEAD_BYTES = 28; // of IP and UDP
    private static final int IPV6_OVERHEAD_BYTES = 48;

    private final TlsContext context;
    private final Records records;
    private final SslConnection connection;
    private final boolean isShared; // the socket has other peers, too
    private final Endpoint peer;
    private UdpSocket socket;
    int firstMtuBytes = DtlsConnection.DEFAULT_MTU_BYTES;
    int mtuBytes;
    private int overheadBytes;

    DtlsPath(TlsContext context, SslConnection connection, Endpoint peer, boolean isShared) {
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

    /** The keys are known, and with them the bytes of a record besides its data. */
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
     * Sends the library's output, as many records in a datagram as fit: 0, or the code of the first
     * datagram that was not sent.
     */
    int send(int n) {
        int code = 0;
        int from = 0;
        while (from < n) {
            int to = Flight.end(records.out, from, n, datagramBytes());
            int rc = isShared ? socket.send(records.out, from, to - from, peer)
                    : socket.send(records.out, from, to - from);
            if (rc >= 0) {
                context.add(TlsMetrics.CIPHER_OUT_BYTES_OFFSET, rc);
            } else {
                context.add(TlsMetrics.LOST_OFFSET, 1);
                code = code == 0 ? rc : code;
            }
            from = to;
        }
        if (code == -Errno.EMSGSIZE) {
            shrink();
        }
        return code;
    }

    /** The path has refused a datagram: use the kernel's MTU, or try an eighth less. */
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

    /** Whether a code of a client's own socket will not go away when the datagram is sent again. */
    boolean isHopeless(int code) {
        return !isShared && code < 0 && code != -Errno.EAGAIN
                && code != -Errno.ENOBUFS && code != -Errno.EMSGSIZE;
    }
}
