package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.net.Endpoint;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.FaultyPosix.Rule;
import io.penstock.core.testing.HeapBuffer;
import io.penstock.core.testing.Needs;
import io.penstock.tls.openssl.Live;
import io.penstock.udp.UdpMetrics;
import io.penstock.udp.UdpSocket;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our own two sides over loopback. */
@Needs("openssl")
class DtlsTest extends DtlsFixture {
    private final DtlsRecorder echo = echo();

    @Test
    void messagesGoToAndFroOneDatagramEach() {
        retransmitNs = LATE_NS;
        listen(echo);
        DtlsConnection dtls = establish(echo);
        text(dtls, "one");
        text(dtls, "two");
        bytes.setMemory(0, 1_000, (byte) 'x');
        assertEquals(dtls.maxDataBytes(), dtls.write(bytes, 0, dtls.maxDataBytes()));
        turnUntil(() -> recorder.messages.size() == 3);
        assertEquals("one", recorder.messages.get(0));
        assertEquals("two", recorder.messages.get(1));
        assertEquals(6 + dtls.maxDataBytes(), recorder.bytes);
        assertEquals(1280 - 28 - 37, dtls.maxDataBytes()); // of IP, UDP, and an AES-GCM record
        assertEquals(1, acceptor.connections());
        Endpoint peer = new Endpoint();
        assertEquals(0, echo.connection.peerEndpoint(peer));
        assertEquals(echo.connection, acceptor.connection(peer));
        assertEquals(0, dtls.close());
        turnUntil(() -> echo.closed == 1 && recorder.closed == 1);
        assertEquals(0, echo.result);
        assertEquals(0, recorder.result);
        assertEquals(0, acceptor.connections());
        assertNull(acceptor.connection(peer));
        datagramInvariantsHold(dtls);
        datagramInvariantsHold(echo.connection);
        assertEquals(3, dtls.counter(UdpMetrics.SENT_DATAGRAMS_OFFSET));
        assertEquals(3, dtls.counter(UdpMetrics.RECEIVED_DATAGRAMS_OFFSET));
        assertEquals(1, server.counter(TlsMetrics.COOKIES_OFFSET));
        assertEquals(2, server.counter(TlsMetrics.HELLOS_OFFSET));
        assertEquals(1, server.counter(TlsMetrics.DONE_OFFSET));
        assertEquals(0, server.counter(TlsMetrics.LIVE_OFFSET));
        assertEquals(0, server.counter(TlsMetrics.RETRANSMISSIONS_OFFSET));
        assertEquals(0, server.counter(TlsMetrics.IGNORED_OFFSET));
        assertEquals(0, client.counter(TlsMetrics.IGNORED_OFFSET));
        helloInvariantHolds();
        assertEquals(ReturnCode.CLOSED, dtls.close());
        assertEquals(ReturnCode.CLOSED, dtls.write(bytes, 0, 1));
    }

    @Test
    void theServerCloses() {
        listen(echo);
        DtlsConnection dtls = establish(echo);
        echo.connection.close();
        turnUntil(() -> echo.closed == 1 && recorder.closed == 1);
        assertEquals(0, recorder.result);
        assertFalse(dtls.isOpen());
    }

    @Test
    void itMayBeOpenedAgainInOnClose() {
        DtlsRecorder echo = echo();
        listen(echo);
        DtlsConnection[] dtls = {null};
        UdpSocket[] own = {null};
        int[] answers = {1, 1};
        client = opened(TlsContext.dtlsClient(loop, Pki.client()));
        DtlsRecorder again = new DtlsRecorder() {
            @Override
            public void onClose(DtlsConnection connection, int result) {
                super.onClose(connection, result);
                if (closed == 1) {
                    answers[0] = own[0].connect(at);
                    answers[1] = dtls[0].open(own[0]);
                }
            }
        };
        dtls[0] = new DtlsConnection(client, again).host("localhost");
        own[0] = new UdpSocket(loop, dtls[0].transport(), batch());
        assertEquals(0, own[0].connect(at));
        assertCode(0, dtls[0].open(own[0]));
        turnUntil(() -> again.opened == 1);
        dtls[0].close();
        turnUntil(() -> again.opened == 2);
        assertEquals(0, answers[0]);
        assertEquals(0, answers[1]);
        text(dtls[0], "again");
        turnUntil(() -> again.messages.contains("again"));
        turnUntil(() -> echo.closed == 1);
        assertEquals(ReturnCode.NOT_SUPPORTED, echo.connection.open(own[0]), "the acceptor's");
        dtls[0].close();
        turnUntil(() -> again.closed == 2 && echo.closed == 2);
    }

