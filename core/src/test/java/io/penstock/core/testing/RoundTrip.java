package io.penstock.core.testing;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Close;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.Listener;
import io.penstock.core.net.SocketStream;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import org.agrona.DirectBuffer;

/** A program that echoes five bytes to itself over every part of core, for a JVM of its own. */
public final class RoundTrip implements StreamHandler {
    private final boolean isServer;
    private int echoed;

    private RoundTrip(boolean isServer) {
        this.isServer = isServer;
    }

    /**
     * The program.
     *
     * @param args none
     */
    public static void main(String[] args) {
        EventLoop loop = new EventLoop(new LoopConfig());
        require(loop.open());
        Listener listener = new Listener(loop, new RoundTrip(true), 1)
                .queue(new BufferPool(4, 4096));
        Endpoint at = new Endpoint();
        require(at.parse("127.0.0.1:0"));
        require(listener.listen(at, 1));
        require(listener.localEndpoint(at));
        listener.release();
        RoundTrip client = new RoundTrip(false);
        require(new SocketStream(loop, client).connect(at));
        require(loop.run());
        loop.close();
        System.out.println("echoed " + client.echoed);
    }

    private static void require(int rc) {
        if (rc < 0) {
            throw new IllegalStateException(ReturnCode.describe(rc));
        }
    }

    @Override
    public void onOpen(Stream stream) {
        stream.resume();
        if (!isServer) {
            stream.write(NativeBuffer.allocate(5), 0, 5);
        }
    }

    @Override
    public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
        if (isServer) {
            stream.write(buffer, offset, length);
        } else {
            echoed += length;
            stream.close();
        }
    }

    @Override
    public void onWritable(Stream stream) {
    }

    @Override
    public void onEnd(Stream stream) {
        stream.close(Close.WHEN_DRAINED);
    }

    @Override
    public void onClose(Stream stream, int result) {
    }
}
