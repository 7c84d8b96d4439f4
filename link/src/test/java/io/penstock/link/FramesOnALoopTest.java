package io.penstock.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.loop.Timer;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import io.penstock.pipes.PipeStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Frames from one end of a narrow pipe to the other. */
class FramesOnALoopTest {
    private static final int MAX_PAYLOAD = 20_000;
    private static final int READ_BYTES = 16 << 10;

    private final BufferPool pool = new BufferPool(8, 4_096);
    private final NativeBuffer memory = NativeBuffer.allocate(MAX_PAYLOAD);
    private final List<byte[]> sent = new ArrayList<>();
    private final Random random = new Random(3);
    private final Reading reading = new Reading();
    private final Writing writing = new Writing();
    private EventLoop loop;
    private PipeStream source;
    private PipeStream sink;

    @BeforeEach
    void open() {
        loop = new EventLoop(new LoopConfig().handles(2).readBufferBytes(READ_BYTES));
        assertEquals(0, loop.open());
        source = new PipeStream(loop, reading);
        sink = new PipeStream(loop, writing);
    }

    @AfterEach
    void close() {
        loop.close();
        assertEquals(pool.slabs(), pool.available());
    }

    @ParameterizedTest
    @CsvSource({"200, false", "20000, false", "200, true", "20000, true"})
    void everyFrameArrivesThoughTheReaderRests(int maxPayload, boolean hasQueue) {
        writing.maxPayload = maxPayload;
        writing.left = maxPayload > 1_000 ? 100 : 2_000;
        reading.timer = new Timer(loop, timer -> {
            source.resume();
            reading.reader.deliver(source);
        });
        if (hasQueue) {
            sink.queue(pool);
        }
        assertEquals(0, PipeStream.open(source, sink));
        sink.capacity(4_096);
        assertEquals(0, loop.run());
        assertEquals(List.of(0, 0), List.of(reading.result, writing.result));
        assertEquals(sent.size(), reading.log.frames.size());
        for (int i = 0; i < sent.size(); i++) {
            assertArrayEquals(sent.get(i), reading.log.frames.get(i));
        }
        assertEquals(sent.size(), reading.log.events.size(), "no bad ones");
        assertTrue(reading.pauses > 10);
        assertEquals(0, reading.reader.heldBytes());
    }

    @Test
    void aFullPoolRefusesAWholeFrame() {
        sink.queue(pool);
        assertEquals(0, PipeStream.open(source, sink));
        loop.runOnce(0);
        sink.capacity(4_096);
        FrameWriter writer = new FrameWriter(MAX_PAYLOAD);
        int accepted = 0;
        int rc;
        while ((rc = writer.write(sink, memory, 0, 9_000)) == 9_000) {
            accepted++;
        }
        assertEquals(ReturnCode.POOL_EXHAUSTED, rc);
        assertEquals(0, writer.pendingBytes());
        assertTrue(accepted > 1);
        FrameLog log = reading.log;
        reading.reader = new FrameReader(log, MAX_PAYLOAD, READ_BYTES);
        source.resume();
        for (int i = 0; i < 1_000 && (log.frames.size() < accepted || sink.queuedBytes() > 0);
                i++) {
            loop.runOnce(1_000_000);
        }
        assertEquals(5, writer.write(sink, memory, 0, 5));
        for (int i = 0; i < 1_000 && log.frames.size() < accepted + 1; i++) {
            loop.runOnce(1_000_000);
        }
        assertEquals(accepted + 1, log.events.size());
        assertEquals("frame 5", log.events.getLast());
    }

    /** Sends numbered messages as fast as they are taken. */
    private final class Writing implements StreamHandler {
        private final FrameWriter writer = new FrameWriter(MAX_PAYLOAD);
        private int maxPayload;
        private int left;
        private int result = 1;

        @Override
        public void onOpen(Stream stream) {
            if (left > 0) {
                send(stream);
            }
        }

        private void send(Stream stream) {
            int n = 1;
            while (left > 0 && n > 0) {
                byte[] message = new byte[4 + random.nextInt(maxPayload - 3)];
                random.nextBytes(message);
                ByteBuffer.wrap(message).putInt(left);
                memory.putBytes(0, message);
                n = writer.write(stream, memory, 0, message.length);
                if (n > 0) {
                    assertEquals(message.length, n);
                    sent.add(message);
                    left--;
                }
            }
            assertTrue(n >= 0 || n == ReturnCode.POOL_EXHAUSTED, "refused");
            if (maxPayload > 0 && left == 0 && writer.pendingBytes() == 0) {
                stream.shutdown();
            }
        }

        @Override
        public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
        }

        @Override
        public void onWritable(Stream stream) {
            if (writer.onWritable(stream) == 0) {
                send(stream);
            }
        }

        @Override
        public void onEnd(Stream stream) {
        }

        @Override
        public void onClose(Stream stream, int result) {
            this.result = result;
        }
    }

    /** Rests after every third frame, in the middle of what came. */
    private final class Reading implements StreamHandler {
        private final FrameLog log = new FrameLog() {
            @Override
            public void onFrame(Stream stream, DirectBuffer buffer, int offset, int length) {
                super.onFrame(stream, buffer, offset, length);
                if (timer != null && frames.size() % 3 == 0) {
                    stream.pause();
                    pauses++;
                    timer.start(TimeUnit.MICROSECONDS.toNanos(100));
                }
            }
        };
        private FrameReader reader = new FrameReader(log, MAX_PAYLOAD, READ_BYTES);
        private Timer timer;
        private int pauses;
        private int result = 1;

        @Override
        public void onOpen(Stream stream) {
            if (timer != null) {
                stream.resume();
            }
        }

        @Override
        public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
            assertTrue(length <= READ_BYTES);
            reader.data(stream, buffer, offset, length);
        }

        @Override
        public void onWritable(Stream stream) {
        }

        @Override
        public void onEnd(Stream stream) {
            reader.end(stream);
            stream.close();
        }

        @Override
        public void onClose(Stream stream, int result) {
            this.result = result;
        }
    }
}
