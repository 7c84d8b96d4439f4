package io.penstock.core.buffer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.core.testing.HeapBuffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;

/** Compares a native buffer with a {@link ByteBuffer}. */
class NativeBufferPropertyTest {
    private static final int CAPACITY = 64;

    private final NativeBuffer buffer = NativeBuffer.allocate(CAPACITY);
    private final ByteBuffer oracle = ByteBuffer.allocate(CAPACITY);

    @Property(tries = 500)
    void puts(@ForAll @Size(max = 40) List<Long> values, @ForAll @IntRange(max = 56) int start) {
        int index = start;
        for (long value : values) {
            ByteOrder order = (value & 64) == 0 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
            oracle.order(order);
            put(index, Math.floorMod(value, 14), Long.rotateRight(value, 7), order);
            index = Math.floorMod(index + (int) (value >>> 3), CAPACITY - 7);
        }
        byte[] actual = new byte[CAPACITY];
        buffer.getBytes(0, actual);
        assertArrayEquals(oracle.array(), actual);
    }

    private void put(int index, int kind, long value, ByteOrder order) {
        boolean nativeOrder = kind >= 7;
        if (nativeOrder) {
            oracle.order(ByteOrder.nativeOrder());
        }
        switch (kind) {
            case 0, 7 -> {
                oracle.put(index, (byte) value);
                buffer.putByte(index, (byte) value);
            }
            case 1 -> buffer.putShort(index, (short) value, order);
            case 2 -> buffer.putChar(index, (char) value, order);
            case 3 -> buffer.putInt(index, (int) value, order);
            case 4 -> buffer.putLong(index, value, order);
            case 5 -> buffer.putFloat(index, Float.intBitsToFloat((int) value), order);
            case 6 -> buffer.putDouble(index, Double.longBitsToDouble(value), order);
            case 8 -> buffer.putShort(index, (short) value);
            case 9 -> buffer.putChar(index, (char) value);
            case 10 -> buffer.putInt(index, (int) value);
            case 11 -> buffer.putLong(index, value);
            case 12 -> buffer.putFloat(index, Float.intBitsToFloat((int) value));
            default -> buffer.putDouble(index, Double.longBitsToDouble(value));
        }
        switch (kind % 7) {
            case 0 -> { }
            case 1 -> oracle.putShort(index, (short) value);
            case 2 -> oracle.putChar(index, (char) value);
            case 3 -> oracle.putInt(index, (int) value);
            case 4 -> oracle.putLong(index, value);
            case 5 -> oracle.putFloat(index, Float.intBitsToFloat((int) value));
            default -> oracle.putDouble(index, Double.longBitsToDouble(value));
        }
    }

