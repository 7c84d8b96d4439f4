package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.core.ReturnCode;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.SocketStream;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Syscall;
import io.penstock.udp.UdpSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A loop closes with connections open, and their peers are on another loop. */
class LoopClosesTest extends DtlsFixture {
    private final EventLoop other = new EventLoop(new LoopConfig().handles(32));
    private final Recorder peer = new Recorder();
    private final Echo mine = new Echo();
    private TlsContext peers;

    @AfterEach
    void closeOther() {
        if (peers != null) {
            peers.close();
        }
        other.close();
    }

    /** The peer connects from the other loop; both are open then. */
    private void establish(int version) {
        listen("127.0.0.1:0", server(Pki.server("server").protocols(version, version)), mine);
        assertEquals(0, other.open());
        peers = TlsContext.client(other, Pki.client());
        assertEquals(0, peers.open());
        TlsStream tls = new TlsStream(peers, peer).host("localhost");
        SocketStream below = new SocketStream(other, tls.transport());
        assertEquals(0, below.connect(at));
        assertEquals(0, tls.open(below));
        turnBoth(20);
        assertEquals(1, peer.count("open"));
        assertEquals(1, mine.count("open"));
    }

    private void turnBoth(int n) {
        for (int i = 0; i < n; i++) {
            other.runOnce(STEP_NS / 10);
            loop.runOnce(STEP_NS / 10);
        }
    }

    private void turnOther(int n) {
        for (int i = 0; i < n; i++) {
            other.runOnce(STEP_NS / 10);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {TlsConfig.TLS_1_2, TlsConfig.TLS_1_3})
    void thePeerSeesACleanEnd(int version) {
        establish(version);
        loop.close();
        assertCode(ReturnCode.CLOSED, mine.result);
        turnOther(10);
        assertEquals(1, peer.count("end"));
        assertEquals(0, peer.count("close"));
        peer.stream.close();
        turnOther(10);
        assertCode(0, peer.result);
    }

    /** What was accepted and has not gone cannot be told to be the end. */
    @Test
    void withBytesQueuedItSeesThatTheyAreMissing() {
        establish(TlsConfig.TLS_1_3);
        peer.stream.pause();
        turnOther(1);
        int n;
        do {
            n = mine.stream.write(bytes, 0, 16 << 10);
        } while (n > 0 && mine.stream.queuedBytes() == 0);
        loop.close();
        peer.stream.resume();
        turnOther(400);
        assertEquals(0, peer.count("end"));
        assertCode(ReturnCode.TLS_TRUNCATED, peer.result);
    }

    /** A socket that takes nothing now is not waited for. */
    @Test
    void aSocketThatTakesNothingIsNotWaitedFor() {
        establish(TlsConfig.TLS_1_3);
        posix.failAlways(Syscall.SENDTO, Errno.EAGAIN);
        loop.close();
        assertEquals(1, mine.count("close"));
        assertCode(ReturnCode.CLOSED, mine.result);
        turnOther(10);
        assertCode(ReturnCode.TLS_TRUNCATED, peer.result);
    }

    @Test
    void aPeerOverDatagramsIsToldToo() {
        DtlsRecorder there = new DtlsRecorder();
        listen(there);
        assertEquals(0, other.open());
        peers = TlsContext.dtlsClient(other, Pki.client().retransmitTimeoutNs(SOON_NS));
        assertEquals(0, peers.open());
        DtlsConnection dtls = new DtlsConnection(peers, recorder).host("localhost");
        UdpSocket own = new UdpSocket(other, dtls.transport(), batch());
        assertEquals(0, own.connect(at));
        assertEquals(0, dtls.open(own));
        turnBoth(60);
        assertEquals(1, recorder.opened);
        assertEquals(1, there.opened);
        loop.close();
        assertEquals(1, there.closed);
        assertCode(ReturnCode.CLOSED, there.result);
        turnOther(10);
        assertEquals(1, recorder.closed);
        assertCode(0, recorder.result);
    }

    @Test
    void soIsAServerOfDatagrams() {
        DtlsRecorder there = new DtlsRecorder();
        assertEquals(0, other.open());
        peers = TlsContext.dtlsServer(
                other, Pki.server("server").retransmitTimeoutNs(SOON_NS));
        assertEquals(0, peers.open());
        UdpSocket listening = new UdpSocket(other, new DtlsAcceptor(peers, there, 4), batch());
        assertEquals(0, at.parse("127.0.0.1:0"));
        assertEquals(0, listening.bind(at));
        assertEquals(0, listening.localEndpoint(at));
        assertEquals(0, listening.resume());
        connect(connection());
        turnBoth(60);
        assertEquals(1, recorder.opened);
        assertEquals(1, there.opened);
        loop.close();
        assertCode(ReturnCode.CLOSED, recorder.result);
        turnOther(10);
        assertEquals(1, there.closed);
        assertCode(0, there.result);
    }
}
