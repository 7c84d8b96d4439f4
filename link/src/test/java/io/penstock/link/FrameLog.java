package io.penstock.link;

import io.penstock.core.ReturnCode;
import io.penstock.core.net.Stream;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;

/** Writes down what a reader finds, and pauses as often as told. */
class FrameLog implements FrameHandler {
    final List<String> events = new ArrayList<>();
    final List<byte[]> frames = new ArrayList<>();
    long bytes; // of frames with their headers, and skipped
    int pauseEvery = Integer.MAX_VALUE;

    @Override
    public void onFrame(Stream stream, DirectBuffer buffer, int offset, int length) {
        byte[] payload = new byte[length];
        buffer.getBytes(offset, payload);
        frames.add(payload);
        bytes += 16 + length;
        logged("frame " + length, stream);
    }

    @Override
    public void onBadFrame(Stream stream, int code, long skippedBytes) {
        bytes += skippedBytes;
        String name = ReturnCode.describe(code);
        logged(name.substring(0, name.indexOf(':')) + " " + skippedBytes, stream);
    }

    private void logged(String event, Stream stream) {
        events.add(event);
        if (events.size() % pauseEvery == 0) {
            stream.pause();
        }
    }
}
