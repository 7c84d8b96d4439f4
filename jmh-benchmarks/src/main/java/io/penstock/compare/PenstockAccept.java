package io.penstock.compare;

import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Listener;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import java.io.IOException;
import org.agrona.DirectBuffer;

/**
 * Accepts connections over Penstock, reads each until its peer is gone, and closes it:
 * {@code PenstockAccept PORT}. Its messages are connections closed.
 */
final class PenstockAccept implements StreamHandler {
    private static final int CAPACITY = 5000; // more than the backlog, so that none ever waits

    private final Marks marks;

    private PenstockAccept(Marks marks) {
        this.marks = marks;
    }

    public static void main(String[] args) throws IOException {
        Marks marks = new Marks();
        EventLoop loop = new EventLoop(new LoopConfig().handles(CAPACITY + 1));
        PenstockEcho.check(loop.open());
        Listener listener = new Listener(loop, new PenstockAccept(marks), CAPACITY);
        int port = PenstockEcho.listen(listener, args[0]);
        Thread thread = marks.start(() -> PenstockEcho.check(loop.run()));
        marks.serve(thread, port);
    }

    @Override
    public void onOpen(Stream stream) {
        stream.resume();
    }

    @Override
    public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
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
        marks.count();
    }
}
