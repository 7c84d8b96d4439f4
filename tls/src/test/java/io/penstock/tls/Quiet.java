package io.penstock.tls;

import io.penstock.core.loop.EventLoop;
import io.penstock.core.net.Stream;
import org.agrona.DirectBuffer;

/** A handler for tests of allocation: it counts, and closes at the peer's end. */
class Quiet extends Recorder {
    int opened;
    int data;
    int closed;

    @Override
    public void onOpen(Stream stream) {
        opened++;
        stream.resume();
    }

    @Override
    public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
        data++;
        bytes += length;
    }

    @Override
    public void onWritable(Stream stream) {
    }

    @Override
    public void onEnd(Stream stream) {
        stream.close();
    }

    @Override
    public void onClose(Stream stream, int result) {
        closed++;
    }

    /** Turns until so many streams have opened since the test began. */
    void awaitOpened(EventLoop loop, int count) {
        for (int i = 0; opened < count; i++) {
            Pump.turn(loop, i);
        }
    }

    /** Turns until data have come so many times since the test began. */
    void awaitData(EventLoop loop, int count) {
        for (int i = 0; data < count; i++) {
            Pump.turn(loop, i);
        }
    }

    /** Turns until so many streams have closed since the test began. */
    void awaitClosed(EventLoop loop, int count) {
        for (int i = 0; closed < count; i++) {
            Pump.turn(loop, i);
        }
    }
}