    @Test
    void namesProtocolsAndSessions() {
        listen(Pki.server("server").alpn("a", "b").ticketKeys(keys())
                .host("localhost", Pki.server("server")), echo, 2);
        client = opened(TlsContext.dtlsClient(loop, Pki.client().alpn("b")));
        DtlsConnection dtls = establish(echo);
        assertEquals("b", dtls.outcome().alpn());
        assertEquals("b", echo.connection.outcome().alpn());
        assertEquals("localhost", echo.connection.outcome().serverName());
        String suite = dtls.outcome().suite();
        assertTrue(suite.startsWith("TLS_ECDHE_ECDSA_WITH_AES_"), suite);
        assertEquals(32, dtls.outcome().peerFingerprint(bytes, 0));
        assertEquals("ok", dtls.outcome().verifyText());
        int length = dtls.outcome().exportSession(bytes, 0);
        assertTrue(length > 0, ReturnCode.describe(length));
        dtls.importSession(bytes, 0, length);
        dtls.close();
        turnUntil(() -> recorder.closed == 1 && echo.closed == 1);
        connect(dtls);
        turnUntil(() -> recorder.opened == 2 && echo.opened == 2);
        assertTrue(dtls.outcome().isResumed());
        assertTrue(echo.connection.outcome().isResumed());
        text(dtls, "again");
        turnUntil(() -> recorder.messages.contains("again"));
    }

    private static TicketKeys keys() {
        TicketKeys keys = new TicketKeys(1);
        keys.rotate();
        return keys;
    }

    @Test
    void bothSidesShowCertificates() {
        listen(Pki.server("server").trust(Pki.file("root.pem")).requireClientCertificate(),
                echo, 2);
        client = opened(TlsContext.dtlsClient(loop, Pki.client()
                .certificate(Pki.file("client.pem")).key(Pki.file("client.key"))));
        establish(echo);
        assertEquals(32, echo.connection.outcome().peerFingerprint(bytes, 0));
    }

    @Test
    void aWrongNameIsRefused() {
        listen(Pki.server("other"), echo, 2);
        connect(connection());
        turnUntil(() -> recorder.closed == 1 && echo.closed == 1);
        assertCode(ReturnCode.TLS_WRONG_HOST, recorder.result);
        assertCode(ReturnCode.TLS_ALERT, echo.result);
        assertEquals(42, recorder.connection.outcome().alertSent());
        assertEquals(42, echo.connection.outcome().alertReceived());
        assertEquals(0, recorder.opened + echo.opened);
    }

    @Test
    void aPrivateChannel() {
        try (SelfSigned identity = new SelfSigned()) {
            assertEquals(0, identity.generate());
            listen(new TlsConfig().privateChannel(identity), echo, 2);
            client = opened(TlsContext.dtlsClient(
                    loop, new TlsConfig().privateChannel(identity)));
            establish(echo);
        }
    }

    @Test
    void withoutCookiesOverASocketThatKnowsItsPeer() {
        server = opened(TlsContext.dtlsServer(loop, Pki.server("server")));
        DtlsConnection answers = new DtlsConnection(server, echo);
        UdpSocket there = new UdpSocket(loop, answers.transport(), batch());
        DtlsConnection asks = connection();
        UdpSocket here = new UdpSocket(loop, asks.transport(), batch());
        Endpoint hereAt = new Endpoint();
        assertEquals(0, at.parse("127.0.0.1:0"));
        assertEquals(0, there.bind(at));
        assertEquals(0, here.bind(at));
        assertEquals(0, there.localEndpoint(at));
        assertEquals(0, here.localEndpoint(hereAt));
        assertEquals(-Errno.ENOTCONN, asks.open(here));
        assertEquals(0, here.connect(at));
        assertEquals(0, there.connect(hereAt));
        assertEquals(0, answers.open(there));
        assertEquals(0, asks.open(here));
        turnUntil(() -> recorder.opened == 1 && echo.opened == 1);
        text(asks, "hello");
        turnUntil(() -> recorder.messages.contains("hello"));
        assertEquals(0, server.counter(TlsMetrics.COOKIES_OFFSET));
    }

