package io.penstock.core.net;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.sys.Linux;
import org.agrona.DirectBuffer;

/** Both ends as Penstock's streams, on one loop. */
final class PenstockPair implements EchoPair {
    private final EventLoop loop = new EventLoop(new LoopConfig().handles(4));
    private final NativeBuffer message = NativeBuffer.allocate(MESSAGE_BYTES);
    private final SocketStream client;
    private int left;
    private int opened;

    PenstockPair(String address) {
        Endpoint at = new Endpoint();
        Listener listener = new Listener(loop, new End(true), 1);
        client = new SocketStream(loop, new End(false));
        require(loop.open());
        require(at.parse(address));
        if (at.isIpv4()) {
            require(listener.open(Linux.AF_INET));
            require(listener.setOption(SocketOption.TCP_NODELAY, 1)); // what it accepts has it too
        }
        require(listener.listen(at, 1));
        require(listener.localEndpoint(at));
        require(client.connect(at));
        while (opened < 2) {
            require(loop.runOnce(EventLoop.NO_LIMIT));
        }
        if (at.isIpv4()) {
            require(client.setOption(SocketOption.TCP_NODELAY, 1));
        }
    }

    private static void require(int rc) {
        if (rc < 0) {
            throw new IllegalStateException(ReturnCode.describe(rc));
        }
    }

    @Override
    public void roundTrips(int count) {
        left = count;
        require(client.write(message, 0, MESSAGE_BYTES));
        while (left > 0) {
            require(loop.runOnce(EventLoop.NO_LIMIT));
        }
    }

    @Override
    public void close() {
        loop.close();
    }

    /** The one that echoes, or the one that counts and goes on. */
    private final class End implements StreamHandler {
        private final boolean isServer;

        End(boolean isServer) {
            this.isServer = isServer;
        }

        @Override
        public void onOpen(Stream stream) {
            opened++;
            stream.resume();
        }

        @Override
        public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
            if (isServer || --left > 0) {
                stream.write(buffer, offset, length);
            }
        }

        @Override
        public void onWritable(Stream stream) {
        }

        @Override
        public void onEnd(Stream stream) {
        }

        @Override
        public void onClose(Stream stream, int result) {
        }
    }
}
