package io.penstock.proof;

import io.penstock.core.ReturnCode;
import io.penstock.core.net.Close;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import org.agrona.DirectBuffer;

/** Sends back what comes, over streams with a queue, and closes those where it cannot. */
abstract class Echo implements StreamHandler {
    long refused; // echoes that no slab could keep

    /** It could not be sent back. */
    void lost(Stream s) {
        s.close();
    }

    @Override
    public void onData(Stream s, DirectBuffer buffer, int offset, int length) {
        int n = s.write(buffer, offset, length);
        if (n < 0) {
            refused += n == ReturnCode.POOL_EXHAUSTED ? 1 : 0;
            lost(s);
        } else if (s.queuedBytes() > 0) {
            s.pause();
        }
    }

    @Override
    public void onWritable(Stream s) {
        s.resume();
    }

    @Override
    public void onEnd(Stream s) {
        s.shutdown();
        s.close(Close.WHEN_DRAINED);
    }
}
