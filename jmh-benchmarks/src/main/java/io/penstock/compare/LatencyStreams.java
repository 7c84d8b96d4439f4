package io.penstock.compare;

import static io.penstock.compare.PenstockEcho.check;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.SocketOption;
import io.penstock.core.net.SocketStream;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import io.penstock.core.sys.Linux;
import io.penstock.tls.TlsConfig;
import io.penstock.tls.TlsContext;
import io.penstock.tls.TlsStream;
import org.agrona.DirectBuffer;

/** Connections to an echo server, which take turns; with TLS if there is a certificate to trust. */
final class LatencyStreams implements Latency.Server {
    private static final int SLABS = 256;
    private static final int SLAB_BYTES = 64 << 10;

    private final NativeBuffer message = NativeBuffer.allocate(Latency.MESSAGE_BYTES);
    private final BufferPool pool = new BufferPool(SLABS, SLAB_BYTES);
    private final Latency latency;
    private final Connection[] connections;
    private int opened;
    private int next;

    LatencyStreams(Latency latency, EventLoop loop, Endpoint at, int count, String certificate) {
        this.latency = latency;
        connections = new Connection[count];
        TlsContext context = certificate == null ? null : TlsContext.client(loop, new TlsConfig()
                .trust(certificate).acceptAnyHost().protocols(TlsConfig.TLS_1_3, TlsConfig.TLS_1_3)
                .suites("TLS_AES_128_GCM_SHA256").groups("X25519"));
        if (context != null) {
            check(context.open());
        }
        for (int i = 0; i < count; i++) {
            connections[i] = new Connection(loop, at, context);
        }
    }

    @Override
    public boolean isOpen() {
        return opened == connections.length;
    }

    @Override
    public void send(long dueNs) {
        connections[next].send(dueNs);
        next = next + 1 < connections.length ? next + 1 : 0;
    }

    @Override
    public void abandon() {
        throw new IllegalStateException("the server stalls");
    }

    private final class Connection implements StreamHandler {
        private static final int ROOM = 1 << 14;

        private final long[] dueNs = new long[ROOM]; // of the messages under way, in their order
        private final Stream stream;
        private long sent;
        private long received;
        private long receivedBytes;

        Connection(EventLoop loop, Endpoint at, TlsContext context) {
            TlsStream tls = context == null ? null : new TlsStream(context, this);
            SocketStream tcp = new SocketStream(loop, tls == null ? this : tls.transport());
            stream = tls == null ? tcp : tls;
            check(stream.queue(pool));
            check(tcp.open(Linux.AF_INET));
            check(tcp.setOption(SocketOption.TCP_NODELAY, 1));
            check(tcp.connect(at));
            if (tls != null) {
                check(tls.open(tcp));
            }
        }

        void send(long due) {
            if (sent - received == ROOM) {
                throw new IllegalStateException("the server does not keep up");
            }
            dueNs[(int) sent++ & ROOM - 1] = due;
            check(stream.write(message, 0, Latency.MESSAGE_BYTES));
        }

        @Override
        public void onOpen(Stream s) {
            opened++;
            s.resume();
        }

        @Override
        public void onData(Stream s, DirectBuffer buffer, int offset, int length) {
            receivedBytes += length;
            while ((received + 1) * Latency.MESSAGE_BYTES <= receivedBytes) {
                latency.received(dueNs[(int) received++ & ROOM - 1]);
            }
        }

        @Override
        public void onWritable(Stream s) {
        }

        @Override
        public void onEnd(Stream s) {
            throw new IllegalStateException("the server ended a connection");
        }

        @Override
        public void onClose(Stream s, int result) {
            throw new IllegalStateException("closed: " + ReturnCode.describe(result));
        }
    }
}
