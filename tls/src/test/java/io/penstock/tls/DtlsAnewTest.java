package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.sys.Errno;
import io.penstock.udp.UdpMetrics;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Hellos from the address of a connection, in virtual time: a peer that lost its state begins anew
 * (RFC 6347, 4.2.8), and hellos that are forged or repeated do nothing to the connection.
 */
class DtlsAnewTest extends DtlsFixture {
    private static final int HEADERS_BYTES = 13 + 12; // of record and handshake
    private static final int RANDOM_OFFSET = HEADERS_BYTES + 2;
    private static final int SESSION_OFFSET = RANDOM_OFFSET + 32;
    private static final int MESSAGE_HELLO = 1;
    private static final int MESSAGE_VERIFY = 3;
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

    private final DtlsRecorder echo = echo();
    private final Random random = new Random(7);
    private long nowNs = SECOND_NS;
    private Relay relay; // all that it sends comes from one address

    @BeforeEach
    void virtualTime() {
        loop.close();
        loop = new EventLoop(new LoopConfig().handles(64).posix(posix).clock(() -> nowNs));
        assertEquals(0, loop.open());
    }

    /** The library's own clock is the system's: nothing must be due by that. */
    private void listen(int capacity) {
        retransmitNs = LATE_NS;
        listen(Pki.server("server"), echo, capacity);
        relay = new Relay(loop, at, 1);
    }

    // Hellos as bytes.

    /** A hello without a cookie, with random bytes that nobody has seen. */
    private byte[] hello() {
        Relay aside = new Relay(loop, at, 1);
        aside.badly(100, 0, 0);
        DtlsConnection dtls = connect(connection(), aside.at);
        turnUntil(() -> !aside.up.isEmpty());
        int closed = recorder.closed;
        dtls.close();
        turnUntil(() -> recorder.closed > closed);
        recorder.closed = closed;
        return another(aside.up.getFirst());
    }

    private byte[] another(byte[] hello) {
        byte[] made = hello.clone();
        byte[] fresh = new byte[32];
        random.nextBytes(fresh);
        System.arraycopy(fresh, 0, made, RANDOM_OFFSET, fresh.length);
        return made;
    }

    /** The second hello of a client, in which it brings back a cookie. */
    private static byte[] with(byte[] cookie, byte[] hello) {
        int at = SESSION_OFFSET + 1 + hello[SESSION_OFFSET];
        ByteBuffer made = ByteBuffer.allocate(hello.length + cookie.length);
        made.put(hello, 0, at).put((byte) cookie.length).put(cookie)
                .put(hello, at + 1, hello.length - at - 1);
        int length = made.capacity() - HEADERS_BYTES;
        made.put(10, (byte) 1); // the record's number
        made.putShort(11, (short) (length + 12));
        made.putShort(15, (short) length);
        made.putShort(17, (short) 1); // the message's number
        made.putShort(23, (short) length);
        return made.array();
    }

    /** Says that hello, and gets a cookie for it, by which nothing is begun. */
    private byte[] cookie(byte[] hello) {
        int answers = relay.down.size();
        relay.send(hello, true);
        turnUntil(() -> relay.down.size() > answers);
        byte[] verify = relay.down.getLast();
        assertEquals(MESSAGE_VERIFY, verify[13]);
        return Arrays.copyOfRange(verify, HEADERS_BYTES + 3, verify.length);
    }

    /** Says that hello, brings the cookie, and is never heard of again. */
    private byte[] die(byte[] hello) {
        byte[] brings = with(cookie(hello), hello);
        long begun = server.counter(TlsMetrics.BEGUN_OFFSET);
        int answers = relay.down.size();
        relay.send(brings, true);
        turnUntil(() -> server.counter(TlsMetrics.BEGUN_OFFSET) > begun
                && relay.down.size() > answers);
        return brings;
    }

    /** Hellos without a cookie, with one that is made up, and with one of another hello. */
    private void forge(byte[] hello, int count, byte[] cookieOfAnother) {
        byte[] madeUp = new byte[cookieOfAnother.length];
        for (int i = 0; i < count; i++) {
            byte[] forged = another(hello);
            random.nextBytes(madeUp);
            relay.send(switch (i % 3) {
                case 0 -> forged;
                case 1 -> with(madeUp, forged);
                default -> with(cookieOfAnother, forged);
            }, true);
        }
    }