    @Test
    void overIpv6() {
        listen(echo);
        acceptor = new DtlsAcceptor(server, echo, 2);
        UdpSocket six = new UdpSocket(loop, acceptor, batch());
        assertEquals(0, at.parse("[::1]:0"));
        assertEquals(0, six.bind(at));
        assertEquals(0, six.localEndpoint(at));
        assertEquals(0, six.resume());
        DtlsConnection dtls = establish(echo);
        assertEquals(1280 - 48 - 37, dtls.maxDataBytes());
        text(dtls, "six");
        turnUntil(() -> recorder.messages.contains("six"));
    }

    // A bad path.

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void aPathThatLosesDoublesAndReorders(long seed) {
        listen(echo);
        acceptor.mtuBytes(576);
        Relay relay = new Relay(loop, at, seed);
        relay.badly(25, 15, 25);
        DtlsConnection dtls = connect(connection().mtuBytes(576), relay.at);
        turnUntil(() -> recorder.opened == 1);
        for (int i = 0; i < 100; i++) {
            text(dtls, "message " + i);
            loop.runOnce(0);
        }
        relay.badly(0, 0, 0);
        // The server may still wait for the end of the handshake, which is said again.
        turnUntil(() -> {
            text(dtls, "last");
            return recorder.messages.contains("last");
        });
        assertEquals(recorder.messages.stream().filter(m -> m.startsWith("m")).distinct().count(),
                recorder.messages.stream().filter(m -> m.startsWith("m")).count());
        assertTrue(recorder.messages.size() > 20);
        assertEquals(1, echo.opened);
        assertTrue(relay.dropped > 0);
        for (byte[] datagram : relay.down) {
            assertTrue(datagram.length <= 576 - 28, "too long: " + datagram.length);
        }
    }

    @Test
    void whatIsLostIsSaidAgain() {
        listen(echo);
        Relay relay = new Relay(loop, at, 1);
        relay.badly(100, 0, 0);
        connect(connection(), relay.at);
        turnUntil(() -> client.counter(TlsMetrics.RETRANSMISSIONS_OFFSET) == 3);
        assertEquals(4, relay.up.size());
        relay.badly(0, 0, 0);
        turnUntil(() -> recorder.opened == 1 && echo.opened == 1);
    }

    @Test
    void aSmallMtuCutsTheHandshake() {
        listen(echo);
        acceptor.mtuBytes(1); // the nearest that there can be
        Relay relay = new Relay(loop, at, 1);
        DtlsConnection dtls = connect(connection().mtuBytes(576), relay.at);
        turnUntil(() -> recorder.opened == 1 && echo.opened == 1);
        assertEquals(DtlsConnection.LEAST_MTU_BYTES, echo.connection.mtuBytes());
        int longest = relay.down.stream().mapToInt(d -> d.length).max().orElseThrow();
        assertTrue(longest <= 548 && longest > 400, "longest " + longest);
        assertTrue(relay.up.stream().allMatch(d -> d.length <= 548));
        assertEquals(548 - 37, dtls.maxDataBytes());
        assertEquals(ReturnCode.MESSAGE_TOO_LONG, dtls.write(bytes, 0, 548 - 36));
    }

    @Test
    void flightsFillTheirDatagrams() {
        echo.echoes = false; // the server's datagrams are shorter
        retransmitNs = LATE_NS;
        listen(echo);
        Relay relay = new Relay(loop, at, 1);
        connect(connection().mtuBytes(9_000), relay.at);
        turnUntil(() -> recorder.opened == 1 && echo.opened == 1);
        assertEquals(2 + 1, relay.up.size()); // a hello, it again with the cookie, the rest
        assertTrue(relay.down.size() <= 3, "sent " + relay.down.size());
        assertEquals(9_000 - 28 - 37, recorder.connection.maxDataBytes());
        assertEquals(8_000, recorder.connection.write(bytes, 0, 8_000));
        turnUntil(() -> echo.bytes == 8_000);
    }

    @Test
    void aPathThatCarriesLessIsFollowed() {
        listen(new DtlsRecorder());
        DtlsRecorder there = new DtlsRecorder();
        DtlsConnection dtls = connection();
        connect(dtls);
        turnUntil(() -> recorder.opened == 1);
        Rule narrow = (kernel, args) -> args[2] > 700 ? -Errno.EMSGSIZE : Rule.PASS;
        posix.on(Syscall.SENDTO, narrow);
        int sent;
        int tries = 0;
        do {
            sent = dtls.write(bytes, 0, dtls.maxDataBytes());
            assertTrue(sent > 0 || sent == -Errno.EMSGSIZE, ReturnCode.describe(sent));
        } while (sent < 0 && tries++ < 20);
        assertEquals(dtls.maxDataBytes(), sent);
        assertTrue(dtls.mtuBytes() < 700 + 28 && dtls.mtuBytes() > 600);
        assertEquals(tries, dtls.counter(UdpMetrics.ERROR_OFFSET));
        assertEquals(0, there.opened);
    }

