package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.tls.openssl.Live;

/**
 * Bytes that a TLS stream's peer sends: to a server, to a client, or to either once they have
 * shaken hands, with TLS 1.3 or 1.2; the first octet of the input says which. It ends with one
 * {@code onClose}, and a code if nobody closed it, and everything is given back.
 */
public final class TlsTarget {
    private static final int MAX_TURNS = 200;
    private static final TlsTarget ONLY = new TlsTarget();

    private final EventLoop loop = new EventLoop(new LoopConfig().handles(16));
    private final TlsContext[] servers = new TlsContext[2]; // TLS 1.3, TLS 1.2
    private final TlsContext[] clients = new TlsContext[2];
    private final NativeBuffer bytes = NativeBuffer.allocate(1 << 20);

    private TlsTarget() {
        SelfSigned identity = new SelfSigned();
        assertEquals(0, identity.generate());
        assertEquals(0, loop.open());
        for (int i = 0; i < 2; i++) {
            int version = i == 0 ? TlsConfig.TLS_1_3 : TlsConfig.TLS_1_2;
            servers[i] = TlsContext.server(loop,
                    new TlsConfig().privateChannel(identity).protocols(version, version));
            clients[i] = TlsContext.client(loop,
                    new TlsConfig().privateChannel(identity).protocols(version, version));
            assertEquals(0, servers[i].open());
            assertEquals(0, clients[i].open());
        }
    }

    /**
     * Called by Jazzer.
     *
     * @param input of its choice
     */
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length > 0) {
            ONLY.attack(input[0] & 3, input[0] >> 2 & 1, input);
        }
    }

    /** One side of a connection. */
    private final class Side {
        final Recorder recorder = new Recorder();
        final TlsStream tls;
        final Wire wire;
        int passed;

        Side(TlsContext context) {
            tls = new TlsStream(context, recorder);
            wire = new Wire(loop, tls.transport());
            assertEquals(0, wire.begin());
            assertEquals(0, tls.open(wire));
            tls.transport().onOpen(wire);
        }

        void passTo(Side other) {
            if (wire.sentBytes > passed && other.wire.isOpen()) {
                other.wire.bring(wire.sent, passed, wire.sentBytes - passed);
                passed = wire.sentBytes;
            }
        }

        void end() {
            if (wire.isOpen() && !wire.isEnded()) {
                wire.bringEnd();
            }
            for (int i = 0; i < MAX_TURNS && recorder.count("close") == 0; i++) {
                turn();
            }
            assertEquals(1, recorder.count("close"), recorder.calls::toString);
            assertTrue(recorder.count("open") <= 1);
            assertTrue(recorder.result < 0, "it was cut off");
        }
    }

    private void turn() {
        assertTrue(loop.runOnce(0) >= 0);
    }

    private void attack(int whom, int version, byte[] input) {
        TlsContext server = servers[version];
        TlsContext client = clients[version];
        long live = Live.count();
        Side victim = new Side(whom % 2 == 0 ? server : client);
        Side peer = whom < 2 ? null : new Side(whom % 2 == 0 ? client : server);
        for (int i = 0; peer != null && i < 6; i++) {
            peer.passTo(victim);
            victim.passTo(peer);
            turn();
        }
        if (peer != null) {
            assertEquals(1, victim.recorder.count("open"));
        }
        int length = input.length - 1;
        bytes.putBytes(0, input, 1, length);
        int half = length / 2;
        bring(victim, 0, half);
        bring(victim, half, length - half);
        victim.end();
        if (peer != null) {
            peer.end();
        }
        assertEquals(live, Live.count(), "the library's objects");
        for (TlsContext context : new TlsContext[] {server, client}) {
            assertEquals(context.records().slabs.slabs(), context.records().slabs.available());
            assertEquals(0, context.counter(TlsMetrics.UPCALL_ERRORS_OFFSET));
            assertEquals(context.counter(TlsMetrics.BEGUN_OFFSET),
                    context.counter(TlsMetrics.DONE_OFFSET)
                            + context.counter(TlsMetrics.FAILED_OFFSET));
        }
    }

    private void bring(Side victim, int from, int length) {
        if (length > 0 && victim.wire.isOpen()) {
            victim.wire.bring(bytes, from, length);
            turn();
        }
    }
}
