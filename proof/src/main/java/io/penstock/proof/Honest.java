package io.penstock.proof;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Endpoint;
import io.penstock.tls.TlsConfig;
import io.penstock.tls.TlsContext;
import java.util.Arrays;
import org.agrona.DirectBuffer;

/** A client that says something, waits for the echo, and says something again. */
final class Honest implements AutoCloseable {
    private static final int MESSAGE_BYTES = 64;
    private static final long PATIENCE_NS = 5_000_000_000L;

    private final EventLoop loop = new EventLoop(new LoopConfig().handles(4));
    private final TlsContext context;
    private final NativeBuffer message = NativeBuffer.allocate(MESSAGE_BYTES);
    final Pinger pinger;
    private int awaited; // bytes of the echo that have not come

    final class Pinger extends Client {
        private Pinger(Transport transport) {
            super(loop, transport, context);
        }

        @Override
        void opened() {
        }

        @Override
        void came(DirectBuffer buffer, int offset, int length) {
            awaited -= length;
        }
    }

    Honest(Transport transport, TlsConfig config) {
        context = !transport.isSecure() ? null : transport.isDatagram()
                ? TlsContext.dtlsClient(loop, config) : TlsContext.client(loop, config);
        SoakServer.require(loop.open());
        SoakServer.require(context == null ? 0 : context.open());
        pinger = new Pinger(transport);
    }

    void connect(Endpoint at) {
        pinger.connect(at);
    }

    void turn(long timeoutNs) {
        SoakServer.require(loop.runOnce(timeoutNs));
    }

    void say() {
        awaited = MESSAGE_BYTES;
        int n = pinger.send(message, MESSAGE_BYTES);
        if (n != MESSAGE_BYTES) {
            throw new IllegalStateException("sent " + n);
        }
    }

    boolean isAnswered() {
        return awaited == 0;
    }

    /** How long each of so many answers took, sorted; it fails after 5 seconds without one. */
    long[] measure(int rounds) {
        long[] tookNs = new long[rounds];
        for (int i = 0; i < rounds; i++) {
            long began = System.nanoTime();
            say();
            while (!isAnswered()) {
                turn(0);
                if (pinger.isClosed || System.nanoTime() - began > PATIENCE_NS) {
                    throw new IllegalStateException(
                            pinger.isClosed ? "closed: " + pinger.result : "no answer");
                }
            }
            tookNs[i] = System.nanoTime() - began;
        }
        Arrays.sort(tookNs);
        return tookNs;
    }

    @Override
    public void close() {
        loop.close();
        if (context != null) {
            context.close();
        }
    }
}
