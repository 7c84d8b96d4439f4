package io.penstock.core.buffer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.testing.HeapBuffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import org.agrona.AsciiNumberFormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NativeBufferTest {
    private static final int CAPACITY = 128;

    private final NativeBuffer buffer = NativeBuffer.allocate(CAPACITY);

    @Test
    void isWhatAgronaExpectsOfMemoryOffTheHeap() {
        assertEquals(CAPACITY, buffer.capacity());
        assertEquals(0, buffer.addressOffset() % 64);
        assertNull(buffer.byteArray());
        assertNull(buffer.byteBuffer());
        assertEquals(0, buffer.wrapAdjustment());
        assertFalse(buffer.isExpandable());
        assertFalse(NativeBuffer.isHeap(buffer));
        assertTrue(NativeBuffer.isHeap(HeapBuffer.over(new byte[1], 0, 1)));
        assertEquals("NativeBuffer{address=0x" + Long.toHexString(buffer.addressOffset())
                + ", capacity=128}", buffer.toString());
    }

    @Test
    void anEmptyOneHasNothing() {
        for (NativeBuffer empty : List.of(new NativeBuffer(), NativeBuffer.allocate(0))) {
            assertEquals(0, empty.capacity());
            assertOutside(() -> empty.getByte(0));
            assertOutside(() -> empty.getLong(0));
            empty.setMemory(0, 0, (byte) 1);
            empty.getBytes(0, new byte[0]);
        }
        assertThrows(IllegalArgumentException.class, () -> NativeBuffer.allocate(-1));
    }

    @Test
    void wrapsAPartOfAnother() {
        NativeBuffer part = new NativeBuffer();
        part.wrap(buffer, 8, 16);
        part.putLong(0, 42);
        assertEquals(42, buffer.getLong(8));
        assertEquals(buffer.addressOffset() + 8, part.addressOffset());
        assertEquals(16, part.capacity());
        part.wrap(buffer);
        assertEquals(CAPACITY, part.capacity());
        assertEquals(42, part.getLong(8));
        assertOutside(() -> part.wrap(buffer, 1, CAPACITY));
        assertOutside(() -> part.wrap(buffer, -1, 1));
        assertOutside(() -> part.wrap(buffer, 0, -1));
    }

    @Test
    void wrapsAddressesSegmentsAndDirectByteBuffers() {
        NativeBuffer view = new NativeBuffer();
        view.wrap(buffer.addressOffset() + 1, 4);
        view.putByte(3, (byte) 9);
        assertEquals(9, buffer.getByte(4));
        assertThrows(IllegalArgumentException.class, () -> view.wrap(1, -1));

        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = arena.allocate(64);
            view.wrap(segment);
            view.putInt(60, 7);
            assertEquals(segment.address(), view.addressOffset());
            assertEquals(7, segment.get(ValueLayout.JAVA_INT, 60));
            assertEquals(64, view.capacity());
        }
        ByteBuffer direct = ByteBuffer.allocateDirect(32).order(ByteOrder.nativeOrder());
        direct.position(5).limit(6);
        view.wrap(direct);
        view.putInt(28, 8);
        assertEquals(32, view.capacity());
        assertEquals(8, direct.clear().getInt(28));
        view.wrap(direct, 4, 8);
        view.putLong(0, 11);
        assertEquals(11, direct.getLong(4));
        assertOutside(() -> view.wrap(direct, 30, 3));
    }

    @Test
    void refusesTheHeap() {
        refuses(() -> buffer.wrap(new byte[8]));
        refuses(() -> buffer.wrap(new byte[8], 0, 8));
        refuses(() -> buffer.wrap(ByteBuffer.allocate(8)));
        refuses(() -> buffer.wrap(ByteBuffer.allocate(8), 0, 8));
        refuses(() -> buffer.wrap(MemorySegment.ofArray(new byte[8])));
        refuses(() -> buffer.wrap(HeapBuffer.over(new byte[8], 0, 8)));
        assertEquals(CAPACITY, buffer.capacity());
    }

    @Test
    void checksAlignmentAndLimit() {
        buffer.verifyAlignment();
        NativeBuffer odd = new NativeBuffer();
        odd.wrap(buffer, 4, 8);
        assertThrows(IllegalStateException.class, odd::verifyAlignment);
        assertThrows(IllegalArgumentException.class, () -> odd.putLongRelease(0, 1));
        assertThrows(IllegalArgumentException.class, () -> buffer.getIntVolatile(2));
        buffer.checkLimit(0);
        buffer.checkLimit(CAPACITY);
        assertOutside(() -> buffer.checkLimit(CAPACITY + 1));
        assertOutside(() -> buffer.checkLimit(-1));
        buffer.boundsCheck(CAPACITY, 0);
        assertOutside(() -> buffer.boundsCheck(Integer.MAX_VALUE, Integer.MAX_VALUE));
    }

    @Test
    void everyValueIsChecked() {
        ByteOrder big = ByteOrder.BIG_ENDIAN;
        outside(1, buffer::getByte, i -> buffer.putByte(i, (byte) 1), buffer::getByteVolatile,
                i -> buffer.putByteVolatile(i, (byte) 1));
        outside(2, buffer::getShort, i -> buffer.putShort(i, (short) 1), buffer::getShortVolatile,
                i -> buffer.putShortVolatile(i, (short) 1), buffer::getChar,
                i -> buffer.putChar(i, 'c'), buffer::getCharVolatile,
                i -> buffer.putCharVolatile(i, 'c'), i -> buffer.getShort(i, big),
                i -> buffer.putShort(i, (short) 1, big), i -> buffer.getChar(i, big),
                i -> buffer.putChar(i, 'c', big));
        outside(4, buffer::getInt, i -> buffer.putInt(i, 1), buffer::getFloat,
                i -> buffer.putFloat(i, 1), i -> buffer.getInt(i, big),
                i -> buffer.putInt(i, 1, big), i -> buffer.getFloat(i, big),
                i -> buffer.putFloat(i, 1, big), buffer::getIntVolatile, buffer::getIntAcquire,
                buffer::getIntOpaque, i -> buffer.putIntVolatile(i, 1),
                i -> buffer.putIntOrdered(i, 1), i -> buffer.putIntRelease(i, 1),
                i -> buffer.putIntOpaque(i, 1), i -> buffer.addIntOrdered(i, 1),
                i -> buffer.addIntRelease(i, 1), i -> buffer.addIntOpaque(i, 1),
                i -> buffer.compareAndSetInt(i, 0, 1),
                i -> buffer.compareAndExchangeInt(i, 0, 1), i -> buffer.getAndSetInt(i, 1),
                i -> buffer.getAndAddInt(i, 1));
        outside(8, buffer::getLong, i -> buffer.putLong(i, 1), buffer::getDouble,
                i -> buffer.putDouble(i, 1), i -> buffer.getLong(i, big),
                i -> buffer.putLong(i, 1, big), i -> buffer.getDouble(i, big),
                i -> buffer.putDouble(i, 1, big), buffer::getLongVolatile, buffer::getLongAcquire,
                buffer::getLongOpaque, i -> buffer.putLongVolatile(i, 1),
                i -> buffer.putLongOrdered(i, 1), i -> buffer.putLongRelease(i, 1),
                i -> buffer.putLongOpaque(i, 1), i -> buffer.addLongOrdered(i, 1),
                i -> buffer.addLongRelease(i, 1), i -> buffer.addLongOpaque(i, 1),
                i -> buffer.compareAndSetLong(i, 0, 1),
                i -> buffer.compareAndExchangeLong(i, 0, 1), i -> buffer.getAndSetLong(i, 1),
                i -> buffer.getAndAddLong(i, 1));
    }

    @Test
    void everyRangeIsChecked() {
        byte[] eight = new byte[8];
        NativeBuffer other = NativeBuffer.allocate(8);
        outside(8, i -> buffer.setMemory(i, 8, (byte) 1), i -> buffer.getBytes(i, eight),
                i -> buffer.putBytes(i, eight), i -> buffer.getBytes(i, ByteBuffer.wrap(eight), 8),
                i -> buffer.putBytes(i, ByteBuffer.wrap(eight), 8),
                i -> buffer.getBytes(i, ByteBuffer.allocateDirect(8), 8),
                i -> buffer.putBytes(i, ByteBuffer.allocateDirect(8), 8),
                i -> buffer.getBytes(i, other, 0, 8), i -> buffer.putBytes(i, other, 0, 8),
                i -> buffer.putStringAscii(i, "four"), i -> buffer.putStringUtf8(i, "four"),
                i -> buffer.putStringWithoutLengthAscii(i, "eightest"),
                i -> buffer.putStringWithoutLengthUtf8(i, "äöüß"),
                i -> buffer.getStringWithoutLengthAscii(i, 8),
                i -> buffer.getStringWithoutLengthAscii(i, 8, new StringBuilder()),
                i -> buffer.getStringWithoutLengthUtf8(i, 8), i -> buffer.getStringAscii(i, 4),
                i -> buffer.getStringUtf8(i, 4),
                i -> buffer.getStringAscii(i, 4, new StringBuilder()),
                i -> buffer.putIntAscii(i, 12345678),
                i -> buffer.putLongAscii(i, -1234567),
                i -> buffer.putNaturalPaddedIntAscii(i, 8, 1));
        assertOutside(() -> buffer.putBytes(0, eight, 1, 8));
        assertOutside(() -> buffer.getBytes(0, eight, -1, 2));
        assertOutside(() -> buffer.putBytes(0, other, 1, 8));
        assertOutside(() -> buffer.getBytes(0, other, 1, 8));
        assertOutside(() -> buffer.putBytes(0, ByteBuffer.allocate(9).limit(8), 1, 8));
        assertOutside(() -> buffer.putNaturalIntAsciiFromEnd(100, 2));
        assertOutside(() -> buffer.parseIntAscii(CAPACITY - 1, 2));
        assertOutside(() -> buffer.parseNaturalLongAscii(-1, 2));
        buffer.putInt(0, Integer.MAX_VALUE);
        assertOutside(() -> buffer.getStringAscii(0));
        buffer.putInt(0, -1);
        assertOutside(() -> buffer.getStringUtf8(0));
    }

    @Test
    void atomicsOfLongs() {
        buffer.putLong(8, 10);
        assertEquals(10, buffer.addLongOrdered(8, 1));
        assertEquals(11, buffer.addLongRelease(8, 1));
        assertEquals(12, buffer.addLongOpaque(8, 1));
        assertEquals(13, buffer.getAndAddLong(8, 1));
        assertEquals(14, buffer.getAndSetLong(8, 20));
        assertTrue(buffer.compareAndSetLong(8, 20, 21));
        assertFalse(buffer.compareAndSetLong(8, 20, 22));
        assertEquals(21, buffer.compareAndExchangeLong(8, 21, 23));
        assertEquals(23, buffer.compareAndExchangeLong(8, 21, 24));
        assertEquals(23, buffer.getLongAcquire(8));
        buffer.putLongOrdered(8, 25);
        assertEquals(25, buffer.getLongOpaque(8));
        buffer.putLongRelease(8, 26);
        assertEquals(26, buffer.getLongVolatile(8));
        buffer.putLongOpaque(8, 27);
        assertEquals(27, buffer.getLong(8));
        buffer.putLongVolatile(8, Long.MIN_VALUE);
        assertEquals(Long.MIN_VALUE, buffer.getLong(8));
        assertEquals(0, buffer.getLong(0) | buffer.getLong(16));
    }

    @Test
    void atomicsOfInts() {
        buffer.putInt(4, 10);
        assertEquals(10, buffer.addIntOrdered(4, 1));
        assertEquals(11, buffer.addIntRelease(4, 1));
        assertEquals(12, buffer.addIntOpaque(4, 1));
        assertEquals(13, buffer.getAndAddInt(4, 1));
        assertEquals(14, buffer.getAndSetInt(4, 20));
        assertTrue(buffer.compareAndSetInt(4, 20, 21));
        assertFalse(buffer.compareAndSetInt(4, 20, 22));
        assertEquals(21, buffer.compareAndExchangeInt(4, 21, 23));
        assertEquals(23, buffer.compareAndExchangeInt(4, 21, 24));
        assertEquals(23, buffer.getIntAcquire(4));
        buffer.putIntOrdered(4, 25);
        assertEquals(25, buffer.getIntOpaque(4));
        buffer.putIntRelease(4, 26);
        assertEquals(26, buffer.getIntVolatile(4));
        buffer.putIntOpaque(4, 27);
        assertEquals(27, buffer.getInt(4));
        buffer.putIntVolatile(4, Integer.MIN_VALUE);
        assertEquals(Integer.MIN_VALUE, buffer.getInt(4));
        assertEquals(0, buffer.getInt(0) | buffer.getInt(8));
    }

    @Test
    void volatilesOfSmallTypes() {
        buffer.putShortVolatile(2, (short) -2);
        assertEquals(-2, buffer.getShortVolatile(2));
        assertEquals(-2, buffer.getShort(2));
        buffer.putCharVolatile(4, '€');
        assertEquals('€', buffer.getCharVolatile(4));
        assertEquals('€', buffer.getChar(4));
        buffer.putByteVolatile(7, (byte) -3);
        assertEquals(-3, buffer.getByteVolatile(7));
        assertEquals(-3, buffer.getByte(7));
    }

    @Test
    void additionsFromTwoThreadsAreNotLost() throws InterruptedException {
        int each = 100_000;
        Runnable adds = () -> {
            for (int i = 0; i < each; i++) {
                buffer.getAndAddLong(0, 1);
                int seen = buffer.getIntVolatile(8);
                while (!buffer.compareAndSetInt(8, seen, seen + 1)) {
                    seen = buffer.getIntVolatile(8);
                }
            }
        };
        Thread other = new Thread(adds);
        other.start();
        adds.run();
        other.join();
        assertEquals(2 * each, buffer.getLongVolatile(0));
        assertEquals(2 * each, buffer.getIntVolatile(8));
    }

    /** Every length that has code of its own, up and down, overlapping or not. */
    @Test
    void copiesWithinItself() {
        for (int length = 0; length <= 64; length++) {
            for (int to = 0; to <= 8; to++) {
                byte[] expected = new byte[80];
                for (int i = 0; i < expected.length; i++) {
                    expected[i] = (byte) i;
                }
                buffer.putBytes(0, expected);
                buffer.putBytes(to, buffer, 4, length);
                System.arraycopy(expected, 4, expected, to, length);
                byte[] actual = new byte[expected.length];
                buffer.getBytes(0, actual);
                assertArrayEquals(expected, actual, length + " to " + to);
            }
        }
    }

    @Test
    void copiesFromHeapBuffers() {
        byte[] array = "..the text..".getBytes(StandardCharsets.US_ASCII);
        buffer.putBytes(3, HeapBuffer.over(array, 2, 8), 4, 4);
        assertEquals("text", buffer.getStringWithoutLengthAscii(3, 4));
        assertOutside(() -> buffer.putBytes(3, HeapBuffer.over(array, 2, 8), 5, 4));
    }

    @Test
    void byteBuffersMoveTheirPositionWhereNoOffsetIsGiven() {
        buffer.putStringWithoutLengthAscii(0, "0123456789abcdefghi");
        for (ByteBuffer bytes : List.of(ByteBuffer.allocate(40), ByteBuffer.allocateDirect(40),
                ByteBuffer.allocate(50).position(7).slice(), ByteBuffer.allocateDirect(40)
                .order(ByteOrder.LITTLE_ENDIAN))) {
            bytes.position(2);
            buffer.getBytes(0, bytes, 19);
            assertEquals(21, bytes.position());
            buffer.getBytes(10, bytes, 0, 2);
            assertEquals(21, bytes.position());
            bytes.position(0);
            buffer.setMemory(32, 32, (byte) '-');
            buffer.putBytes(32, bytes.asReadOnlyBuffer(), 0, 12);
            buffer.putBytes(44, bytes, 12, 9);
            assertEquals(0, bytes.position());
            assertEquals("ab0123456789abcdefghi-", buffer.getStringWithoutLengthAscii(32, 22));
            buffer.putBytes(32, bytes, 3);
            assertEquals(3, bytes.position());
        }
        assertThrows(ReadOnlyBufferException.class,
                () -> buffer.getBytes(0, ByteBuffer.allocate(8).asReadOnlyBuffer(), 8));
    }

    @Test
    void stringsInAscii() throws IOException {
        for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
            assertEquals(8, buffer.putStringAscii(1, "caf\u00e9", order));
            assertEquals(4, buffer.getInt(1, order));
            assertEquals("caf?", buffer.getStringAscii(1, order));
            StringBuilder text = new StringBuilder();
            assertEquals(4, buffer.getStringAscii(1, text, order));
            assertEquals("caf?", text.toString());
        }
        assertEquals(7, buffer.putStringAscii(0, new StringBuilder("abc")));
        assertEquals("abc", buffer.getStringAscii(0));
        assertEquals("ab", buffer.getStringAscii(0, 2));
        StringBuilder text = new StringBuilder();
        assertEquals(3, buffer.getStringAscii(0, text));
        assertEquals(2, buffer.getStringAscii(0, 2, text));
        assertEquals("abcab", text.toString());
        buffer.putByte(5, (byte) 0xe9);
        assertEquals("a\ufffdc", buffer.getStringAscii(0));
        assertEquals(3, buffer.getStringAscii(0, text));
        assertEquals("abcaba?c", text.toString());
        assertEquals(4, buffer.putStringAscii(0, (String) null));
        assertEquals("", buffer.getStringAscii(0));
        assertEquals(0, buffer.putStringWithoutLengthAscii(0, (String) null));
        assertEquals(3, buffer.putStringWithoutLengthAscii(0, "012345", 3, 99));
        assertEquals(2, buffer.putStringWithoutLengthAscii(3, "012345", 0, 2));
        assertEquals("34501", buffer.getStringWithoutLengthAscii(0, 5));
    }

    @Test
    void anAppendableThatFailsIsNotHidden() {
        Appendable broken = new Appendable() {
            @Override
            public Appendable append(CharSequence text) throws IOException {
                throw new IOException();
            }

            @Override
            public Appendable append(CharSequence text, int start, int end) throws IOException {
                throw new IOException();
            }

            @Override
            public Appendable append(char c) throws IOException {
                throw new IOException();
            }
        };
        assertThrows(UncheckedIOException.class,
                () -> buffer.getStringWithoutLengthAscii(0, 1, broken));
    }

    @Test
    void stringsInUtf8() {
        String text = "a\u00e9\u20ac\ud83d\ude00!";
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
            assertEquals(4 + bytes, buffer.putStringUtf8(1, text, order));
            assertEquals(bytes, buffer.getInt(1, order));
            assertEquals(text, buffer.getStringUtf8(1, order));
        }
        assertEquals(4 + bytes, buffer.putStringUtf8(0, text));
        assertEquals(text, buffer.getStringUtf8(0));
        assertEquals("a\u00e9", buffer.getStringUtf8(0, 3));
        assertEquals(bytes, buffer.putStringWithoutLengthUtf8(3, text));
        assertEquals(text, buffer.getStringWithoutLengthUtf8(3, bytes));
        assertEquals(4 + bytes, buffer.putStringUtf8(0, text, bytes));
        assertThrows(IllegalArgumentException.class,
                () -> buffer.putStringUtf8(0, text, bytes - 1));
        assertEquals(8, buffer.putStringUtf8(0, null));
        assertEquals("null", buffer.getStringUtf8(0));
    }

    @Test
    void numbersThatAreNone() {
        refusesNumber("", buffer::parseIntAscii);
        for (String text : List.of("-", "--1", "+1", "1 ", "1-", "a", "/", ":", "2147483648",
                "-2147483649", "99999999999999999999", "-99999999999999999999")) {
            refusesNumber(text, buffer::parseIntAscii);
        }
        for (String text : List.of("", "-1", "2147483648", "4294967296")) {
            refusesNumber(text, buffer::parseNaturalIntAscii);
        }
        for (String text : List.of("", "-1", "9223372036854775808", "18446744073709551616")) {
            refusesNumber(text, buffer::parseNaturalLongAscii);
        }
        for (String text : List.of("9223372036854775808", "-9223372036854775809")) {
            refusesNumber(text, buffer::parseLongAscii);
        }
        assertOutside(() -> buffer.parseIntAscii(0, -1));
    }

    @Test
    void numbersAtTheEdges() {
        for (long value : new long[] {0, 9, 10, -1, -10, Long.MAX_VALUE, Long.MIN_VALUE}) {
            int length = buffer.putLongAscii(1, value);
            assertEquals(Long.toString(value), buffer.getStringWithoutLengthAscii(1, length));
            assertEquals(value, buffer.parseLongAscii(1, length));
        }
        for (int value : new int[] {0, 9, 10, -1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            int length = buffer.putIntAscii(1, value);
            assertEquals(Integer.toString(value), buffer.getStringWithoutLengthAscii(1, length));
            assertEquals(value, buffer.parseIntAscii(1, length));
        }
        int length = buffer.putStringWithoutLengthAscii(0, "0000000000000000000000000000012");
        assertEquals(12, buffer.parseNaturalIntAscii(0, length));
        assertEquals(12, buffer.parseNaturalLongAscii(0, length));
    }

    @Test
    void numbersWithZerosInFrontAndFromTheEnd() {
        buffer.setMemory(0, 16, (byte) '.');
        buffer.putNaturalPaddedIntAscii(1, 5, 42);
        assertEquals(".00042.", buffer.getStringWithoutLengthAscii(0, 7));
        buffer.putNaturalPaddedIntAscii(1, 2, 42);
        assertEquals(".42042.", buffer.getStringWithoutLengthAscii(0, 7));
        assertThrows(NumberFormatException.class,
                () -> buffer.putNaturalPaddedIntAscii(1, 2, 100));
        assertEquals(3, buffer.putNaturalIntAsciiFromEnd(1234, 7));
        assertEquals(".421234.", buffer.getStringWithoutLengthAscii(0, 8));
        assertEquals(0, buffer.putNaturalIntAsciiFromEnd(0, 1));
        assertEquals("042", buffer.getStringWithoutLengthAscii(0, 3));
    }

    @Test
    void comparesBytesAsUnsignedThenLengths() {
        NativeBuffer a = of("abc");
        assertEquals(0, a.compareTo(of("abc")));
        assertTrue(a.compareTo(of("abd")) < 0);
        assertTrue(a.compareTo(of("ab")) > 0);
        assertTrue(a.compareTo(of("abcd")) < 0);
        assertTrue(a.compareTo(of("ab\u00e9")) < 0);
        byte[] heap = "xabcx".getBytes(StandardCharsets.US_ASCII);
        assertEquals(0, a.compareTo(HeapBuffer.over(heap, 1, 3)));
        assertTrue(a.compareTo(HeapBuffer.over(heap, 1, 4)) < 0);
        assertTrue(a.compareTo(HeapBuffer.over(heap, 0, 4)) < 0);
    }

    @Test
    void isEqualByContent() {
        NativeBuffer a = of("the same eleven");
        NativeBuffer b = of("the same eleven");
        assertEquals(a, b);
        assertEquals(a.hashCode(), b.hashCode());
        b.putByte(14, (byte) 'm');
        assertNotEquals(a, b);
        assertNotEquals(a.hashCode(), b.hashCode());
        assertNotEquals(a, of("the same"));
        assertNotEquals(a, new Object());
    }

    @Test
    void setsMemory() {
        byte[] expected = new byte[CAPACITY];
        for (int length = 0; length < 40; length++) {
            buffer.setMemory(0, CAPACITY, (byte) 0);
            Arrays.fill(expected, (byte) 0);
            buffer.setMemory(3, length, (byte) 0x85);
            Arrays.fill(expected, 3, 3 + length, (byte) 0x85);
            byte[] actual = new byte[CAPACITY];
            buffer.getBytes(0, actual);
            assertArrayEquals(expected, actual);
        }
    }

    private static NativeBuffer of(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        NativeBuffer made = NativeBuffer.allocate(bytes.length);
        made.putBytes(0, bytes);
        return made;
    }

    private static void refuses(Runnable call) {
        assertThrows(IllegalArgumentException.class, call::run);
    }

    private static void assertOutside(Runnable call) {
        assertThrows(IndexOutOfBoundsException.class, call::run);
    }

    /** Works at both ends of the buffer, and not one byte beyond. */
    private static void outside(int bytes, IntConsumer... calls) {
        for (IntConsumer call : calls) {
            call.accept(0);
            call.accept(CAPACITY - bytes);
            for (int index : new int[] {-1, Integer.MIN_VALUE, CAPACITY - bytes + 1, CAPACITY,
                Integer.MAX_VALUE}) {
                assertOutside(() -> call.accept(index));
            }
        }
    }

    private interface Parser {
        long parse(int index, int length);
    }

    private void refusesNumber(String text, Parser parser) {
        int length = buffer.putStringWithoutLengthAscii(1, text);
        assertThrows(AsciiNumberFormatException.class, () -> parser.parse(1, length), text);
    }

    /** A text that C would read as another one is no C string, and is refused. */
    @ParameterizedTest
    @ValueSource(strings = {"\0", "a\0", "a\0b", "\ud800", "a\udc00", "\udc00\ud800"})
    void cStringsAreWhole(String text) {
        assertFalse(NativeBuffer.isCString(text));
        assertThrows(IllegalArgumentException.class, () -> NativeBuffer.cString(text));
    }

    @Test
    void othersAreCStrings() {
        assertTrue(NativeBuffer.isCString(""));
        NativeBuffer text = NativeBuffer.cString("a\u00fc\u20ac\ud83d\ude00");
        assertTrue(NativeBuffer.isCString("a\u00fc\u20ac\ud83d\ude00"));
        assertEquals(0, text.getByte(10));
        assertEquals("a\u00fc\u20ac\ud83d\ude00", text.getStringWithoutLengthUtf8(0, 10));
    }
}