    @Property(tries = 300)
    void gets(@ForAll @Size(CAPACITY) byte[] bytes, @ForAll @IntRange(max = 56) int index) {
        buffer.putBytes(0, bytes);
        oracle.put(0, bytes);
        assertEquals(oracle.get(index), buffer.getByte(index));
        for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
            oracle.order(order);
            assertEquals(oracle.getShort(index), buffer.getShort(index, order));
            assertEquals(oracle.getChar(index), buffer.getChar(index, order));
            assertEquals(oracle.getInt(index), buffer.getInt(index, order));
            assertEquals(oracle.getLong(index), buffer.getLong(index, order));
            assertEquals(oracle.getFloat(index), buffer.getFloat(index, order));
            assertEquals(oracle.getDouble(index), buffer.getDouble(index, order));
        }
        oracle.order(ByteOrder.nativeOrder());
        assertEquals(oracle.getShort(index), buffer.getShort(index));
        assertEquals(oracle.getChar(index), buffer.getChar(index));
        assertEquals(oracle.getInt(index), buffer.getInt(index));
        assertEquals(oracle.getLong(index), buffer.getLong(index));
        assertEquals(oracle.getFloat(index), buffer.getFloat(index));
        assertEquals(oracle.getDouble(index), buffer.getDouble(index));
    }

    @Property(tries = 300)
    void copies(@ForAll @Size(CAPACITY) byte[] bytes, @ForAll @IntRange(max = 32) int from,
            @ForAll @IntRange(max = 32) int to, @ForAll @IntRange(max = 32) int length) {
        buffer.setMemory(0, CAPACITY, (byte) 0);
        oracle.put(0, new byte[CAPACITY]); // one instance serves every try
        buffer.putBytes(from, bytes, to, length);
        oracle.put(from, bytes, to, length);
        byte[] actual = new byte[CAPACITY];
        NativeBuffer second = NativeBuffer.allocate(CAPACITY);
        buffer.getBytes(from, second, to, length);
        second.getBytes(to, actual, to, length);
        ByteBuffer direct = ByteBuffer.allocateDirect(CAPACITY);
        second.getBytes(to, direct, from, length);
        buffer.setMemory(0, CAPACITY, (byte) 0);
        buffer.putBytes(from, direct, from, length);
        byte[] expected = new byte[CAPACITY];
        System.arraycopy(bytes, to, expected, to, length);
        assertArrayEquals(expected, actual);
        buffer.getBytes(0, actual);
        assertArrayEquals(oracle.array(), actual);
    }

    @Property(tries = 500)
    void utf8IsTheJdks(@ForAll @StringLength(max = 20) String text) {
        byte[] expected = text.getBytes(StandardCharsets.UTF_8);
        byte[] actual = new byte[expected.length];
        assertEquals(expected.length, buffer.putStringWithoutLengthUtf8(0, text));
        buffer.getBytes(0, actual);
        assertArrayEquals(expected, actual);
    }

    @Property(tries = 500)
    void numbersAreTheJdks(@ForAll long value, @ForAll int small) {
        int length = buffer.putLongAscii(5, value);
        assertEquals(Long.toString(value), buffer.getStringWithoutLengthAscii(5, length));
        assertEquals(value, buffer.parseLongAscii(5, length));
        length = buffer.putIntAscii(5, small);
        assertEquals(Integer.toString(small), buffer.getStringWithoutLengthAscii(5, length));
        assertEquals(small, buffer.parseIntAscii(5, length));
        long natural = value & Long.MAX_VALUE;
        length = buffer.putNaturalLongAscii(5, natural);
        assertEquals(natural, buffer.parseNaturalLongAscii(5, length));
        int smallNatural = small & Integer.MAX_VALUE;
        length = buffer.putNaturalIntAscii(5, smallNatural);
        assertEquals(smallNatural, buffer.parseNaturalIntAscii(5, length));
        assertEquals(30 - length, buffer.putNaturalIntAsciiFromEnd(smallNatural, 30));
        assertEquals(smallNatural, buffer.parseNaturalIntAscii(30 - length, length));
        buffer.putNaturalPaddedIntAscii(30, 12, smallNatural);
        assertEquals(String.format("%012d", smallNatural),
                buffer.getStringWithoutLengthAscii(30, 12));
    }

    @Property(tries = 300)
    void comparisonIsThatOfUnsignedBytes(
            @ForAll @Size(max = 12) byte[] a, @ForAll @Size(max = 12) byte[] b) {
        NativeBuffer first = of(a);
        NativeBuffer second = of(b);
        int expected = Integer.signum(Arrays.compareUnsigned(a, b));
        assertEquals(expected, Integer.signum(first.compareTo(second)));
        assertEquals(-expected, Integer.signum(second.compareTo(first)));
        assertEquals(expected == 0, first.equals(second));
        assertEquals(expected,
                Integer.signum(first.compareTo(HeapBuffer.over(b, 0, b.length))));
    }

    private static NativeBuffer of(byte[] bytes) {
        NativeBuffer made = NativeBuffer.allocate(bytes.length);
        made.putBytes(0, bytes);
        return made;
    }
}
