package io.penstock.proof;

import io.penstock.core.loop.EventLoop;
import io.penstock.core.net.Close;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.SocketOption;
import io.penstock.core.net.SocketStream;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import io.penstock.core.sys.Linux;
import io.penstock.tls.DtlsConnection;
import io.penstock.tls.DtlsHandler;
import io.penstock.tls.TlsContext;
import io.penstock.tls.TlsStream;
import io.penstock.udp.DatagramBatch;
import io.penstock.udp.UdpSocket;
import org.agrona.DirectBuffer;

/** A connection of a client, the same to its user whatever it goes over. */
abstract class Client implements StreamHandler, DtlsHandler {
    private static final int ETHERNET_SEGMENT_BYTES = 1460;
    private static final DatagramBatch INPUT = new DatagramBatch(16, 2048);

    private final SocketStream socket; // null over datagrams
    private final TlsStream tls; // null without TLS
    private final UdpSocket datagrams; // null over streams
    private final DtlsConnection dtls;
    boolean isOpen;
    boolean isClosed;
    int result;

    Client(EventLoop loop, Transport transport, TlsContext context) {
        dtls = transport.isDatagram() ? new DtlsConnection(context, this) : null;
        datagrams = dtls == null ? null : new UdpSocket(loop, dtls.transport(), INPUT);
        tls = transport == Transport.TLS ? new TlsStream(context, this) : null;
        socket = transport.isDatagram() ? null
                : new SocketStream(loop, tls == null ? this : tls.transport());
    }

    /** Connects as over a network: the segments of loopback would take 45 times the memory. */
    final void connect(Endpoint at) {
        if (dtls != null) {
            SoakServer.require(datagrams.connect(at));
            SoakServer.require(dtls.open(datagrams));
            return;
        }
        SoakServer.require(socket.open(Linux.AF_INET));
        SoakServer.require(socket.setOption(SocketOption.TCP_MAXSEG, ETHERNET_SEGMENT_BYTES));
        SoakServer.require(socket.connect(at));
        SoakServer.require(tls == null ? 0 : tls.open(socket));
    }

    /** Writes: bytes that were taken, or a code. */
    final int send(DirectBuffer buffer, int length) {
        return dtls != null ? dtls.write(buffer, 0, length)
                : (tls == null ? socket : tls).write(buffer, 0, length);
    }

    /** Leaves everything that comes where it is. */
    final void deafen() {
        if (dtls != null) {
            datagrams.pause();
        } else {
            (tls == null ? socket : tls).pause();
        }
    }

    final void close() {
        if (dtls != null) {
            dtls.close();
        } else {
            (tls == null ? socket : tls).close(Close.NOW);
        }
    }

    abstract void opened();

    abstract void came(DirectBuffer buffer, int offset, int length);

    void writable() {
    }

    void closed() {
    }

    private void closed(int code) {
        isClosed = true;
        result = code;
        closed();
    }

    @Override
    public final void onOpen(Stream s) {
        isOpen = true;
        s.resume();
        opened();
    }

    @Override
    public final void onOpen(DtlsConnection connection) {
        isOpen = true;
        opened();
    }

    @Override
    public final void onData(Stream s, DirectBuffer buffer, int offset, int length) {
        came(buffer, offset, length);
    }

    @Override
    public final void onData(DtlsConnection c, DirectBuffer buffer, int offset, int length) {
        came(buffer, offset, length);
    }

    @Override
    public final void onWritable(Stream s) {
        writable();
    }

    @Override
    public final void onWritable(DtlsConnection connection) {
        writable();
    }

    @Override
    public final void onEnd(Stream s) {
        s.close();
    }

    @Override
    public final void onClose(Stream s, int code) {
        closed(code);
    }

    @Override
    public final void onClose(DtlsConnection connection, int code) {
        closed(code);
    }
}