    private void assertCounts(long hellos, long cookies, long begun) {
        assertEquals(hellos, server.counter(TlsMetrics.HELLOS_OFFSET), "hellos");
        assertEquals(cookies, server.counter(TlsMetrics.COOKIES_OFFSET), "cookies");
        assertEquals(begun, server.counter(TlsMetrics.BEGUN_OFFSET), "begun");
        assertEquals(0, server.counter(TlsMetrics.RETRANSMISSIONS_OFFSET), "retransmissions");
        helloInvariantHolds();
    }

    // A peer that lost its state.

    @Test
    void aPeerThatDiesInItsHandshakeBeginsAnew() {
        listen(CAPACITY);
        die(hello());
        DtlsConnection dtls = connect(connection(), relay.at);
        turnUntil(() -> recorder.opened == 1 && echo.opened == 1);
        assertEquals(3, relay.up.size()); // a hello, it again with the cookie, the rest
        assertEquals(1, echo.closed);
        assertCode(-Errno.ECONNRESET, echo.result);
        assertEquals(1, acceptor.connections());
        text(dtls, "anew");
        turnUntil(() -> recorder.messages.contains("anew"));
        assertCounts(4, 2, 2);
        assertEquals(1, server.counter(TlsMetrics.DONE_OFFSET));
        assertEquals(1, server.counter(TlsMetrics.FAILED_OFFSET));
        assertEquals(0, server.counter(TlsMetrics.IGNORED_OFFSET));
    }

    @Test
    void aPeerThatDiesInEachHandshakeIsHeardEachTime() {
        listen(2);
        byte[] hello = hello();
        for (int i = 1; i <= 20; i++) {
            die(another(hello));
            turns(2); // the one before is closed
            assertEquals(i - 1, echo.closed);
            assertEquals(1, acceptor.connections());
        }
        assertCounts(40, 20, 20);
    }

