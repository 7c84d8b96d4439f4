package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.SocketOption;
import io.penstock.core.net.SocketStream;
import io.penstock.core.net.Stream;
import io.penstock.core.testing.Needs;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams that are connected again and again, and whom they expect. */
@Needs("openssl")
class TlsConnectorTest extends TlsFixture {
    private final Recorder recorder = new Recorder();
    private TlsConnector connector;

    private void serving(String where, String identity) {
        listen(where, server(Pki.server(identity)), new Echo());
        connector = new TlsConnector(client(Pki.client()));
    }

    @AfterEach
    void close() {
        loop.close();
        connector.close();
    }

    private void connect(Stream stream, int code) {
        recorder.calls.clear();
        assertEquals(0, connector.connect(stream, at));
        turnUntil(() -> !recorder.calls.isEmpty());
        assertEquals(code == 0 ? "open" : "close", recorder.calls.getFirst());
        if (code < 0) {
            assertCode(code, recorder.result);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:0", "[::1]:0"})
    void theAddressIsExpectedIfNobodyElseIs(String where) {
        serving(where, "server");
        connect(connector.stream(loop, recorder), 0);
        SocketStream below = (SocketStream) recorder.tls().below();
        assertEquals(1, below.option(SocketOption.TCP_NODELAY), "or the first words would wait");
    }

    @Test
    void aNameIsExpectedOfAllOrOfOneAddress() {
        serving("127.0.0.1:0", "other");
        connect(connector.stream(loop, recorder), ReturnCode.TLS_WRONG_HOST);
        connector.host("elsewhere.example").host(at, "other.example.net");
        connect(connector.stream(loop, recorder), 0);
    }

    /** The next try, and the next address of a name, begin where the last one ended. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void itMayBeConnectedAgainInOnClose(boolean isRefusedAtFirst) {
        serving("127.0.0.1:0", "server");
        Endpoint nobody = new Endpoint();
        assertEquals(0, nobody.parse("127.0.0.2:1"));
        List<Integer> answers = new ArrayList<>();
        Recorder again = new Recorder() {
            @Override
            public void onClose(Stream s, int result) {
                super.onClose(s, result);
                if (answers.size() < 2) {
                    answers.add(connector.connect(s, at));
                }
            }
        };
        Stream stream = connector.stream(loop, again);
        assertEquals(0, connector.connect(stream, isRefusedAtFirst ? nobody : at));
        for (int i = isRefusedAtFirst ? 2 : 1; i <= 3; i++) {
            int times = i - (isRefusedAtFirst ? 1 : 0);
            turnUntil(() -> again.count("open") == times);
            assertTrue(stream.isOpen());
            assertEquals(100, stream.write(bytes, 0, 100));
            turnUntil(() -> again.bytes == 100L * times);
            stream.close();
        }
        turnUntil(() -> again.count("close") == 3);
        assertEquals(List.of(0, 0), answers);
        assertFalse(stream.isOpen());
    }

    /** It goes back to the acceptor, which opens it when there is a connection for it. */
    @Test
    void anAcceptorsConnectionIsNotItsUsersToOpen() {
        List<Integer> answers = new ArrayList<>();
        listen("127.0.0.1:0", server(Pki.server("server")), new Recorder() {
            @Override
            public void onEnd(Stream s) {
                s.close();
            }

            @Override
            public void onClose(Stream s, int result) {
                answers.add(((TlsStream) s).open(new SocketStream(loop, new Recorder())));
            }
        });
        connector = new TlsConnector(client(Pki.client()));
        connector.host("localhost");
        Stream stream = connector.stream(loop, recorder);
        for (int i = 1; i <= 3; i++) {
            connect(stream, 0);
            stream.close();
            int times = i;
            turnUntil(() -> answers.size() == times && !stream.isOpen());
            turnUntil(() -> recorder.calls.contains("close"));
        }
        assertEquals(List.of(ReturnCode.NOT_SUPPORTED), answers.stream().distinct().toList());
    }

    @Test
    void theSecondTimeIsShorter() {
        serving("127.0.0.1:0", "server");
        TlsStream stream = (TlsStream) connector.stream(loop, recorder);
        connect(stream, 0);
        assertFalse(stream.outcome().isResumed());
        stream.write(bytes, 0, 100);
        turnUntil(() -> recorder.bytes == 100);
        stream.close();
        turnUntil(() -> recorder.count("close") == 1);
        connect(stream, 0);
        assertTrue(stream.outcome().isResumed());
    }

    @Test
    void whatFailsAtOnceLeavesNothingOpen() {
        serving("127.0.0.1:0", "server");
        Stream stream = connector.stream(loop, recorder);
        Endpoint nobody = new Endpoint();
        nobody.parse("255.255.255.255:1");
        assertTrue(connector.connect(stream, nobody) < 0);
        assertEquals(0, recorder.count("close"));
        connect(stream, 0);
        assertCode(ReturnCode.ALREADY_OPEN, connector.connect(stream, at));
    }

    @Test
    void aLoopOfItsOwn() {
        serving("127.0.0.1:0", "server");
        EventLoop other = new EventLoop(new LoopConfig());
        assertThrows(IllegalArgumentException.class, () -> connector.stream(other, recorder));
    }
}
