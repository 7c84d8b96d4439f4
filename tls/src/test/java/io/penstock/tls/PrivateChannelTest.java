package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrivateChannelTest extends TlsFixture {
    private static SelfSigned generated() {
        SelfSigned identity = new SelfSigned();
        assertEquals(0, identity.generate());
        return identity;
    }

    @ParameterizedTest
    @ValueSource(strings = {"@penstock-private", "/tmp/penstock-private.sock", "127.0.0.1:0"})
    void twoSidesThatShareItTalk(String where) {
        SelfSigned identity = generated();
        Echo echo = new Echo();
        TlsContext server = server(new TlsConfig().privateChannel(identity));
        listen(where, server, echo);
        Recorder recorder = new Recorder();
        TlsContext context = client(new TlsConfig().privateChannel(identity));
        TlsStream client = new TlsStream(context, recorder);
        connect(client);
        turnUntil(() -> recorder.count("open") == 1);
        assertEquals(TlsConfig.TLS_1_3, client.outcome().protocol());
        assertEquals(5, client.write(bytes, 0, 5));
        turnUntil(() -> recorder.bytes == 5);
        assertEquals(bytes.getStringWithoutLengthAscii(0, 5), recorder.text.toString());
        assertEquals(0, client.shutdown());
        turnUntil(() -> recorder.count("end") == 1 && echo.count("close") == 1);
        assertEquals(0, echo.result);
        assertEquals(0, client.close());
        turnUntil(() -> recorder.count("close") == 1);
        assertEquals(0, recorder.result);
        assertEquals(List.of("open", "data", "end", "close"), recorder.calls);
        lawsHold(client);
        assertEquals(1, context.count(TlsMetrics.DONE_OFFSET));
        assertEquals(1, server.count(TlsMetrics.DONE_OFFSET));
        identity.close();
    }

    @Test
    void nobodyWithoutItGetsPastTheHandshake() {
        Echo echo = new Echo();
        TlsContext server = server(new TlsConfig().privateChannel(generated()));
        listen("@penstock-private", server, echo);
        TlsConfig[] strangers = {
            new TlsConfig().acceptAnyPeer(),
            new TlsConfig().privateChannel(generated()),
            new TlsConfig().privateChannel(generated()).acceptAnyPeer(),
        };
        for (TlsConfig config : strangers) {
            Recorder recorder = new Recorder();
            TlsStream client = new TlsStream(client(config), recorder);
            connect(client);
            turnUntil(() -> recorder.count("close") == 1);
            assertNotEquals(0, recorder.result);
            assertEquals(0, recorder.bytes);
        }
        turnUntil(() -> echo.count("close") == strangers.length);
        assertEquals(0, echo.count("open"));
        assertEquals(strangers.length, server.count(TlsMetrics.FAILED_OFFSET));
    }

    @Test
    void theClientKnowsItsServerToo() {
        listen("@penstock-private", server(new TlsConfig().privateChannel(generated())
                .requestClientCertificate()), new Echo());
        Recorder recorder = new Recorder();
        connect(new TlsStream(client(new TlsConfig().privateChannel(generated())), recorder));
        turnUntil(() -> recorder.count("close") == 1);
        assertCode(ReturnCode.TLS_CERTIFICATE_UNTRUSTED, recorder.result);
        assertEquals(List.of("close"), recorder.calls);
        assertEquals(48, recorder.tls().outcome().alertSent(), "unknown_ca");
        assertEquals(18, recorder.tls().outcome().verifyResult());
        assertTrue(recorder.tls().outcome().failureText().contains("certificate verify failed"));
    }

    @Test
    void itIsWiped() {
        SelfSigned identity = generated();
        assertCode(ReturnCode.ALREADY_OPEN, identity.generate());
        var key = identity.key();
        assertTrue(key.getStringWithoutLengthAscii(0, 27).startsWith("-----BEGIN PRIVATE KEY"));
        identity.close();
        assertNull(identity.key());
        assertEquals(0, key.getLong(0));
        assertEquals(0, identity.generate());
    }
}