    /** EPERM is -1: no other meaning of -1 may hide it. */
    @Test
    void aHandshakeThatAFirewallForbidsEndsAtOnce() {
        listen(echo);
        posix.failAlways(Syscall.SENDTO, Errno.EPERM);
        connect(connection());
        turnUntil(() -> recorder.closed == 1);
        assertCode(-Errno.EPERM, recorder.result);
    }

    @Test
    void aHandshakeFindsANarrowPath() {
        listen(echo);
        posix.on(Syscall.SENDTO, (kernel, args) -> args[2] > 640 ? -Errno.EMSGSIZE : Rule.PASS);
        establish(echo);
        assertTrue(server.counter(TlsMetrics.LOST_OFFSET) > 0);
        assertTrue(server.counter(TlsMetrics.RETRANSMISSIONS_OFFSET)
                + client.counter(TlsMetrics.RETRANSMISSIONS_OFFSET) > 0, "by whose clock it was");
    }

    @Test
    void noRoomInTheSocket() {
        listen(echo);
        DtlsConnection dtls = establish(echo);
        posix.failAlways(Syscall.SENDTO, Errno.EAGAIN);
        assertEquals(-Errno.EAGAIN, dtls.write(bytes, 0, 10));
        assertEquals(-Errno.EAGAIN, echo.connection.write(bytes, 0, 10));
        assertEquals(-Errno.EAGAIN, echo.connection.write(bytes, 0, 10));
        assertFalse(recorder.calls.contains("writable"));
        posix.heal();
        turnUntil(() -> recorder.calls.contains("writable") && echo.calls.contains("writable"));
        text(dtls, "room");
        turnUntil(() -> recorder.messages.contains("room"));
        assertEquals(2, echo.connection.counter(UdpMetrics.EAGAIN_OFFSET));
        assertEquals(1, echo.calls.stream().filter("writable"::equals).count());
    }

    // What is not meant.

    @Test
    void garbageAndReplaysAreIgnored() {
        listen(echo);
        Relay relay = new Relay(loop, at, 1);
        DtlsConnection dtls = connect(connection(), relay.at);
        turnUntil(() -> recorder.opened == 1 && echo.opened == 1);
        text(dtls, "once");
        turnUntil(() -> recorder.messages.contains("once"));
        byte[] record = relay.up.get(relay.up.size() - 1);
        long ignored = server.counter(TlsMetrics.IGNORED_OFFSET);
        relay.send(record, true); // again
        byte[] altered = record.clone();
        altered[10]++; // a number that was not seen
        altered[altered.length - 1] ^= 1;
        relay.send(altered, true);
        relay.send(new byte[0], true);
        relay.send(new byte[] {1, 2, 3}, true);
        relay.send(new byte[15_000], true);
        byte[] cut = Arrays.copyOf(record, 20);
        cut[10] += 2;
        relay.send(cut, true);
        turnUntil(() -> server.counter(TlsMetrics.IGNORED_OFFSET) == ignored + 6);
        text(dtls, "more");
        turnUntil(() -> recorder.messages.contains("more"));
        assertEquals(List.of("once", "more"), echo.messages);
        long clients = client.counter(TlsMetrics.IGNORED_OFFSET);
        relay.send(new byte[] {23, 1, 1}, false);
        turnUntil(() -> client.counter(TlsMetrics.IGNORED_OFFSET) == clients + 1);
    }

    @Test
    void garbageInAHandshakeDoesNotEndIt() {
        listen(echo);
        Relay relay = new Relay(loop, at, 1);
        relay.badly(100, 0, 0);
        connect(connection(), relay.at);
        turnUntil(() -> relay.up.size() == 2);
        relay.send(new byte[] {1, 2, 3}, false);
        relay.send(new byte[1_000], false);
        turns(20);
        relay.badly(0, 0, 0);
        turnUntil(() -> acceptor.connections() == 1);
        relay.send(new byte[] {22, 1}, true);
        relay.send(new byte[2_000], true);
        turnUntil(() -> recorder.opened == 1 && echo.opened == 1);
    }

