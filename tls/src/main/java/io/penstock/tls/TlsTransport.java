package io.penstock.tls;

import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import java.lang.ref.Reference;
import org.agrona.DirectBuffer;

/**
 * The streams that a TLS stream goes over, one for each direction or one for both. It is their
 * handler: it knows which of the two an event is of, and drops an event of any other stream, such
 * as one of an earlier opening. The TLS stream decides what follows from an event.
 */
final class TlsTransport implements StreamHandler {
    private final TlsStream stream;
    private final Outlet outlet;
    private Stream source; // null once it has told its onClose
    private Stream sink; // the same

    TlsTransport(TlsStream stream, Outlet outlet) {
        this.stream = stream;
        this.outlet = outlet;
    }

    void open(Stream source, Stream sink) {
        this.source = source;
        this.sink = sink;
    }

    /** The stream that is read; null once it has closed. */
    Stream source() {
        return source;
    }

    /** Whether both have told their onClose. */
    boolean isClosed() {
        return source == null && sink == null;
    }

    /** Closes both; their onClose follows. */
    void close() {
        if (source != null) {
            source.close();
        }
        if (sink != null && sink != source) {
            sink.close();
        }
    }

    @Override
    public void onOpen(Stream below) {
        if (below == source || below == sink) {
            stream.openedBelow(below == source, below == sink);
        }
    }

    @Override
    public void onData(Stream below, DirectBuffer buffer, int offset, int length) {
        if (stream.isOpen() && below == source) {
            stream.received(buffer.addressOffset() + offset, length);
            Reference.reachabilityFence(buffer);
        }
    }

    @Override
    public void onWritable(Stream below) {
        if (stream.isOpen() && outlet.isOver(below)) {
            stream.writable();
        }
    }

    @Override
    public void onEnd(Stream below) {
        if (stream.isOpen() && below == source && !stream.isEnded()) {
            stream.endedBelow();
        }
    }

    @Override
    public void onDrain(Stream below, boolean isIdle) {
        stream.drain(isIdle);
    }

    @Override
    public void onClose(Stream below, int result) {
        boolean wasSource = below == source;
        boolean wasSink = below == sink;
        if (wasSource) {
            source = null;
        }
        if (wasSink) {
            sink = null;
            outlet.disconnect();
        }
        if (wasSource || wasSink) {
            stream.closedBelow(wasSource, result);
        }
    }
}
