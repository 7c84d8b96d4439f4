package io.penstock.proof;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Endpoint;
import io.penstock.tls.TlsConfig;
import io.penstock.tls.TlsContext;
import org.agrona.DirectBuffer;

/** Clients that send as much as the server takes, and read nothing of what comes back. */
final class SilentCrowd implements AutoCloseable {
    private static final int MESSAGE_BYTES = 16 << 10;
    private static final int DATAGRAM_BYTES = 1_000;
    // Nothing stops a sender of datagrams but a socket's buffer, which holds some 90, and the
    // handshakes of others go through it.
    private static final int DATAGRAMS = 2;
    private static final int DATAGRAM_HANDSHAKES = 20; // at once
    private static final int STREAM_HANDSHAKES = 200;

    final EventLoop loop;
    private final TlsContext context;
    private final Silent[] clients;
    private final Transport transport;
    private final Endpoint at;
    private final NativeBuffer message = NativeBuffer.allocate(MESSAGE_BYTES);
    private int begun;
    private int arrived; // open, or refused

    private final class Silent extends Client {
        private int sent;
        private boolean isArrived;

        Silent() {
            super(loop, transport, context);
        }

        @Override
        void opened() {
            arrive();
            deafen();
            writable();
        }

        @Override
        void closed() {
            arrive(); // or never will
        }

        private void arrive() {
            arrived += isArrived ? 0 : 1;
            isArrived = true;
        }

        @Override
        void writable() {
            int length = transport.isDatagram() ? DATAGRAM_BYTES : MESSAGE_BYTES;
            int n = length;
            while (n == length && (!transport.isDatagram() || sent < DATAGRAMS)) {
                n = send(message, length);
                sent++;
            }
        }

        @Override
        void came(DirectBuffer buffer, int offset, int length) {
            throw new AssertionError("it does not read");
        }
    }

    /**
     * A crowd that is not there yet.
     *
     * @param count how many
     * @param at where the server is
     */
    SilentCrowd(Transport transport, TlsConfig config, int count, Endpoint at) {
        this.transport = transport;
        this.at = at;
        loop = new EventLoop(new LoopConfig().handles(2 * count + 1));
        context = !transport.isSecure() ? null : transport.isDatagram()
                ? TlsContext.dtlsClient(loop, config) : TlsContext.client(loop, config);
        SoakServer.require(loop.open());
        SoakServer.require(context == null ? 0 : context.open());
        clients = new Silent[count];
        for (int i = 0; i < count; i++) {
            clients[i] = new Silent();
        }
    }

    /** A turn of its loop, and some more of them connect. */
    int turn(long timeoutNs) {
        int atOnce = transport.isDatagram() ? DATAGRAM_HANDSHAKES : STREAM_HANDSHAKES;
        while (begun < clients.length && begun - arrived < atOnce) {
            clients[begun++].connect(at);
        }
        int work = loop.runOnce(timeoutNs);
        SoakServer.require(work);
        return work;
    }

    boolean isArrived() {
        return arrived == clients.length;
    }

    @Override
    public void close() {
        loop.close();
        if (context != null) {
            context.close();
        }
    }
}
