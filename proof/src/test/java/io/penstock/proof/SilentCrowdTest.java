package io.penstock.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.testing.Descriptors;
import io.penstock.tls.OpenSsl;
import io.penstock.tls.SelfSigned;
import io.penstock.tls.TlsConfig;
import io.penstock.tls.TlsMetrics;
import io.penstock.tls.openssl.Live;
import java.nio.channels.SocketChannel;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * More clients that send and never read than the documentation's echo server has slabs, and one
 * that reads: each of its words is answered at once, whenever it comes.
 */
class SilentCrowdTest {
    private static final int CROWD = EchoServer.SLABS + 200;
    private static final int TURNS = 50; // of a server that has something to do for many
    private static final long WAIT_NS = 1_000_000;

    private EchoServer server;
    private SilentCrowd crowd;

    @BeforeAll
    static void warmUp() throws Exception {
        SocketChannel.open().close();
        assertEquals(0, OpenSsl.load(), OpenSsl::tried);
    }

    private void turnUntil(Honest honest, BooleanSupplier done, int most) {
        for (int i = 0; i < most && !done.getAsBoolean(); i++) {
            SoakServer.require(server.loop.runOnce(WAIT_NS));
            crowd.turn(0);
            honest.turn(0);
        }
        assertTrue(done.getAsBoolean(), "did not happen");
    }

    private void isServed(Honest honest) {
        for (int i = 0; i < 20; i++) {
            honest.say();
            turnUntil(honest, honest::isAnswered, TURNS);
        }
        assertFalse(honest.pinger.isClosed);
    }

    /** Else this would show nothing. */
    private void theCrowdHasWhatThereIs(Transport transport) {
        switch (transport) {
            case TCP -> assertTrue(server.closed > 0, "slabs were short");
            case TLS -> assertTrue(
                    server.context.counter(TlsMetrics.WAITS_OFFSET) >= CROWD, "records wait");
            default -> assertTrue(
                    server.context.counter(TlsMetrics.RECORDS_OUT_OFFSET) >= CROWD, "echoes");
        }
    }

    @ParameterizedTest
    @EnumSource(Transport.class)
    void costsNobodyElseAnything(Transport transport) {
        int descriptors = Descriptors.open();
        long live = Live.count();
        SelfSigned identity = new SelfSigned();
        assertEquals(0, identity.generate());
        TlsConfig config = new TlsConfig().privateChannel(identity);
        server = new EchoServer(transport, config);
        crowd = new SilentCrowd(transport, config, CROWD, server.at);
        try (Honest early = new Honest(transport, config);
                Honest late = new Honest(transport, config)) {
            early.connect(server.at);
            turnUntil(early, () -> early.pinger.isOpen, 5_000);
            turnUntil(early, crowd::isArrived, 500_000);
            int[] quiet = {0};
            for (int i = 0; i < 50_000 && quiet[0] < 20; i++) {
                int work = server.loop.runOnce(0) + crowd.turn(WAIT_NS);
                quiet[0] = work > 0 ? 0 : quiet[0] + 1;
            }
            isServed(early);
            theCrowdHasWhatThereIs(transport);
            late.connect(server.at);
            turnUntil(late, () -> late.pinger.isOpen, 5_000);
            isServed(late);
            isServed(early);
        } finally {
            crowd.close();
            server.close();
            identity.close();
        }
        assertEquals(EchoServer.SLABS, server.pool.available());
        assertEquals(live, Live.count(), "the library's objects");
        Descriptors.assertOpen(descriptors);
    }
}