    /** Nothing dies, everything is given back, and whoever is honest gets through afterwards. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void aPathThatAlters(long seed) {
        listen(Pki.server("server").handshakeTimeoutNs(TimeUnit.MILLISECONDS.toNanos(300)),
                echo, 2);
        client = opened(TlsContext.dtlsClient(loop, Pki.client().retransmitTimeoutNs(SOON_NS)
                .handshakeTimeoutNs(TimeUnit.MILLISECONDS.toNanos(300))));
        Relay relay = new Relay(loop, at, seed);
        relay.badly(5, 10, 10);
        relay.alterPercent = 20;
        int rounds = 20;
        for (int i = 1; i <= rounds; i++) {
            int round = i;
            DtlsConnection dtls = connect(connection(), relay.at);
            turnUntil(() -> recorder.opened + recorder.closed >= round || !dtls.isOpen());
            for (int n = 0; n < 20 && dtls.isOpen() && recorder.connection == dtls; n++) {
                dtls.write(bytes, 0, 50);
                loop.runOnce(0);
            }
            dtls.close();
            turnUntil(() -> recorder.closed == round);
        }
        relay.badly(0, 0, 0);
        relay.alterPercent = 0;
        turnUntil(() -> {
            if (acceptor.connections() > 0) {
                acceptor.close(); // whom no close_notify has reached
            }
            return acceptor.connections() == 0;
        });
        socket.close();
        turns(3);
        for (TlsContext context : List.of(server, client)) {
            assertEquals(context.counter(TlsMetrics.BEGUN_OFFSET),
                    context.counter(TlsMetrics.DONE_OFFSET)
                            + context.counter(TlsMetrics.FAILED_OFFSET));
            assertEquals(0, context.counter(TlsMetrics.LIVE_OFFSET));
        }
        server.close();
        recorder.opened = 0;
        int opened = echo.opened;
        listen(echo);
        connect(connection());
        turnUntil(() -> recorder.opened == 1 && echo.opened == opened + 1);
        assertEquals(0, echo.messages.stream().filter(m -> m.length() != 50).count());
    }

    @Test
    void aPeerThatBeginsAnewReplacesItsConnection() {
        listen(Pki.server("server"), echo, 1);
        Endpoint own = new Endpoint();
        assertEquals(0, own.parse("127.0.0.1:0"));
        DtlsConnection first = connection();
        UdpSocket firstSocket = new UdpSocket(loop, first.transport(), batch());
        assertEquals(0, firstSocket.bind(own));
        assertEquals(0, firstSocket.connect(at));
        assertEquals(0, firstSocket.localEndpoint(own));
        assertEquals(0, first.open(firstSocket));
        turnUntil(() -> recorder.opened == 1 && echo.opened == 1);
        firstSocket.close(); // without a word to the server
        turnUntil(() -> recorder.closed == 1);
        assertCode(ReturnCode.CLOSED, recorder.result);
        DtlsConnection second = connection();
        UdpSocket secondSocket = new UdpSocket(loop, second.transport(), batch());
        assertEquals(0, secondSocket.bind(own));
        assertEquals(0, secondSocket.connect(at));
        assertEquals(0, second.open(secondSocket));
        turnUntil(() -> recorder.opened == 2 && echo.opened == 2);
        assertEquals(1, echo.closed);
        assertCode(-Errno.ECONNRESET, echo.result);
        text(second, "anew");
        turnUntil(() -> recorder.messages.contains("anew"));
    }

    @Test
    void aHelloThatComesLateDoesNotReplaceItsConnection() {
        listen(echo);
        Relay relay = new Relay(loop, at, 1);
        DtlsConnection dtls = connect(connection(), relay.at);
        turnUntil(() -> recorder.opened == 1 && echo.opened == 1);
        long hellos = server.counter(TlsMetrics.HELLOS_OFFSET);
        relay.send(relay.up.get(1), true); // the hello with the cookie
        relay.send(relay.up.get(0), true);
        turns(50);
        text(dtls, "still");
        turnUntil(() -> recorder.messages.contains("still"));
        assertEquals(0, echo.closed);
        assertEquals(hellos, server.counter(TlsMetrics.HELLOS_OFFSET));
    }

    // Cookies before state.

    @Test
    void nothingIsKeptOfThoseWhoBringNoCookie() {
        listen(echo);
        byte[][] hellos = hellos();
        Catcher catcher = new Catcher();
        send(stranger(catcher), hellos[0]);
        turnUntil(() -> catcher.datagrams.size() == 1); // one listens for all
        long live = Live.count();
        long begun = server.counter(TlsMetrics.BEGUN_OFFSET);
        long cookies = server.counter(TlsMetrics.COOKIES_OFFSET);
        UdpSocket[] crowd = new UdpSocket[20];
        for (int i = 0; i < crowd.length; i++) {
            crowd[i] = stranger(catcher);
        }
        for (int round = 0; round < 50; round++) {
            for (UdpSocket one : crowd) {
                send(one, hellos[0]); // without a cookie
                send(one, hellos[1]); // with one that was given to another
                byte[] made = hellos[1].clone();
                made[60 + round % 32] ^= 0x55; // somewhere in the cookie
                send(one, made);
            }
            turns(10);
        }
        turnUntil(() -> catcher.datagrams.size() == 3_001);
        assertEquals(3_000, server.counter(TlsMetrics.COOKIES_OFFSET) - cookies);
        assertEquals(begun, server.counter(TlsMetrics.BEGUN_OFFSET));
        assertEquals(0, acceptor.connections());
        assertEquals(live, Live.count(), "the library's objects");
        assertTrue(catcher.datagrams.stream().allMatch(d -> d[13] == 3)); // HelloVerifyRequest
        assertTrue(catcher.last().length < hellos[0].length, "no amplification");
        helloInvariantHolds();
        establish(echo);
    }

    /** What a client says first, and with the cookie; its connection is gone again. */
    private byte[][] hellos() {
        Relay relay = new Relay(loop, at, 1);
        DtlsConnection dtls = connect(connection(), relay.at);
        turnUntil(() -> recorder.opened == 1 && echo.opened == 1);
        dtls.close();
        turnUntil(() -> recorder.closed == 1 && echo.closed == 1);
        turns(5);
        return new byte[][] {relay.up.get(0), relay.up.get(1)};
    }

