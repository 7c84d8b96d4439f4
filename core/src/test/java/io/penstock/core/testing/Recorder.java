package io.penstock.core.testing;

import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;

/** A handler that writes down what it is told; a test may have it do more. */
public class Recorder implements StreamHandler {
    /** What was called, without its on. */
    public final List<String> calls = new ArrayList<>();
    /** The beginning of what came. */
    public final StringBuilder text = new StringBuilder();
    /** How much came. */
    public long bytes;
    /** What onClose was told; 1 before. */
    public int result = 1;
    /** The last that was opened or closed. */
    public Stream stream;

    @Override
    public void onOpen(Stream stream) {
        calls.add("open");
        this.stream = stream;
        stream.resume();
    }

    @Override
    public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
        calls.add("data");
        bytes += length;
        if (text.length() < 4096) {
            text.append(buffer.getStringWithoutLengthAscii(offset, length));
        }
    }

    @Override
    public void onWritable(Stream stream) {
        calls.add("writable");
    }

    @Override
    public void onEnd(Stream stream) {
        calls.add("end");
    }

    @Override
    public void onClose(Stream stream, int result) {
        calls.add("close");
        this.stream = stream;
        this.result = result;
    }

    /** How often that was called. */
    public int count(String call) {
        return (int) calls.stream().filter(call::equals).count();
    }
}
