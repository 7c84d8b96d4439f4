package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.penstock.core.net.SocketOption;
import io.penstock.core.net.SocketStream;
import io.penstock.core.net.Stream;
import io.penstock.core.testing.Thrown;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A handler of TLS that throws, on a loop with no exception handler: its stream stays open. */
class ThrowingTest extends TlsFixture {
    private final Echo echo = new Echo() {
        @Override
        public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
            super.onData(stream, buffer, offset, length);
            if (buffer.getByte(offset) == '1') {
                throw new Thrown("data");
            }
        }
    };

    private Recorder establish(TlsContext client, Echo server, int opened) {
        Recorder recorder = new Recorder();
        SocketStream below = connect(new TlsStream(client, recorder).host("localhost"));
        below.setOption(SocketOption.TCP_NODELAY, 1); // the records shall arrive together
        turnUntil(() -> recorder.count("open") == 1 && server.count("open") == opened);
        return recorder;
    }

    private void write(Recorder from, String text) {
        bytes.putStringWithoutLengthAscii(0, text);
        assertEquals(text.length(), from.stream.write(bytes, 0, text.length()));
    }

    /** Of three records in one read the first one's handler throws: where is the rest read? */
    @ParameterizedTest
    @ValueSource(ints = {TlsConfig.TLS_1_2, TlsConfig.TLS_1_3})
    void theOtherRecordsOfTheReadAreNotLostNorAnotherStreams(int version) {
        listen("127.0.0.1:0", server(Pki.server("server").protocols(version, version)), echo);
        TlsContext client = client(Pki.client());
        Recorder one = establish(client, echo, 1);
        Recorder other = establish(client, echo, 2);
        turns(4); // tickets
        long reads = echo.count("data");
        for (String record : new String[] {"1", "two", "three"}) {
            write(one, record);
        }
        assertThrows(Thrown.class, () -> turns(4));
        write(other, "innocent");
        turnUntil(() -> other.bytes == "innocent".length());
        turnUntil(() -> one.bytes == "1twothree".length());
        assertEquals("1twothree", one.text.toString());
        assertEquals("innocent", other.text.toString());
        write(one, "more");
        turnUntil(() -> one.bytes == "1twothreemore".length());
        assertEquals(0, echo.count("close"));
        assertEquals(reads + 5, echo.count("data"));
    }

    /** The handler of the stream below is the user's, hands everything on, and then throws. */
    @Test
    void whoHandsOnAndThenThrows() {
        listen("127.0.0.1:0", server(Pki.server("server")), echo);
        Recorder recorder = new Recorder();
        TlsStream tls = new TlsStream(client(Pki.client()), recorder).host("localhost");
        boolean[] throwsNext = {false};
        SocketStream below = new SocketStream(loop, new Recorder() {
            @Override
            public void onOpen(Stream stream) {
                tls.transport().onOpen(stream);
            }

            @Override
            public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
                tls.transport().onData(stream, buffer, offset, length);
                if (throwsNext[0]) {
                    throwsNext[0] = false;
                    throw new Thrown("below");
                }
            }

            @Override
            public void onWritable(Stream stream) {
                tls.transport().onWritable(stream);
            }

            @Override
            public void onEnd(Stream stream) {
                tls.transport().onEnd(stream);
            }

            @Override
            public void onClose(Stream stream, int result) {
                tls.transport().onClose(stream, result);
            }
        });
        assertEquals(0, below.connect(at));
        assertEquals(0, tls.open(below));
        turnUntil(() -> recorder.count("open") == 1);
        throwsNext[0] = true;
        write(recorder, "two");
        assertThrows(Thrown.class, () -> turnUntil(() -> false));
        write(recorder, "three");
        turnUntil(() -> recorder.bytes == "twothree".length());
    }
}
