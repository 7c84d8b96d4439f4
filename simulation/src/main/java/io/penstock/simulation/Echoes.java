package io.penstock.simulation;

import io.penstock.core.buffer.BufferPool;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.net.Close;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.Listener;
import io.penstock.core.net.SocketStream;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;

/** Clients that send a pattern to an echo server, which must send all of it back in order. */
final class Echoes extends Scenario {
    private static final int CONNECTIONS = 6;
    private static final int MOST_BYTES = 9_000; // of a read, and of a write
    private static final int LINK_BYTES = 16; // of each slab

    private final EventLoop serverLoop = machine().loop;
    private final EventLoop clientLoop = machine().loop;
    private final BufferPool serverPool = pool();
    private final BufferPool clientPool = pool();
    private final List<Client> clients = new ArrayList<>();
    private final List<Server> servers = new ArrayList<>();
    private final Endpoint at = new Endpoint();
    private Listener listener;

    Echoes(long seed) {
        super(seed);
    }

    /** Enough for all in a calm world: each side keeps the tail of one message. */
    private BufferPool pool() {
        int slabBytes = 32 << world.random.nextInt(8);
        int enough = CONNECTIONS * (MOST_BYTES / (slabBytes - LINK_BYTES) + 2);
        return new BufferPool(isCalm ? enough : world.upTo(enough), slabBytes);
    }

    @Override
    void begin() {
        listener = new Listener(serverLoop, new Accepting(), world.upTo(CONNECTIONS));
        listener.queue(serverPool);
        check(at.parse("127.0.0.1:7") == 0, "parse");
        int rc;
        do {
            rc = listener.listen(at, 8);
        } while (rc < 0);
        int count = world.upTo(CONNECTIONS);
        for (int i = 0; i < count; i++) {
            clients.add(new Client());
        }
    }

    @Override
    boolean isDone() {
        return clients.stream().allMatch(client -> client.isClosed)
                && servers.stream().allMatch(server -> server.isClosed);
    }

    @Override
    void end() {
        check(serverPool.available() == serverPool.slabs()
                && clientPool.available() == clientPool.slabs(), "slabs are lost");
        for (Client client : clients) {
            client.check();
        }
    }

    /** Every connection has an ear of its own. */
    private final class Accepting implements StreamHandler {
        @Override
        public void onOpen(Stream stream) {
            Server server = new Server();
            stream.attachment(server);
            servers.add(server);
            server.onOpen(stream);
        }

        @Override
        public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
            ((Server) stream.attachment()).onData(stream, buffer, offset, length);
        }

        @Override
        public void onWritable(Stream stream) {
            ((Server) stream.attachment()).onWritable(stream);
        }

        @Override
        public void onEnd(Stream stream) {
            ((Server) stream.attachment()).onEnd(stream);
        }

        @Override
        public void onClose(Stream stream, int result) {
            if (stream.attachment() instanceof Server server) {
                server.onClose(stream, result);
            }
        }
    }

    /** What both sides are: told in order, and nothing after the end. */
    private abstract class Side implements StreamHandler {
        boolean isOpen;
        boolean isEnded;
        boolean isClosed;
        int result;

        void told(boolean isAllowed) {
            Scenario.check(isAllowed && !isClosed, "a callback out of order");
        }

        @Override
        public void onOpen(Stream stream) {
            told(!isOpen);
            isOpen = true;
            stream.resume();
        }

        @Override
        public void onEnd(Stream stream) {
            told(isOpen && !isEnded);
            isEnded = true;
        }

        @Override
        public void onClose(Stream stream, int result) {
            told(true);
            isClosed = true;
            this.result = result;
            StringBuilder broken = new StringBuilder();
            if (result == 0 && isEnded && stream.counter(StreamMetrics.ERROR_OFFSET) == 0) {
                StreamMetrics.brokenInvariants(stream.metrics(), stream.metricsOffset(), broken);
            }
            Scenario.check(broken.isEmpty(), broken.toString());
        }
    }

    private final class Server extends Side {
        @Override
        public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
            told(isOpen && !isEnded);
            int n = stream.write(buffer, offset, length);
            if (n < 0) {
                stream.close();
            } else if (stream.queuedBytes() > 0) {
                stream.pause();
            }
        }

        @Override
        public void onWritable(Stream stream) {
            told(isOpen);
            stream.resume();
        }

        @Override
        public void onEnd(Stream stream) {
            super.onEnd(stream);
            stream.shutdown();
            stream.close(Close.WHEN_DRAINED);
        }
    }

    private final class Client extends Side {
        private final int wanted = world.upTo(200_000);
        private final int least = world.upTo(5_000);
        private final NativeBuffer out = NativeBuffer.allocate(MOST_BYTES);
        private int sent;
        private int received;
        private boolean isStarted;

        Client() {
            start();
        }

        /** A socket that cannot be had now is asked for again later. */
        private void start() {
            SocketStream stream = new SocketStream(clientLoop, this);
            stream.queue(clientPool);
            isStarted = stream.connect(at) == 0;
            if (!isStarted && !isCutShort) {
                world.after(1_000_000, this::start);
            }
        }

        @Override
        public void onOpen(Stream stream) {
            super.onOpen(stream);
            send(stream);
        }

        private void send(Stream stream) {
            while (stream.isOpen() && stream.queuedBytes() == 0 && sent < wanted) {
                int length = Math.min(world.upTo(least), Math.min(out.capacity(), wanted - sent));
                for (int i = 0; i < length; i++) {
                    out.putByte(i, pattern(sent + i));
                }
                int n = stream.write(out, 0, length);
                if (n < 0) {
                    stream.close();
                    return;
                }
                sent += n;
            }
            if (stream.isOpen() && sent == wanted) {
                stream.shutdown();
            }
        }

        @Override
        public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
            told(isOpen && !isEnded);
            for (int i = 0; i < length; i++) {
                Scenario.check(buffer.getByte(offset + i) == pattern(received + i),
                        "byte " + (received + i) + " came back changed");
            }
            received += length;
            if (faults.happens(Fault.STALL)) {
                stream.pause();
                world.after(faults.longNs(), stream::resume);
            } else if (faults.happens(Fault.DESERTION)) {
                stream.close(); // with bytes on their way: the server is reset
            }
        }

        @Override
        public void onWritable(Stream stream) {
            told(isOpen);
            send(stream);
        }

        @Override
        public void onEnd(Stream stream) {
            super.onEnd(stream);
            stream.close();
        }

        void check() {
            Scenario.check(isClosed || isCutShort && !isStarted,
                    "a client that nobody told of its end");
            Scenario.check(!isCalm || result == 0 && received == wanted,
                    "calm, and " + received + " of " + wanted + " came back, result " + result);
        }

        private byte pattern(int i) {
            return (byte) (i * 31 + (i >> 8) + wanted);
        }
    }
}
