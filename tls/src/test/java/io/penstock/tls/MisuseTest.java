package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** What only a bug can do throws at construction. */
class MisuseTest extends TlsFixture {
    @Test
    void nullAndNoCapacity() {
        TlsContext context = TlsContext.client(loop, new TlsConfig());
        TlsContext datagrams = TlsContext.dtlsServer(loop, new TlsConfig());
        Recorder recorder = new Recorder();
        assertThrows(NullPointerException.class, () -> new TlsStream(context, null));
        assertThrows(NullPointerException.class, () -> new TlsStream(null, recorder));
        assertThrows(NullPointerException.class, () -> new TlsAcceptor(context, null, 1));
        assertThrows(IllegalArgumentException.class,
                () -> new TlsAcceptor(context, recorder, 0));
        assertThrows(IllegalArgumentException.class,
                () -> new TlsAcceptor(context, recorder, -1));
        assertThrows(NullPointerException.class, () -> new TlsConnector(null));
        assertThrows(NullPointerException.class, () -> new DtlsConnection(datagrams, null));
        assertThrows(NullPointerException.class, () -> new DtlsAcceptor(datagrams, null, 1));
        assertThrows(IllegalArgumentException.class,
                () -> new DtlsAcceptor(datagrams, new DtlsFixture.DtlsRecorder(), 0));
        assertThrows(NullPointerException.class, () -> new Digest(null));
        assertThrows(NullPointerException.class, () -> new Mac(null));
    }
}
