package io.penstock.tls;

import io.penstock.core.net.Close;
import io.penstock.core.net.Stream;
import org.agrona.DirectBuffer;

/** Sends back what comes. Its streams have a queue. */
class Echo extends Recorder {
    @Override
    public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
        super.onData(stream, buffer, offset, length);
        int n = stream.write(buffer, offset, length);
        if (n < 0) {
            refused(stream, n);
        } else if (stream.queuedBytes() > 0) {
            stream.pause();
        }
    }

    /** A write answered a code. */
    void refused(Stream stream, int code) {
        stream.close();
    }

    @Override
    public void onWritable(Stream stream) {
        super.onWritable(stream);
        stream.resume();
    }

    @Override
    public void onEnd(Stream stream) {
        super.onEnd(stream);
        stream.shutdown();
        stream.close(Close.WHEN_DRAINED);
    }
}
