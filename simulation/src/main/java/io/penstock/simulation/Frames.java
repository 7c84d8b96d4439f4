package io.penstock.simulation;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.Listener;
import io.penstock.core.net.SocketStream;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import io.penstock.link.FrameHandler;
import io.penstock.link.FrameReader;
import io.penstock.link.FrameWriter;
import org.agrona.DirectBuffer;

/** Frames from a client to a server: each whole, in order, and none after one that is missing. */
final class Frames extends Scenario {
    private static final int MOST_BYTES = 5_000;

    private final EventLoop receiverLoop = machine().loop;
    private final EventLoop senderLoop = machine().loop;
    private final int wanted = world.upTo(300);
    private final Endpoint at = new Endpoint();
    private final NativeBuffer message = NativeBuffer.allocate(MOST_BYTES);
    private int received;
    private int ends;
    private int closes;
    private int result;

    Frames(long seed) {
        super(seed);
    }

    @Override
    void begin() {
        Listener listener = new Listener(receiverLoop, new Receiver(), 1);
        check(at.parse("127.0.0.1:11") == 0, "parse");
        while (listener.listen(at, 8) < 0) {
            // no descriptor: once more
        }
        connect();
    }

    private void connect() {
        if (!isCutShort && new SocketStream(senderLoop, new Sender()).connect(at) < 0) {
            world.after(1_000_000, this::connect);
        }
    }

    @Override
    boolean isDone() {
        return closes == 2 || closes == 1 && result != 0 && world.nextNs() == Long.MAX_VALUE;
    }

    @Override
    void end() {
        check(!isCalm || received == wanted && ends == 1 && result == 0,
                received + " of " + wanted + " frames, result " + result);
    }

    private static byte content(int frame, int i) {
        return (byte) (frame * 31 + i);
    }

    private static int length(int frame) {
        return 1 + frame * 7919 % MOST_BYTES;
    }

    private void closed(int code) {
        closes++;
        result = result == 0 ? code : result;
    }

    private final class Sender implements StreamHandler {
        private final FrameWriter writer = new FrameWriter(MOST_BYTES);
        private int sent;

        @Override
        public void onOpen(Stream stream) {
            stream.resume();
            send(stream);
        }

        private void send(Stream stream) {
            while (sent < wanted) {
                int length = length(sent);
                for (int i = 0; i < length; i++) {
                    message.putByte(i, content(sent, i));
                }
                int n = writer.write(stream, message, 0, length);
                if (n < 0) {
                    stream.close();
                    result = n;
                }
                if (n <= 0) {
                    return;
                }
                sent++;
            }
            if (writer.pendingBytes() == 0) {
                stream.shutdown();
            }
        }

        @Override
        public void onWritable(Stream stream) {
            int rc = writer.onWritable(stream);
            if (rc < 0) {
                result = rc;
                stream.close();
            } else {
                send(stream);
            }
        }

        @Override
        public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
            check(false, "an answer that nobody gave");
        }

        @Override
        public void onEnd(Stream stream) {
            stream.close();
        }

        @Override
        public void onClose(Stream stream, int code) {
            closed(code);
        }
    }

    private final class Receiver implements StreamHandler, FrameHandler {
        private final FrameReader reader = new FrameReader(this, MOST_BYTES, 9_000);

        @Override
        public void onOpen(Stream stream) {
            stream.resume();
        }

        @Override
        public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
            check(reader.data(stream, buffer, offset, length) >= 0, "frames not taken");
        }

        @Override
        public void onFrame(Stream stream, DirectBuffer buffer, int offset, int length) {
            check(length == length(received), "a frame of another length");
            for (int i = 0; i < length; i++) {
                check(buffer.getByte(offset + i) == content(received, i), "a frame changed");
            }
            received++;
            if (faults.happens(Fault.STALL)) {
                stream.pause();
                world.after(faults.longNs(), () -> {
                    stream.resume();
                    reader.deliver(stream);
                });
            }
        }

        @Override
        public void onBadFrame(Stream stream, int code, long bytes) {
            check(!isCalm, "a bad frame: " + code);
        }

        @Override
        public void onWritable(Stream stream) {
        }

        @Override
        public void onEnd(Stream stream) {
            ends++;
            reader.end(stream);
            stream.close();
        }

        @Override
        public void onClose(Stream stream, int code) {
            closed(code);
        }
    }
}
