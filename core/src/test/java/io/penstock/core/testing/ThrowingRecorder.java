package io.penstock.core.testing;

import io.penstock.core.net.Stream;
import org.agrona.DirectBuffer;

/** A recorder that throws in one of its callbacks, after it has done what it does. */
public final class ThrowingRecorder extends Recorder {
    /** In which; null throws no more. */
    public String throwsIn;
    /** What it does first. */
    public Runnable before = () -> { };
    /** How often it threw. */
    public int threw;

    @Override
    public void onOpen(Stream stream) {
        super.onOpen(stream);
        called("open");
    }

    @Override
    public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
        super.onData(stream, buffer, offset, length);
        called("data");
    }

    @Override
    public void onWritable(Stream stream) {
        super.onWritable(stream);
        called("writable");
    }

    @Override
    public void onEnd(Stream stream) {
        super.onEnd(stream);
        called("end");
    }

    @Override
    public void onClose(Stream stream, int result) {
        super.onClose(stream, result);
        called("close");
    }

    private void called(String callback) {
        if (callback.equals(throwsIn)) {
            throwsIn = null;
            threw++;
            before.run();
            throw new Thrown(callback);
        }
    }
}