    @Test
    void brokenHellosAreIgnored() {
        listen(echo);
        byte[] hello = hellos()[0];
        Catcher catcher = new Catcher();
        UdpSocket one = stranger(catcher);
        Random random = new Random(7);
        for (int i = 0; i < 3_000; i++) {
            byte[] broken = Arrays.copyOf(hello, random.nextInt(hello.length + 20));
            for (int flips = random.nextInt(4); flips > 0 && broken.length > 0; flips--) {
                broken[random.nextInt(broken.length)] = (byte) random.nextInt();
            }
            send(one, broken);
            loop.runOnce(0);
        }
        turns(10);
        assertEquals(0, acceptor.connections());
        helloInvariantHolds();
        assertTrue(server.counter(TlsMetrics.IGNORED_OFFSET) > 2_000);
        establish(echo);
    }

    @Test
    void thereAreNoMoreConnectionsThanCapacity() {
        listen(Pki.server("server"), echo, 2);
        DtlsConnection first = establish(echo);
        establish(echo);
        connect(connection());
        turnUntil(() -> server.counter(TlsMetrics.EXHAUSTED_OFFSET) >= 2);
        assertEquals(2, acceptor.connections());
        assertEquals(2, recorder.opened);
        first.close();
        turnUntil(() -> recorder.opened == 3 && echo.opened == 3);
    }

    @Test
    void noHandleForAConnectionIsCounted() {
        listen(echo);
        UdpSocket[] others = new UdpSocket[64];
        DtlsConnection dtls = connection();
        connect(dtls);
        Endpoint any = new Endpoint();
        any.ipv4(Endpoint.IPV4_LOOPBACK, 0);
        int n = 0;
        int rc = 0;
        while (rc == 0) {
            others[n] = new UdpSocket(loop, new Catcher(), batch());
            rc = others[n].bind(any);
            n += rc == 0 ? 1 : 0;
        }
        assertCode(ReturnCode.HANDLES_EXHAUSTED, rc);
        turnUntil(() -> server.counter(TlsMetrics.EXHAUSTED_OFFSET) == 1);
        others[0].close();
        turnUntil(() -> recorder.opened == 1);
    }

    // Time.

    @Test
    void nobodyAnswers() {
        UdpSocket silent = new UdpSocket(loop, new Catcher(), batch());
        assertEquals(0, at.parse("127.0.0.1:0"));
        assertEquals(0, silent.bind(at));
        assertEquals(0, silent.localEndpoint(at));
        client = opened(TlsContext.dtlsClient(loop, Pki.client().retransmitTimeoutNs(SOON_NS)
                .handshakeTimeoutNs(TimeUnit.MILLISECONDS.toNanos(200))));
        connect(connection());
        long begunNs = System.nanoTime();
        turnUntil(() -> recorder.closed == 1);
        assertCode(ReturnCode.TLS_HANDSHAKE_TIMED_OUT, recorder.result);
        assertTrue(System.nanoTime() - begunNs >= TimeUnit.MILLISECONDS.toNanos(190));
        assertTrue(client.counter(TlsMetrics.RETRANSMISSIONS_OFFSET) >= 2);
        assertEquals(1, client.counter(TlsMetrics.FAILED_TIMEOUT_OFFSET));
    }

