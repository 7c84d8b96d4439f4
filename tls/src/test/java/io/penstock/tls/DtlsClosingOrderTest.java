package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.testing.Needs;
import io.penstock.udp.UdpSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A socket tells its onClose before the turn of the connection over it, or after it. */
@Needs("openssl")
class DtlsClosingOrderTest extends DtlsFixture {
    private final DtlsRecorder echo = echo();
    private DtlsConnection dtls;
    private LateCloses late;
    private UdpSocket own;

    private void open(DtlsHandler handler) {
        listen(echo);
        client = opened(TlsContext.dtlsClient(loop, Pki.client().retransmitTimeoutNs(SOON_NS)));
        dtls = new DtlsConnection(client, handler).host("localhost");
        late = new LateCloses(dtls.transport());
        own = new UdpSocket(loop, late, batch());
        assertEquals(0, own.connect(at));
        assertCode(0, dtls.open(own));
    }

    private void turn() {
        turns(1);
        late.turned();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4})
    void bothMayBeOpenedAgainInOnClose(int turnsAfter) {
        DtlsRecorder again = new DtlsRecorder() {
            @Override
            public void onClose(DtlsConnection connection, int result) {
                super.onClose(connection, result);
                assertFalse(own.isOpen() || late.isOwed(), "its socket is there");
                if (closed == 1) {
                    late.turns = 0;
                    assertEquals(0, own.connect(at));
                    assertCode(0, dtls.open(own));
                }
            }
        };
        open(again);
        turnUntil(() -> again.opened == 1);
        late.turns = turnsAfter;
        assertEquals(0, dtls.close());
        for (int i = 0; i < turnsAfter; i++) {
            turns(1);
            assertEquals(Life.GIVEN_BACK, dtls.life());
            assertFalse(dtls.isOpen());
            assertNull(dtls.below());
            assertCode(ReturnCode.CLOSED, dtls.write(bytes, 0, 1));
            assertCode(ReturnCode.CLOSED, dtls.close());
            assertCode(ReturnCode.ALREADY_OPEN, dtls.open(own));
            assertEquals(0, again.closed);
            late.turned();
        }
        turnUntil(() -> again.opened == 2);
        assertEquals(1, again.closed);
        assertEquals(0, again.result);
        text(dtls, "again");
        turnUntil(() -> again.messages.contains("again"));
        dtls.close();
        turnUntil(() -> again.closed == 2);
    }

    /** The connection closes because its socket did, so it is a turn behind. */
    @Test
    void theSocketMayCloseBefore() {
        open(recorder);
        turnUntil(() -> recorder.opened == 1);
        own.close();
        turn();
        assertEquals(Life.CLOSING, dtls.life());
        assertEquals(0, recorder.closed);
        turn();
        assertEquals(1, recorder.closed);
        assertCode(ReturnCode.CLOSED, recorder.result);
    }

    /** Both were told to close, and the socket's turn was the one before. */
    @Test
    void theConnectionMayBeClosedWhileItsSocketIs() {
        open(recorder);
        turnUntil(() -> recorder.opened == 1);
        late.turns = 1;
        own.close();
        turns(1); // the socket has closed, and the connection was not told
        assertEquals(Life.OPEN, dtls.life());
        assertEquals(0, dtls.close());
        turns(1);
        assertEquals(Life.GIVEN_BACK, dtls.life());
        late.turned();
        assertEquals(1, recorder.closed);
        assertCode(0, recorder.result);
    }

    /** The socket of an acceptor is told late: its connections wait for nothing. */
    @Test
    void aServersConnectionWaitsForNobodysSocket() {
        server = opened(TlsContext.dtlsServer(loop, Pki.server("server")));
        acceptor = new DtlsAcceptor(server, echo, 2);
        late = new LateCloses(acceptor);
        socket = new UdpSocket(loop, late, batch());
        assertEquals(0, at.parse("127.0.0.1:0"));
        assertEquals(0, socket.bind(at));
        assertEquals(0, socket.localEndpoint(at));
        assertEquals(0, socket.resume());
        DtlsConnection other = connect(connection());
        turnUntil(() -> recorder.opened == 1 && echo.opened == 1);
        late.turns = 3;
        assertEquals(0, acceptor.close());
        turn();
        assertEquals(1, echo.closed);
        assertEquals(0, echo.result);
        assertEquals(0, acceptor.connections());
        turn();
        turn();
        assertFalse(late.isOwed());
        assertEquals(ReturnCode.NOT_OPEN, acceptor.close(), "it has no socket any more");
        turnUntil(() -> recorder.closed == 1);
        assertTrue(!other.isOpen());
    }
}
