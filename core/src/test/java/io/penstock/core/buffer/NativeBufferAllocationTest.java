package io.penstock.core.buffer;

import io.penstock.core.testing.Allocation;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("allocation")
class NativeBufferAllocationTest {
    private final NativeBuffer buffer = NativeBuffer.allocate(4096);
    private final NativeBuffer other = NativeBuffer.allocate(4096);
    private long sink;

    @Test
    void plainValues() {
        none("plain values", () -> {
            buffer.putByte(1, (byte) sink);
            buffer.putShort(1, (short) sink);
            buffer.putChar(1, (char) sink);
            buffer.putInt(1, (int) sink);
            buffer.putLong(1, sink);
            buffer.putFloat(1, sink);
            buffer.putDouble(9, sink);
            sink += buffer.getByte(1) + buffer.getShort(1) + buffer.getChar(1) + buffer.getInt(1)
                    + buffer.getLong(1) + (long) buffer.getFloat(1) + (long) buffer.getDouble(9);
        });
    }

    @Test
    void valuesInEitherOrder() {
        none("values in an order", () -> {
            inOrder(ByteOrder.BIG_ENDIAN);
            inOrder(ByteOrder.LITTLE_ENDIAN);
        });
    }

    private void inOrder(ByteOrder order) {
        buffer.putShort(1, (short) sink, order);
        buffer.putChar(1, (char) sink, order);
        buffer.putInt(1, (int) sink, order);
        buffer.putLong(1, sink, order);
        buffer.putFloat(1, sink, order);
        buffer.putDouble(9, sink, order);
        sink += buffer.getShort(1, order) + buffer.getChar(1, order) + buffer.getInt(1, order)
                + buffer.getLong(1, order) + (long) buffer.getFloat(1, order)
                + (long) buffer.getDouble(9, order);
    }

    @Test
    void sharedLongs() {
        none("shared longs", () -> {
            buffer.putLongVolatile(8, sink);
            buffer.putLongOrdered(8, sink);
            buffer.putLongRelease(8, sink);
            buffer.putLongOpaque(8, sink);
            sink += buffer.getLongVolatile(8) + buffer.getLongAcquire(8)
                    + buffer.getLongOpaque(8) + buffer.addLongOrdered(8, 1)
                    + buffer.addLongRelease(8, 1) + buffer.addLongOpaque(8, 1)
                    + buffer.getAndAddLong(8, 1) + buffer.getAndSetLong(8, sink)
                    + buffer.compareAndExchangeLong(8, sink, 1)
                    + (buffer.compareAndSetLong(8, 1, 2) ? 1 : 0);
        });
    }

    @Test
    void sharedInts() {
        none("shared ints", () -> {
            buffer.putIntVolatile(8, (int) sink);
            buffer.putIntOrdered(8, (int) sink);
            buffer.putIntRelease(8, (int) sink);
            buffer.putIntOpaque(8, (int) sink);
            sink += buffer.getIntVolatile(8) + buffer.getIntAcquire(8) + buffer.getIntOpaque(8)
                    + buffer.addIntOrdered(8, 1) + buffer.addIntRelease(8, 1)
                    + buffer.addIntOpaque(8, 1) + buffer.getAndAddInt(8, 1)
                    + buffer.getAndSetInt(8, (int) sink)
                    + buffer.compareAndExchangeInt(8, (int) sink, 1)
                    + (buffer.compareAndSetInt(8, 1, 2) ? 1 : 0);
        });
    }

    @Test
    void sharedSmallValues() {
        none("shared small values", () -> {
            buffer.putByteVolatile(8, (byte) sink);
            buffer.putShortVolatile(8, (short) sink);
            buffer.putCharVolatile(8, (char) sink);
            sink += buffer.getByteVolatile(8) + buffer.getShortVolatile(8)
                    + buffer.getCharVolatile(8);
        });
    }

    @Test
    void copies() {
        byte[] array = new byte[100];
        ByteBuffer heap = ByteBuffer.allocate(100);
        ByteBuffer direct = ByteBuffer.allocateDirect(100);
        none("copies", () -> {
            buffer.putBytes(1, array);
            buffer.getBytes(1, array, 1, 99);
            buffer.putBytes(1, other, 3, 77);
            buffer.getBytes(1, other, 3, 77);
            buffer.putBytes(1, heap, 1, 99);
            buffer.getBytes(1, heap, 1, 99);
            buffer.putBytes(1, direct, 1, 99);
            buffer.getBytes(1, direct, 1, 99);
            heap.clear();
            direct.clear();
            buffer.putBytes(1, heap, 99);
            buffer.getBytes(1, direct, 99);
            buffer.setMemory(1, 99, (byte) 1);
        });
    }

    @Test
    void strings() {
        StringBuilder text = new StringBuilder(100);
        none("strings", () -> {
            buffer.putStringAscii(1, "plain", ByteOrder.BIG_ENDIAN);
            buffer.putStringAscii(1, "plain");
            text.setLength(0);
            buffer.getStringAscii(1, text);
            buffer.putStringAscii(1, text);
            buffer.putStringWithoutLengthAscii(1, text, 1, 3);
            buffer.putStringUtf8(1, "a\u00e9\u20ac\ud83d\ude00", ByteOrder.BIG_ENDIAN);
            buffer.putStringWithoutLengthUtf8(1, "a\u00e9\u20ac\ud83d\ude00");
        });
    }

    @Test
    void numbers() {
        none("numbers", () -> {
            int length = buffer.putLongAscii(1, Long.MIN_VALUE);
            sink += buffer.parseLongAscii(1, length);
            length = buffer.putIntAscii(1, -42);
            sink += buffer.parseIntAscii(1, length);
            length = buffer.putNaturalIntAscii(1, 42);
            sink += buffer.parseNaturalIntAscii(1, length);
            length = buffer.putNaturalLongAscii(1, 42);
            sink += buffer.parseNaturalLongAscii(1, length);
            buffer.putNaturalPaddedIntAscii(1, 9, 42);
            sink += buffer.putNaturalIntAsciiFromEnd(42, 9);
        });
    }

    @Test
    void wrappingAndComparing() {
        NativeBuffer a = new NativeBuffer();
        NativeBuffer b = new NativeBuffer();
        none("wrapping and comparing", () -> {
            a.wrap(buffer, 100, 40);
            b.wrap(other.addressOffset() + 100, 40);
            sink += a.compareTo(b) + a.hashCode() + (a.equals(b) ? 1 : 0);
            a.boundsCheck(1, 2);
            a.checkLimit(1);
        });
    }

    private static void none(String name, Runnable operation) {
        Allocation.assertNone(name, 2_000, 2_000, operation);
    }
}