    /**
     * Within the default deadline a flight may get lost five times. All is a fiftieth of what it
     * is by default: the library has a clock of its own, which cannot be moved.
     */
    @Test
    void aHandshakeOutlivesFiveLosses() {
        long deadlineNs = TlsContext.dtlsClient(loop, new TlsConfig()).handshakeTimeoutNs();
        long scaledNs = deadlineNs / (TimeUnit.SECONDS.toNanos(1) / SOON_NS);
        listen(echo);
        client = opened(TlsContext.dtlsClient(loop, Pki.client()
                .retransmitTimeoutNs(SOON_NS).handshakeTimeoutNs(scaledNs)));
        Relay relay = new Relay(loop, at, 1);
        relay.badly(100, 0, 0);
        connect(connection(), relay.at);
        turnUntil(() -> relay.up.size() == 5 || recorder.closed == 1);
        relay.badly(0, 0, 0);
        turnUntil(() -> recorder.opened + recorder.closed == 1);
        assertEquals(1, recorder.opened);
    }

    @Test
    void nobodyIsThere() {
        UdpSocket gone = new UdpSocket(loop, new Catcher(), batch());
        assertEquals(0, at.parse("127.0.0.1:0"));
        assertEquals(0, gone.bind(at));
        assertEquals(0, gone.localEndpoint(at));
        gone.close();
        turns(2);
        connect(connection());
        turnUntil(() -> recorder.closed == 1);
        assertCode(-Errno.ECONNREFUSED, recorder.result);
    }

    @Test
    void aClientThatVanishesInItsHandshakeIsGivenUp() {
        listen(Pki.server("server").handshakeTimeoutNs(TimeUnit.MILLISECONDS.toNanos(150)),
                echo, 1);
        Relay relay = new Relay(loop, at, 1);
        connect(connection(), relay.at);
        turnUntil(() -> acceptor.connections() == 1);
        relay.badly(100, 0, 0);
        turnUntil(() -> echo.closed == 1);
        assertCode(ReturnCode.TLS_HANDSHAKE_TIMED_OUT, echo.result);
        assertTrue(server.counter(TlsMetrics.RETRANSMISSIONS_OFFSET) > 0);
        assertEquals(0, acceptor.connections());
        assertEquals(1, server.counter(TlsMetrics.FAILED_OFFSET));
    }

    @Test
    void anIdleConnectionIsClosed() {
        listen(echo);
        acceptor.idleTimeoutNs(TimeUnit.MILLISECONDS.toNanos(150));
        DtlsConnection dtls = establish(echo);
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(300);
        while (System.nanoTime() - until < 0) {
            text(dtls, "busy");
            loop.runOnce(STEP_NS);
        }
        assertEquals(0, echo.closed);
        turnUntil(() -> echo.closed == 1 && recorder.closed == 1);
        assertCode(-Errno.ETIMEDOUT, echo.result);
        assertCode(0, recorder.result); // it was told
    }

    // Misuse and ends.

    @Test
    void whatIsRefused() {
        listen(echo);
        DtlsConnection dtls = connection();
        assertEquals(ReturnCode.NOT_OPEN, dtls.write(bytes, 0, 1));
        assertEquals(ReturnCode.NOT_OPEN, dtls.close());
        connect(dtls);
        assertEquals(ReturnCode.NOT_OPEN, dtls.write(bytes, 0, 1));
        assertEquals(0, dtls.maxDataBytes());
        turnUntil(() -> recorder.opened == 1);
        assertEquals(ReturnCode.HEAP_BUFFER, dtls.write(HeapBuffer.of(10), 0, 10));
        assertEquals(ReturnCode.HEAP_BUFFER, dtls.outcome().exportSession(HeapBuffer.of(10), 0));
        assertEquals(ReturnCode.MESSAGE_TOO_LONG,
                dtls.write(bytes, 0, dtls.maxDataBytes() + 1));
        assertEquals(0, dtls.write(bytes, 0, 0));
        assertThrows(IndexOutOfBoundsException.class,
                () -> dtls.write(bytes, bytes.capacity(), 1));
        assertEquals(ReturnCode.ALREADY_OPEN, dtls.open(dtls.below()));
        TlsContext streams = server(Pki.server("server"));
        assertEquals(ReturnCode.NOT_SUPPORTED,
                new DtlsConnection(streams, recorder).open(dtls.below()));
        assertEquals(ReturnCode.NOT_SUPPORTED, echo.connection == null ? 0
                : new TlsStream(client, new Recorder()).open(null));
        assertThrows(IllegalArgumentException.class,
                () -> new DtlsAcceptor(streams, echo, 1));
        DtlsConnection nameless = new DtlsConnection(client, recorder);
        UdpSocket own = new UdpSocket(loop, nameless.transport(), batch());
        assertEquals(0, own.connect(at));
        assertCode(ReturnCode.TLS_HOST_MISSING, nameless.open(own));
        assertEquals(ReturnCode.TLS_BAD_SETTING,
                TlsContext.dtlsClient(loop, new TlsConfig().acceptBrokenProtocols()).open());
    }

