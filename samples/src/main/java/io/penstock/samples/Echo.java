package io.penstock.samples;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Close;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.Listener;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import org.agrona.DirectBuffer;

/** The README's echo server. */
public final class Echo implements StreamHandler {
    @Override
    public void onOpen(Stream s) {
        s.resume();
    }

    @Override
    public void onData(Stream s, DirectBuffer b, int offset, int length) {
        int n = s.write(b, offset, length); // a queue is attached: all, or a code
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
    }

    /**
     * The program.
     *
     * @param args an address to listen on, if not 127.0.0.1:7000
     */
    public static void main(String[] args) {
        EventLoop loop = new EventLoop(new LoopConfig().handles(10_001));
        Listener listener =
                new Listener(loop, new Echo(), 10_000).queue(new BufferPool(1_000, 64 << 10));
        Endpoint at = new Endpoint();
        int rc = loop.open();
        if (rc >= 0) {
            rc = at.parse(args.length > 0 ? args[0] : "127.0.0.1:7000");
        }
        if (rc >= 0) {
            rc = listener.listen(at, 4096);
        }
        if (rc >= 0) {
            rc = loop.run();
        }
        if (rc < 0) {
            System.err.println(ReturnCode.describe(rc));
        }
    }
}
