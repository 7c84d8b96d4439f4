package io.penstock.core.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.testing.Recorder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamConnectorTest extends NetFixture {
    private final Recorder recorder = new Recorder();

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:0", "@penstock-connector"})
    void aStreamIsConnectedManyTimes(String where) {
        listen(where, new Echo());
        Stream stream = StreamConnector.TCP.stream(loop, recorder);
        for (int i = 0; i < 3; i++) {
            recorder.calls.clear();
            assertEquals(0, StreamConnector.TCP.connect(stream, at));
            turnUntil(() -> recorder.calls.contains("open"));
            if (at.isIpv4()) {
                assertEquals(1, ((SocketStream) stream).option(SocketOption.TCP_NODELAY));
            }
            stream.close();
            turnUntil(() -> recorder.calls.contains("close"));
        }
    }

    @Test
    void anImmediateFailureCallsNoHandler() {
        at.parse("255.255.255.255:1");
        Stream stream = StreamConnector.TCP.stream(loop, recorder);
        assertTrue(StreamConnector.TCP.connect(stream, at) < 0);
        turns(3);
        assertEquals(List.of(), recorder.calls);
    }
}
