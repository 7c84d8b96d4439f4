package io.penstock.core.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.FaultyPosix;
import io.penstock.core.testing.Recorder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TCP_NODELAY is on by default, and costs no system call for an accepted connection. */
class NagleTest extends NetFixture {
    private final Echo echo = new Echo();
    private int optionsSet;

    private void countOptions() {
        posix.on(Syscall.SETSOCKOPT, (kernel, args) -> {
            optionsSet++;
            return FaultyPosix.Rule.PASS;
        });
    }

    private SocketStream connect() {
        int before = echo.opened;
        Recorder client = new Recorder();
        SocketStream stream = new SocketStream(loop, client);
        assertEquals(0, stream.connect(at));
        turnUntil(() -> client.count("open") == 1 && echo.opened == before + 1);
        return stream;
    }

    private int accepted() {
        return ((SocketStream) echo.last).option(SocketOption.TCP_NODELAY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:0", "[::1]:0"})
    void bothSidesSendAtOnce(String where) {
        Listener listener = listen(where, echo);
        assertEquals(1, listener.option(SocketOption.TCP_NODELAY));
        countOptions();
        SocketStream stream = connect();
        assertEquals(1, optionsSet, "one system call to connect, none to accept");
        assertEquals(1, stream.option(SocketOption.TCP_NODELAY));
        assertEquals(1, accepted());
    }

    @Test
    void nagleComesBackByItsKernelName() {
        Listener listener = new Listener(loop, echo, 8);
        assertEquals(0, listener.open(Linux.AF_INET));
        assertEquals(0, listener.setOption(SocketOption.TCP_NODELAY, 0));
        assertEquals(0, at.ipv4(Endpoint.IPV4_LOOPBACK, 0));
        assertEquals(0, listener.listen(at, 8));
        assertEquals(0, listener.localEndpoint(at));
        SocketStream stream = new SocketStream(loop, new Recorder());
        assertEquals(0, stream.open(Linux.AF_INET));
        assertEquals(0, stream.setOption(SocketOption.TCP_NODELAY, 0));
        assertEquals(0, stream.connect(at));
        turnUntil(() -> echo.opened == 1);
        assertEquals(0, stream.option(SocketOption.TCP_NODELAY));
        assertEquals(0, accepted(), "the listener's");
    }

    @Test
    void unixSocketsGetNoTcpOption() {
        countOptions();
        listen("@penstock-nagle-" + System.nanoTime(), echo);
        connect();
        assertEquals(0, optionsSet);
    }

    @Test
    void aRefusalIsACodeAndLeavesNothingOpen() {
        posix.failAlways(Syscall.SETSOCKOPT, Errno.ENOPROTOOPT);
        assertEquals(0, at.ipv4(Endpoint.IPV4_LOOPBACK, 0));
        SocketStream stream = new SocketStream(loop, new Recorder());
        assertEquals(-Errno.ENOPROTOOPT, stream.connect(at));
        posix.heal();
        posix.fail(Syscall.SETSOCKOPT, Errno.ENOPROTOOPT, 1, 1);
        Listener listener = new Listener(loop, echo, 8);
        assertEquals(-Errno.ENOPROTOOPT, listener.listen(at, 8));
        assertEquals(0, listener.listen(at, 8));
    }
}
