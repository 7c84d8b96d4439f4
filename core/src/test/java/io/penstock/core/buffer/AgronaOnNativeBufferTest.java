package io.penstock.core.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.testing.Allocation;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.broadcast.BroadcastBufferDescriptor;
import org.agrona.concurrent.broadcast.BroadcastReceiver;
import org.agrona.concurrent.broadcast.BroadcastTransmitter;
import org.agrona.concurrent.errors.DistinctErrorLog;
import org.agrona.concurrent.errors.ErrorLogReader;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.agrona.concurrent.status.CountersManager;
import org.agrona.concurrent.status.CountersReader;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Agrona's classes over a native buffer, in a JVM without Agrona's flag. */
class AgronaOnNativeBufferTest {
    private static final int RING_BYTES = 1024;

    private final NativeBuffer message = NativeBuffer.allocate(64);
    private long received;

    @Test
    void oneToOneRingBuffer() {
        carries(new OneToOneRingBuffer(ring()));
    }

    @Test
    void manyToOneRingBuffer() {
        carries(new ManyToOneRingBuffer(ring()));
    }

    private void carries(RingBuffer ring) {
        for (int round = 0; round < 100; round++) {
            for (int i = 1; i <= 8; i++) {
                message.putLong(8, round * i);
                assertTrue(ring.write(i, message, 8, 16));
            }
            List<Long> seen = new ArrayList<>();
            MessageHandler handler = (type, buffer, index, length) -> {
                assertEquals(16, length);
                assertEquals(seen.size() + 1, type);
                seen.add(buffer.getLong(index));
            };
            // A read stops at the end of the ring's memory.
            assertEquals(8, ring.read(handler) + (seen.size() < 8 ? ring.read(handler) : 0));
            assertEquals(8L * round, seen.get(7));
        }
        int written = 0;
        while (ring.write(1, message, 0, 64)) {
            written++;
        }
        assertTrue(written > 0 && written <= RING_BYTES / 64);
    }

    @Test
    @Tag("allocation")
    void ringBuffersAllocateNothing() {
        MessageHandler handler = (type, buffer, index, length) -> received +=
                buffer.getLong(index);
        for (RingBuffer ring : List.of(new OneToOneRingBuffer(ring()),
                new ManyToOneRingBuffer(ring()))) {
            Allocation.assertNone("ring buffer", 2_000, 2_000, () -> {
                ring.write(1, message, 0, 16);
                ring.read(handler);
            });
        }
    }

    @Test
    void twoThreadsThroughARing() throws InterruptedException {
        RingBuffer ring = new OneToOneRingBuffer(ring());
        int count = 50_000;
        Thread sender = new Thread(() -> {
            NativeBuffer own = NativeBuffer.allocate(8);
            for (int i = 0; i < count; i++) {
                own.putLong(0, i);
                while (!ring.write(1, own, 0, 8)) {
                    Thread.yield();
                }
            }
        });
        sender.start();
        long[] next = {0};
        while (next[0] < count) {
            if (ring.read((type, buffer, index, length) ->
                    assertEquals(next[0]++, buffer.getLong(index))) == 0) {
                Thread.yield();
            }
        }
        sender.join();
    }

    @Test
    void broadcast() {
        NativeBuffer memory =
                NativeBuffer.allocate(RING_BYTES + BroadcastBufferDescriptor.TRAILER_LENGTH);
        BroadcastTransmitter transmitter = new BroadcastTransmitter(memory);
        BroadcastReceiver receiver = new BroadcastReceiver(memory);
        for (int i = 0; i < 200; i++) {
            message.putInt(0, i);
            transmitter.transmit(7, message, 0, 12);
            assertTrue(receiver.receiveNext());
            assertEquals(7, receiver.typeId());
            assertEquals(12, receiver.length());
            assertEquals(i, receiver.buffer().getInt(receiver.offset()));
            assertTrue(receiver.validate());
        }
        assertFalse(receiver.receiveNext());
    }

    @Test
    void counters() {
        NativeBuffer labels = NativeBuffer.allocate(64 << 10);
        NativeBuffer values = NativeBuffer.allocate(16 << 10);
        CountersManager counters = new CountersManager(labels, values);
        int first = counters.allocate("bytes read");
        int second = counters.allocate("bytes written", 5);
        counters.setCounterValue(second, 99);
        values.getAndAddLong(CountersReader.counterOffset(first), 3);
        CountersReader reader = new CountersReader(labels, values);
        List<String> seen = new ArrayList<>();
        reader.forEach((value, id, label) -> seen.add(id + " " + label + " " + value));
        assertEquals(List.of(first + " bytes read 3", second + " bytes written 99"), seen);
        assertEquals(5, reader.getCounterTypeId(second));
        counters.free(first);
        assertEquals(CountersReader.RECORD_RECLAIMED, reader.getCounterState(first));
    }

    @Test
    void errorLog() {
        NativeBuffer memory = NativeBuffer.allocate(64 << 10);
        DistinctErrorLog log = new DistinctErrorLog(memory, () -> 1234);
        RuntimeException error = new RuntimeException("a distinct error");
        assertTrue(log.record(error));
        assertTrue(log.record(error));
        List<String> seen = new ArrayList<>();
        int distinct = ErrorLogReader.read(memory, (count, first, last, text) ->
                seen.add(count + " " + first + " " + text));
        assertEquals(1, distinct);
        assertTrue(seen.get(0).startsWith("2 1234 "), seen.get(0));
        assertTrue(seen.get(0).contains("a distinct error"));
    }

    private static NativeBuffer ring() {
        return NativeBuffer.allocate(RING_BYTES + RingBufferDescriptor.TRAILER_LENGTH);
    }
}