    @Test
    void theAcceptorCloses() {
        listen(echo);
        assertEquals(ReturnCode.NOT_OPEN, acceptor.close());
        establish(echo);
        establish(echo);
        assertEquals(0, acceptor.close());
        turnUntil(() -> recorder.closed == 2 && echo.closed == 2);
        assertEquals(0, recorder.result);
        assertEquals(0, echo.result);
        assertFalse(socket.isOpen());
    }

    @Test
    void theSocketIsClosedUnderIt() {
        listen(echo);
        establish(echo);
        socket.close();
        turnUntil(() -> echo.closed == 1);
        assertCode(ReturnCode.CLOSED, echo.result);
        recorder.connection.below().close();
        turnUntil(() -> recorder.closed == 1);
        assertCode(ReturnCode.CLOSED, recorder.result);
    }

    @Test
    void theContextIsClosedOrMadeAnew() {
        listen(echo);
        establish(echo);
        assertEquals(0, server.reload());
        DtlsConnection second = establish(echo);
        server.close();
        text(second, "goes on");
        turnUntil(() -> recorder.messages.contains("goes on"));
        connect(connection());
        turnUntil(() -> server.counter(TlsMetrics.IGNORED_OFFSET) > 0);
        assertEquals(2, echo.opened);
    }

    @Test
    void handlersMayCloseAtOnce() {
        DtlsRecorder closes = new DtlsRecorder() {
            @Override
            public void onOpen(DtlsConnection connection) {
                super.onOpen(connection);
                connection.close();
            }
        };
        listen(closes);
        connect(connection());
        turnUntil(() -> closes.closed == 1 && recorder.closed == 1);
        DtlsRecorder closesLater = new DtlsRecorder() {
            @Override
            public void onData(
                    DtlsConnection connection, DirectBuffer b, int offset, int n) {
                super.onData(connection, b, offset, n);
                connection.close();
            }
        };
        socket.close();
        turns(3);
        server.close();
        listen(closesLater);
        DtlsConnection dtls = connect(connection());
        turnUntil(() -> recorder.opened == 2 && closesLater.opened == 1);
        text(dtls, "one");
        text(dtls, "two");
        turnUntil(() -> closesLater.closed == 1 && recorder.closed == 2);
        assertEquals(1, closesLater.messages.size());
    }

    @Test
    void theLoopEnds() {
        listen(echo);
        establish(echo);
        connect(connection());
        loop.close();
        assertEquals(1, echo.closed);
        assertEquals(2, recorder.closed);
    }

    @Test
    void unixDatagrams() {
        server = opened(TlsContext.dtlsServer(loop, Pki.server("server")));
        acceptor = new DtlsAcceptor(server, echo, 2);
        socket = new UdpSocket(loop, acceptor, batch());
        assertEquals(0, at.parse("unix:@penstock-dtls-server"));
        assertEquals(0, socket.bind(at));
        assertEquals(0, socket.resume());
        DtlsConnection dtls = connection();
        UdpSocket own = new UdpSocket(loop, dtls.transport(), batch());
        Endpoint name = new Endpoint();
        assertEquals(0, own.open(Linux.AF_UNIX));
        assertEquals(0, name.parse("unix:@penstock-dtls-client"));
        assertEquals(0, own.bind(name));
        assertEquals(0, own.connect(at));
        assertEquals(0, dtls.open(own));
        turnUntil(() -> recorder.opened == 1 && echo.opened == 1);
        text(dtls, "unix");
        turnUntil(() -> recorder.messages.contains("unix"));
    }
}
