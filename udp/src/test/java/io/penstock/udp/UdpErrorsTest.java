package io.penstock.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.SocketOption;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Syscall;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Errors that come back: for a port without a socket the kernel sends ICMP, at once. */
class UdpErrorsTest extends UdpFixture {
    private static final String REFUSED = "error " + -Errno.ECONNREFUSED + " ";

    private final Recorder recorder = new Recorder();
    private UdpSocket client;

    /** Sets {@link #at} to an address where nobody listens. */
    private void nobodyAt(String address) {
        bind(socket(), address).close();
    }

    private void keepErrors(UdpSocket socket) {
        assertEquals(0, socket.setOption(
                at.isIpv4() ? SocketOption.IP_RECVERR : SocketOption.IPV6_RECVERR, 1));
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1:0,true", "127.0.0.1:0,false", "[::1]:0,true", "[::1]:0,false"})
    void toldOnTheLoop(String address, boolean isConnected) {
        nobodyAt(address);
        client = open(socket(recorder));
        if (isConnected) {
            connect(client);
        }
        keepErrors(client);
        client.resume();
        assertEquals(1, client.send(bytes, 0, 1, at));
        turns(2);
        assertEquals(List.of(REFUSED + at), recorder.heard);
        assertIdle();
        assertEquals(1, client.counter(UdpMetrics.ERROR_OFFSET));
        assertEquals(1, client.send(bytes, 0, 1, at), "it goes on");
        turns(2);
        assertEquals(2, recorder.errors);
    }

    @Test
    void aConnectedSocketIsToldByItself() {
        nobodyAt("127.0.0.1:0");
        client = connect(socket(recorder));
        client.resume();
        assertEquals(1, client.send(bytes, 0, 1));
        turns(2);
        assertEquals(List.of(REFUSED + "none"), recorder.heard);
        assertIdle();
        assertEquals(1, client.counter(UdpMetrics.ERROR_OFFSET));
    }

    @Test
    void oneThatIsNotIsNotTold() {
        nobodyAt("127.0.0.1:0");
        client = open(socket(recorder));
        client.resume();
        assertEquals(1, client.send(bytes, 0, 1, at));
        assertIdle();
        assertEquals(List.of(), recorder.heard);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPausedSocketDoesNotSpin(boolean keepsErrors) {
        nobodyAt("127.0.0.1:0");
        client = connect(socket(recorder));
        if (keepsErrors) {
            keepErrors(client);
        }
        client.resume();
        turns(1);
        client.pause();
        assertEquals(1, client.send(bytes, 0, 1));
        assertIdle();
        assertEquals(List.of(), recorder.heard);
        client.resume();
        turns(2);
        assertEquals(1, recorder.errors);
    }

    /** A paused socket that waits for room is woken for the error. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPausedSocketThatWaitsForRoom(boolean keepsErrors) {
        nobodyAt("127.0.0.1:0");
        client = connect(socket(recorder));
        if (keepsErrors) {
            keepErrors(client);
        }
        assertEquals(1, client.send(bytes, 0, 1));
        posix.fail(Syscall.SENDTO, Errno.EAGAIN, 0, 1);
        assertEquals(-Errno.EAGAIN, client.send(bytes, 0, 1));
        turns(2);
        assertEquals(List.of(REFUSED + (keepsErrors ? at : "none"), "writable"), recorder.heard);
        assertIdle();
        assertEquals(1, client.send(bytes, 0, 1), "the error is told, and gone");
    }

    @Test
    void turnedOffAgain() {
        nobodyAt("127.0.0.1:0");
        client = connect(socket(recorder));
        keepErrors(client);
        assertEquals(0, client.setOption(SocketOption.IP_RECVERR, 0));
        posix.failAlways(Syscall.RECVMSG, Errno.EIO); // the error queue must not be read
        client.resume();
        assertEquals(1, client.send(bytes, 0, 1));
        turns(2);
        assertEquals(List.of(REFUSED + "none"), recorder.heard);
        assertIdle();
    }

    @Test
    void sendingTellsItToo() {
        nobodyAt("127.0.0.1:0");
        client = connect(socket());
        assertEquals(1, client.send(bytes, 0, 1));
        assertEquals(-Errno.ECONNREFUSED, client.send(bytes, 0, 1));
        assertEquals(1, client.send(bytes, 0, 1));
        batch.length(0, 1);
        assertEquals(-Errno.ECONNREFUSED, client.send(batch, 0, 1));
        assertEquals(1, client.send(batch, 0, 1));
        assertEquals(-Errno.ECONNREFUSED, client.send(bytes, 0, 20, 10, null));
        assertEquals(20, client.send(bytes, 0, 20, 10, null));
        assertEquals(-Errno.ECONNREFUSED, client.receive(batch));
        assertEquals(-Errno.EAGAIN, client.receive(batch));
        assertEquals(1, client.send(bytes, 0, 1));
        assertEquals(-Errno.ECONNREFUSED, client.receive(bytes, 0, 1, from));
        assertEquals(5, client.counter(UdpMetrics.ERROR_OFFSET));
        assertEquals(0, client.counter(UdpMetrics.EAGAIN_OFFSET));
    }

    @Test
    void datagramsAndErrorsBoth() {
        nobodyAt("127.0.0.1:0");
        Endpoint nobody = new Endpoint();
        nobody.copyFrom(at);
        client = bind(socket(recorder), "127.0.0.1:0");
        keepErrors(client);
        client.resume();
        UdpSocket peer = connect(socket());
        for (int i = 0; i < 20; i++) {
            assertEquals(1, peer.send(bytes, 0, 1));
            assertEquals(1, client.send(bytes, 0, 1, nobody), "round " + i);
            turns(2);
        }
        assertEquals(20, recorder.datagrams);
        assertEquals(20, recorder.errors);
        assertIdle();
    }

    @Test
    void lookingForErrorsCostsNothingWhileThereAreNone() {
        client = bind(socket(recorder), "127.0.0.1:0");
        keepErrors(client);
        client.resume();
        UdpSocket peer = connect(socket());
        posix.failAlways(Syscall.RECVMSG, Errno.EIO);
        for (int i = 0; i < 5; i++) {
            assertEquals(1, peer.send(bytes, 0, 1));
            turns(2);
        }
        assertEquals(5, recorder.datagrams);
        assertEquals(0, recorder.errors);
    }

    @Test
    void manyErrorsAtOnce() {
        nobodyAt("127.0.0.1:0");
        client = open(socket(recorder));
        keepErrors(client);
        client.resume();
        int sent = 0;
        for (int i = 0; i < 200; i++) {
            sent += client.send(bytes, 0, 1, at) == 1 ? 1 : 0;
        }
        int failed = 200 - sent; // each took and returned the pending error
        turnUntil(() -> recorder.errors >= 100);
        turns(5);
        assertEquals(sent, recorder.errors, "one for each that went");
        assertEquals(sent + failed, client.counter(UdpMetrics.ERROR_OFFSET));
        assertIdle();
    }

    @Test
    void closingInOnError() {
        nobodyAt("127.0.0.1:0");
        client = open(socket(recorder));
        keepErrors(client);
        recorder.onError = client::close;
        client.resume();
        client.send(bytes, 0, 1, at);
        client.send(bytes, 0, 1, at);
        client.send(bytes, 0, 1, at);
        turns(3);
        assertEquals(List.of(REFUSED + at, "close 0"), recorder.heard);
        nobodyAt("127.0.0.1:0");
        connect(client);
        client.resume();
        client.send(bytes, 0, 1);
        turns(3);
        assertEquals(List.of(REFUSED + "none", "close 0"), recorder.heard.subList(2, 4));
    }

    @Test
    void aPendingErrorIsNotToldTwice() {
        nobodyAt("[::1]:0");
        client = connect(socket(recorder));
        keepErrors(client);
        client.send(bytes, 0, 1);
        client.resume();
        turns(3);
        assertEquals(1, recorder.errors);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:0", "[::1]:0"})
    void whoToldItStandsBehindAllElse(String address) {
        nobodyAt(address);
        client = open(socket());
        keepErrors(client);
        boolean is4 = at.isIpv4();
        assertEquals(0, client.setOption(SocketOption.SO_TIMESTAMPNS, 1));
        assertEquals(0, client.setOption(
                is4 ? SocketOption.IP_PKTINFO : SocketOption.IPV6_RECVPKTINFO, 1));
        assertEquals(0, client.setOption(
                is4 ? SocketOption.IP_RECVTOS : SocketOption.IPV6_RECVTCLASS, 1));
        assertEquals(1, client.send(bytes, 0, 1, at));
        assertEquals(-Errno.ECONNREFUSED, client.takeError(from));
        assertEquals(at, from);
        Endpoint offender = new Endpoint();
        assertEquals(0, client.errorOffender(offender));
        assertEquals(is4 ? "127.0.0.1:0" : "[::1]:0", offender.toString());
        assertEquals(-Errno.EAGAIN, client.takeError(from));
        assertEquals(0, from.length());
        assertEquals(ReturnCode.NOT_SUPPORTED, client.errorOffender(offender));
    }

    @Test
    void mappedIpv4OnADualSocket() {
        nobodyAt("127.0.0.1:0");
        int port = at.port();
        assertEquals(0, at.parse("[::ffff:127.0.0.1]:" + port));
        client = open(socket(recorder));
        assertEquals(0, client.setOption(SocketOption.IP_RECVERR, 1));
        client.resume();
        assertEquals(1, client.send(bytes, 0, 1, at));
        turns(2);
        assertEquals(1, recorder.errors);
        assertTrue(recorder.heard.get(0).startsWith(REFUSED), recorder.heard::toString);
        assertIdle();
    }

    @Test
    void theErrorQueueItselfFails() {
        nobodyAt("127.0.0.1:0");
        client = open(socket(recorder));
        keepErrors(client);
        client.resume();
        client.send(bytes, 0, 1, at);
        posix.fail(Syscall.RECVMSG, Errno.ENOMEM, 0, 1);
        turns(3);
        assertEquals(2, recorder.errors);
        assertIdle();
    }

    @Test
    void disconnectedItIsToldNoMore() {
        nobodyAt("127.0.0.1:0");
        client = connect(socket());
        assertEquals(0, client.peerEndpoint(from));
        assertEquals(at, from);
        assertEquals(0, client.disconnect());
        assertEquals(-Errno.ENOTCONN, client.peerEndpoint(from));
        assertEquals(-Errno.EDESTADDRREQ, client.send(bytes, 0, 1));
        assertEquals(1, client.send(bytes, 0, 1, at));
        assertEquals(-Errno.EAGAIN, client.receive(batch));
    }
}
