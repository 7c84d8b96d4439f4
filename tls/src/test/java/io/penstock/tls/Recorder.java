package io.penstock.tls;

import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;

/** A handler that writes down what it is told. */
class Recorder implements StreamHandler {
    final List<String> calls = new ArrayList<>();
    final StringBuilder text = new StringBuilder();
    Stream stream; // the last that was opened
    long bytes;
    int result = 1;

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

    int count(String call) {
        return (int) calls.stream().filter(call::equals).count();
    }

    TlsStream tls() {
        return (TlsStream) stream;
    }
}