    @Test
    void withTheLastPlaceTakenItBeginsAnewWhenItRepeatsItsHello() {
        listen(1);
        byte[] hello = hello();
        die(hello);
        byte[] next = another(hello);
        byte[] brings = with(cookie(next), next);
        assertEquals(0, echo.closed);
        relay.send(brings, true);
        turnUntil(() -> echo.closed == 1);
        assertCode(-Errno.ECONNRESET, echo.result);
        assertEquals(1, server.counter(TlsMetrics.EXHAUSTED_OFFSET));
        relay.send(brings, true); // after a second, as clients do
        turnUntil(() -> acceptor.connections() == 1);
        assertCounts(5, 2, 2);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void whileItsOldConnectionIsClosing(int capacity) {
        listen(capacity);
        DtlsConnection dtls = connect(connection(), relay.at);
        turnUntil(() -> recorder.opened == 1 && echo.opened == 1);
        byte[] hello = hello();
        byte[] brings = with(cookie(hello), hello);
        assertEquals(0, echo.connection.close());
        relay.send(brings, true);
        turnUntil(() -> echo.closed == 1);
        assertCode(0, echo.result);
        assertEquals(capacity == 1 ? 1 : 0, server.counter(TlsMetrics.EXHAUSTED_OFFSET));
        relay.send(brings, true); // it comes twice, or late
        turnUntil(() -> acceptor.connections() == 1 && !dtls.isOpen());
        turns(10);
        assertEquals(1, acceptor.connections());
        assertEquals(2, server.counter(TlsMetrics.BEGUN_OFFSET));
        helloInvariantHolds();
    }

    // What is the same hello once more.

    @Test
    void aHelloThatIsRepeatedInItsHandshakeBelongsToIt() {
        listen(CAPACITY);
        byte[] hello = hello();
        byte[] brings = die(hello);
        turns(5);
        int answers = relay.down.size();
        for (int i = 0; i < 10; i++) {
            relay.send(hello, true);
            relay.send(brings, true);
        }
        turns(20);
        assertEquals(0, echo.closed);
        assertEquals(1, acceptor.connections());
        assertEquals(answers, relay.down.size());
        assertCounts(2, 1, 1);
    }

    @Test
    void aHandshakeOfWhichEverythingComesTwice() {
        listen(CAPACITY);
        relay.badly(0, 100, 0);
        DtlsConnection dtls = connect(connection(), relay.at);
        turnUntil(() -> recorder.opened == 1 && echo.opened == 1);
        text(dtls, "once");
        turnUntil(() -> recorder.messages.contains("once"));
        assertEquals(0, echo.closed);
        assertEquals(1, echo.messages.size());
        assertEquals(1, server.counter(TlsMetrics.BEGUN_OFFSET));
    }

    // Hellos of others, with the peer's address.

    @Test
    void aForgedHelloInAHandshakeCostsItNothing() {
        listen(CAPACITY);
        byte[] hello = hello();
        byte[] of = cookie(hello);
        connect(connection(), relay.at);
        turnUntil(() -> acceptor.connections() == 1);
        forge(hello, 60, of); // before the client's next flight
        turnUntil(() -> recorder.opened == 1 && echo.opened == 1);
        turns(20);
        assertEquals(3, relay.up.size());
        assertEquals(0, echo.closed + recorder.closed);
        assertCounts(1 + 2 + 60, 1 + 1 + 60, 1);
        assertEquals(0, server.counter(TlsMetrics.IGNORED_OFFSET));
        assertEquals(62, relay.down.stream().filter(d -> d[0] == 22 && d[13] == MESSAGE_VERIFY)
                .peek(d -> assertTrue(d.length < hello.length, "no amplification")).count());
        text(recorder.connection, "all the same");
        turnUntil(() -> recorder.messages.contains("all the same"));
    }

    @Test
    void dataFlowWhileHellosAreForged() {
        listen(CAPACITY);
        byte[] hello = hello();
        byte[] of = cookie(hello);
        DtlsConnection dtls = connect(connection(), relay.at);
        turnUntil(() -> recorder.opened == 1 && echo.opened == 1);
        for (int i = 1; i <= 40; i++) {
            int round = i;
            forge(hello, 25, of);
            text(dtls, "message " + i);
            turnUntil(() -> recorder.messages.size() == round);
        }
        turns(20);
        assertEquals(40, echo.connection.counter(UdpMetrics.RECEIVED_DATAGRAMS_OFFSET));
        assertEquals(40, echo.connection.counter(UdpMetrics.SENT_DATAGRAMS_OFFSET));
        assertEquals(40, server.counter(TlsMetrics.RECORDS_IN_OFFSET));
        assertEquals(40, server.counter(TlsMetrics.RECORDS_OUT_OFFSET));
        assertEquals(0, server.counter(TlsMetrics.IGNORED_OFFSET));
        assertEquals(0, echo.closed + recorder.closed);
        assertCounts(1 + 2 + 1_000, 1 + 1 + 1_000, 1);
        dtls.close();
        turnUntil(() -> echo.closed == 1 && recorder.closed == 1);
        datagramInvariantsHold(dtls);
        datagramInvariantsHold(echo.connection);
    }

    @Test
    void forgedHellosPutNoDeadlineOff() {
        listen(2);
        acceptor.idleTimeoutNs(60 * SECOND_NS);
        byte[] hello = hello();
        byte[] of = cookie(hello);
        die(another(hello));
        long diedNs = nowNs;
        forge(hello, 30, of);
        turns(20);
        assertEquals(0, echo.closed);
        nowNs = diedNs + server.handshakeTimeoutNs();
        turnUntil(() -> echo.closed == 1);
        assertCode(ReturnCode.TLS_HANDSHAKE_TIMED_OUT, echo.result);
        connect(connection(), relay.at);
        turnUntil(() -> recorder.opened == 1 && echo.opened == 1);
        long openedNs = nowNs;
        nowNs = openedNs + 59 * SECOND_NS;
        forge(hello, 30, of);
        turns(20);
        assertEquals(1, echo.closed);
        nowNs = openedNs + 60 * SECOND_NS;
        turnUntil(() -> echo.closed == 2);
        assertCode(-Errno.ETIMEDOUT, echo.result);
    }

    // Copies of what the peer once said itself.

    @Test
    void anEarlierHelloWithItsCookieDoesNotEndALaterConnection() {
        listen(CAPACITY);
        connect(connection(), relay.at);
        turnUntil(() -> recorder.opened == 1 && echo.opened == 1);
        byte[] earlier = relay.up.get(1);
        assertEquals(MESSAGE_HELLO, earlier[13]);
        recorder.connection.close();
        turnUntil(() -> recorder.closed == 1 && echo.closed == 1);
        nowNs += SECOND_NS;
        DtlsConnection later = connect(connection(), relay.at);
        turnUntil(() -> recorder.opened == 2 && echo.opened == 2);
        nowNs += SECOND_NS;
        int answers = relay.down.size();
        relay.send(earlier, true);
        turnUntil(() -> server.counter(TlsMetrics.HELLOS_OFFSET) == 5);
        turns(20);
        assertEquals(1, echo.closed);
        assertEquals(answers + 1, relay.down.size()); // a cookie, and who asked cannot read it
        text(later, "still");
        turnUntil(() -> recorder.messages.contains("still"));
        assertCounts(5, 3, 2);
    }

    @Test
    void norALaterHandshake() {
        listen(CAPACITY);
        byte[] hello = hello();
        byte[] earlier = die(hello);
        nowNs += SECOND_NS;
        die(another(hello));
        turnUntil(() -> echo.closed == 1);
        relay.send(earlier, true);
        turnUntil(() -> server.counter(TlsMetrics.HELLOS_OFFSET) == 5);
        turns(20);
        assertEquals(1, echo.closed);
        assertEquals(1, acceptor.connections());
        assertCounts(5, 3, 2);
    }

    @Test
    void whereThereIsNoConnectionItTakesAPlaceThatThePeerTakesBack() {
        listen(CAPACITY);
        connect(connection(), relay.at);
        turnUntil(() -> recorder.opened == 1 && echo.opened == 1);
        recorder.connection.close();
        turnUntil(() -> recorder.closed == 1 && echo.closed == 1);
        nowNs += SECOND_NS;
        relay.send(relay.up.get(1), true);
        turnUntil(() -> acceptor.connections() == 1);
        nowNs += SECOND_NS;
        DtlsConnection dtls = connect(connection(), relay.at);
        turnUntil(() -> recorder.opened == 2 && echo.opened == 2);
        text(dtls, "back");
        turnUntil(() -> recorder.messages.contains("back"));
        assertEquals(1, acceptor.connections());
    }

    @Test
    void aCookieIsWorthNothingAfterTwoMinutes() {
        listen(CAPACITY);
        byte[] hello = hello();
        byte[] brings = with(cookie(hello), hello);
        nowNs += 121 * SECOND_NS;
        relay.send(brings, true);
        turnUntil(() -> server.counter(TlsMetrics.COOKIES_OFFSET) == 2);
        assertEquals(0, acceptor.connections());
        assertCounts(2, 2, 0);
    }

    /** Its key is still there, for others said hello late. */
    @Test
    void norIfOthersKeepItsKeyInUse() {
        listen(CAPACITY);
        byte[] hello = hello();
        byte[] brings = with(cookie(hello), hello);
        nowNs += 119 * SECOND_NS;
        cookie(another(hello));
        nowNs += 2 * SECOND_NS;
        relay.send(brings, true);
        turnUntil(() -> server.counter(TlsMetrics.HELLOS_OFFSET) == 3);
        assertEquals(0, acceptor.connections());
        assertCounts(3, 3, 0);
    }

    @Test
    void norDoesItKeepOutWhoWasGivenACookieSince() {
        listen(CAPACITY);
        byte[] hello = hello();
        byte[] earlier = with(cookie(hello), hello);
        nowNs += SECOND_NS;
        DtlsConnection dtls = connect(connection(), relay.at);
        turnUntil(() -> relay.down.size() == 2);
        relay.badly(100, 0, 0);
        turnUntil(() -> relay.up.size() == 2);
        relay.send(earlier, true); // between the peer's two hellos
        turnUntil(() -> acceptor.connections() == 1);
        turns(10); // the answer is lost
        nowNs += SECOND_NS;
        relay.badly(0, 0, 0);
        relay.send(relay.up.get(1), true);
        turnUntil(() -> recorder.opened == 1 && echo.opened == 1);
        assertEquals(1, echo.closed);
        text(dtls, "in");
        turnUntil(() -> recorder.messages.contains("in"));
        assertCounts(4, 2, 2);
    }
}
