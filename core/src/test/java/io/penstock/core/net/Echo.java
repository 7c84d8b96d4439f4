package io.penstock.core.net;

import org.agrona.DirectBuffer;

/** The README's echo, without its main. */
final class Echo implements StreamHandler {
    int opened;
    int closed;
    int lastResult;
    Stream last; // the last stream that opened

    @Override
    public void onOpen(Stream s) {
        opened++;
        last = s;
        s.resume();
    }

    @Override
    public void onData(Stream s, DirectBuffer b, int offset, int length) {
        int n = s.write(b, offset, length);
        if (n < 0) {
            s.close();
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

    @Override
    public void onClose(Stream s, int result) {
        closed++;
        lastResult = result;
    }
}
