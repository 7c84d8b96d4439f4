package io.penstock.compare;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Close;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.Listener;
import io.penstock.core.net.SocketOption;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import io.penstock.core.sys.Linux;
import io.penstock.tls.TlsAcceptor;
import io.penstock.tls.TlsConfig;
import io.penstock.tls.TlsContext;
import java.io.IOException;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.BusySpinIdleStrategy;

/**
 * A TCP echo server over Penstock: {@code PenstockEcho PORT blocking|busy CAPACITY
 * [CERTIFICATE KEY]}, the latter for TLS. A queue of each connection keeps what a short write
 * leaves over, and nothing is read until it has gone.
 */
final class PenstockEcho implements StreamHandler {
    private static final int BACKLOG = 4096;
    private static final int SLABS = 1000;
    private static final int SLAB_BYTES = 64 << 10;

    private final Marks marks;

    private PenstockEcho(Marks marks) {
        this.marks = marks;
    }

    public static void main(String[] args) throws IOException {
        int capacity = Integer.parseInt(args[2]);
        Marks marks = new Marks();
        boolean isTls = args.length > 3;
        EventLoop loop = new EventLoop(new LoopConfig()
                .handles((isTls ? 2 : 1) * capacity + 1).timers(capacity + 1));
        check(loop.open());
        PenstockEcho echo = new PenstockEcho(marks);
        BufferPool pool = new BufferPool(SLABS, SLAB_BYTES);
        Listener listener = isTls
                ? new Listener(loop, tls(loop, echo, capacity, args).queue(pool), capacity)
                : new Listener(loop, echo, capacity).queue(pool);
        int port = listen(listener, args[0]);
        Thread thread = marks.start(() -> check(args[1].equals("busy")
                ? loop.run(BusySpinIdleStrategy.INSTANCE) : loop.run()));
        marks.serve(thread, port);
    }

    private static TlsAcceptor tls(
            EventLoop loop, StreamHandler handler, int capacity, String[] args) {
        TlsContext context = TlsContext.server(loop,
                new TlsConfig().certificate(args[3]).key(args[4]));
        check(context.open());
        return new TlsAcceptor(context, handler, capacity);
    }

    /** Opens it, and tells the port. */
    static int listen(Listener listener, String port) {
        Endpoint at = new Endpoint();
        check(at.parse("127.0.0.1:" + port));
        check(listener.open(Linux.AF_INET));
        check(listener.setOption(SocketOption.TCP_NODELAY, 1)); // its connections inherit it
        check(listener.listen(at, BACKLOG));
        check(listener.localEndpoint(at));
        return at.port();
    }

    static void check(int rc) {
        if (rc < 0) {
            throw new IllegalStateException(ReturnCode.describe(rc));
        }
    }

    @Override
    public void onOpen(Stream stream) {
        stream.resume();
    }

    @Override
    public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
        marks.count();
        int n = stream.write(buffer, offset, length);
        if (n < 0) {
            stream.close();
        } else if (stream.queuedBytes() > 0) {
            stream.pause();
        }
    }

    @Override
    public void onWritable(Stream stream) {
        stream.resume();
    }

    @Override
    public void onEnd(Stream stream) {
        stream.shutdown();
        stream.close(Close.WHEN_DRAINED);
    }

    @Override
    public void onClose(Stream stream, int result) {
    }
}
