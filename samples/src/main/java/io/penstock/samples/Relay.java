package io.penstock.samples;

import io.penstock.core.net.DescriptorStream;
import io.penstock.core.net.Stream;
import org.agrona.DirectBuffer;

/**
 * One direction of a copy: by splice where the kernel can, else through memory, the sink's write
 * queue keeping what it does not take at once while the source is paused.
 */
final class Relay {
    final Stream source;
    final Stream sink;

    Relay(Stream source, Stream sink) {
        this.source = source;
        this.sink = sink;
    }

    /** Begins; both are open. */
    void start(boolean splices) {
        if (splices && source instanceof DescriptorStream from
                && sink instanceof DescriptorStream to) {
            from.spliceTo(to); // or not: then data come to onData
        }
        source.resume();
    }

    /** Passes on what was read: 0 or more, or a code of the sink's. */
    int data(DirectBuffer buffer, int offset, int length) {
        int n = sink.write(buffer, offset, length);
        if (n >= 0 && sink.queuedBytes() > 0) {
            source.pause();
        }
        return n;
    }
}
