package io.penstock.core.buffer;

import static java.lang.ref.Reference.reachabilityFence;

import io.penstock.core.sys.Posix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.AtomicBuffer;

/**
 * A window on memory outside the Java heap. It implements Agrona's {@link AtomicBuffer} without
 * {@code --add-exports}, so all classes of Agrona that take a buffer take this one.
 *
 * <pre>
 *   memory   0 . . . [ owner's memory ......................................... ] . . . 2^63
 *                            |&lt;------------- capacity -------------&gt;|
 *   index                    0                                      capacity
 *                         address
 * </pre>
 *
 * All of memory is one segment, which is a constant to the JIT compiler; a buffer adds an address
 * and a check against its own capacity. The buffer refers to the owner of its memory, if there is
 * one; the memory is released some time after the last such buffer becomes unreachable.
 *
 * <p>Agrona's interfaces leave these choices open:
 *
 * <ul>
 *   <li>Bounds are always checked.
 *   <li>The address of a volatile, ordered, opaque or atomic access must be a multiple of the
 *       value's size; otherwise the access throws {@link IllegalArgumentException}.
 *   <li>Copies to and from a {@link ByteBuffer} stay below its limit; a direct one must not overlap
 *       this buffer.
 *   <li>A character that is not ASCII is written, and passed to an {@link Appendable}, as
 *       {@code '?'}.
 *   <li>The number 0 takes one digit in every method.
 * </ul>
 *
 * <p><b>Threading</b>: any for the memory, as with plain memory; one thread wraps.
 * <b>Allocation</b>: none, except in methods that make a buffer, wrap a {@link ByteBuffer} or
 * return a {@link String}. <b>Returns</b>: values; an index out of bounds or another wrong argument
 * is misuse and throws, as Agrona's interfaces say.
 */
public final class NativeBuffer implements AtomicBuffer {
    private static final int MAX_UTF8_BYTES = 3; // a char; a surrogate pair takes four

    @SuppressWarnings("restricted") // this module is granted native access
    private static final MemorySegment EVERYTHING =
            MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();
    private static final byte NOT_ASCII = '?';
    private static final int LAST_ASCII = 127;
    private static final int HASH_SEED = 19;
    private static final int HASH_FACTOR = 31;
    private static final long EACH_BYTE = 0x0101_0101_0101_0101L;
    private static final int LAST_WORD = 0x1f;
    private static final int MAX_WORDS = 4; // for more, calling the JDK's copy pays
    private static final long ADDRESS_BITS = Long.MAX_VALUE >>> 1;

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfChar CHAR = ValueLayout.JAVA_CHAR_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED;

    // With exact invocation, because a signature that does not match would box arguments silently.
    private static final VarHandle BYTES = shared(ValueLayout.JAVA_BYTE);
    private static final VarHandle SHORTS = shared(ValueLayout.JAVA_SHORT);
    private static final VarHandle CHARS = shared(ValueLayout.JAVA_CHAR);
    private static final VarHandle INTS = shared(ValueLayout.JAVA_INT);
    private static final VarHandle LONGS = shared(ValueLayout.JAVA_LONG);

    private long address;
    private int capacity;
    private Object owner;

    /**
     * Makes an empty buffer, to be wrapped around something.
     *
     * <p><b>Allocation</b>: set-up.
     */
    public NativeBuffer() {
    }

    /**
     * Makes a buffer over new memory, which is zeroed and aligned to 64 bytes. From 64 KiB on the
     * memory is aligned to a page, and pages that are never touched use no memory. The memory is
     * released some time after all buffers over it have become unreachable.
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: set-up.
     *
     * @param capacity how many bytes
     * @return the buffer
     */
    public static NativeBuffer allocate(int capacity) {
        NativeBuffer buffer = new NativeBuffer();
        buffer.wrap(Region.allocate(Posix.system(), capacity));
        return buffer;
    }

    /**
     * Whether a text can be a C string: it has no NUL, which would end it in C, and no unpaired
     * surrogate, which UTF-8 cannot encode. Check a text from outside the program with this before
     * {@link #cString}.
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: none.
     *
     * @param text any text
     * @return true if {@link #cString} takes the text
     */
    public static boolean isCString(String text) {
        return text.indexOf('\0') < 0 && Utf8.isEncodable(text);
    }

    /**
     * A text as a C string, such as the kernel takes for the name of a file: in UTF-8, with a NUL
     * behind it.
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: set-up.
     *
     * @param text a text for which {@link #isCString} is true; any other is misuse, and throws
     * @return the buffer, which may be longer than the text
     */
    public static NativeBuffer cString(String text) {
        if (!isCString(text)) {
            throw new IllegalArgumentException("C would read another text");
        }
        NativeBuffer buffer = allocate(MAX_UTF8_BYTES * text.length() + 1);
        buffer.putStringWithoutLengthUtf8(0, text);
        return buffer;
    }

    /**
     * Whether a buffer lies on the Java heap, where the kernel cannot reach it. Methods that pass
     * memory to the kernel return {@link io.penstock.core.ReturnCode#HEAP_BUFFER} for it.
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: none.
     *
     * @param buffer any buffer
     * @return true if the buffer wraps an array
     */
    public static boolean isHeap(DirectBuffer buffer) {
        return buffer.byteArray() != null;
    }

    /**
     * Wraps a native segment of at most 2 GiB, and keeps it reachable. The buffer can be written
     * even if the segment is read-only. If the segment's arena is not automatic, do not use the
     * buffer after the arena was closed.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none.
     *
     * @param segment the memory
     */
    public void wrap(MemorySegment segment) {
        if (!segment.isNative() || segment.byteSize() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("not native memory of at most 2 GiB: " + segment);
        }
        set(segment.address(), (int) segment.byteSize(), segment);
    }

    @Override
    public void wrap(DirectBuffer buffer) {
        wrap(buffer, 0, buffer.capacity());
    }

    @Override
    public void wrap(DirectBuffer buffer, int offset, int length) {
        if (isHeap(buffer)) {
            throw onHeap();
        }
        buffer.boundsCheck(offset, length);
        set(buffer.addressOffset() + offset, length, owner(buffer));
    }

    /**
     * Wraps memory at an address. The caller keeps the memory alive.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none.
     *
     * @param address of the first byte
     * @param length how many bytes
     */
    @Override
    public void wrap(long address, int length) {
        if (length < 0) {
            throw new IllegalArgumentException("length " + length);
        }
        set(address, length, null);
    }

    @Override
    public void wrap(ByteBuffer buffer) {
        wrap(buffer, 0, buffer.capacity());
    }

    @Override
    public void wrap(ByteBuffer buffer, int offset, int length) {
        if (!buffer.isDirect()) {
            throw onHeap();
        }
        Objects.checkFromIndexSize(offset, length, buffer.capacity());
        long start = MemorySegment.ofBuffer(buffer.duplicate().clear()).address();
        set(start + offset, length, buffer);
    }

    /**
     * Refuses: an array lies on the heap.
     *
     * @param buffer an array
     */
    @Override
    public void wrap(byte[] buffer) {
        throw onHeap();
    }

    /**
     * Refuses: an array lies on the heap.
     *
     * @param buffer an array
     * @param offset in it
     * @param length of it
     */
    @Override
    public void wrap(byte[] buffer, int offset, int length) {
        throw onHeap();
    }

    @Override
    public long addressOffset() {
        return address;
    }

    @Override
    public int capacity() {
        return capacity;
    }

    @Override
    public byte[] byteArray() {
        return null;
    }

    @Override
    public ByteBuffer byteBuffer() {
        return null;
    }

    @Override
    public int wrapAdjustment() {
        return 0;
    }

    @Override
    public boolean isExpandable() {
        return false;
    }

    @Override
    public void verifyAlignment() {
        if ((address & ALIGNMENT - 1) != 0) {
            throw new IllegalStateException(this + " is not aligned to " + ALIGNMENT);
        }
    }

    @Override
    public void checkLimit(int limit) {
        Objects.checkFromToIndex(0, limit, capacity);
    }

    @Override
    public void boundsCheck(int index, int length) {
        Objects.checkFromIndexSize(index, length, capacity);
    }

    @Override
    public byte getByte(int index) {
        byte value = EVERYTHING.get(BYTE, at(index, Byte.BYTES));
        reachabilityFence(this);
        return value;
    }

    @Override
    public void putByte(int index, byte value) {
        EVERYTHING.set(BYTE, at(index, Byte.BYTES), value);
        reachabilityFence(this);
    }

    @Override
    public short getShort(int index) {
        short value = EVERYTHING.get(SHORT, at(index, Short.BYTES));
        reachabilityFence(this);
        return value;
    }

    @Override
    public void putShort(int index, short value) {
        EVERYTHING.set(SHORT, at(index, Short.BYTES), value);
        reachabilityFence(this);
    }

    @Override
    public char getChar(int index) {
        char value = EVERYTHING.get(CHAR, at(index, Character.BYTES));
        reachabilityFence(this);
        return value;
    }

    @Override
    public void putChar(int index, char value) {
        EVERYTHING.set(CHAR, at(index, Character.BYTES), value);
        reachabilityFence(this);
    }

    @Override
    public int getInt(int index) {
        int value = EVERYTHING.get(INT, at(index, Integer.BYTES));
        reachabilityFence(this);
        return value;
    }

    @Override
    public void putInt(int index, int value) {
        EVERYTHING.set(INT, at(index, Integer.BYTES), value);
        reachabilityFence(this);
    }

    @Override
    public long getLong(int index) {
        long value = EVERYTHING.get(LONG, at(index, Long.BYTES));
        reachabilityFence(this);
        return value;
    }

    @Override
    public void putLong(int index, long value) {
        EVERYTHING.set(LONG, at(index, Long.BYTES), value);
        reachabilityFence(this);
    }

    @Override
    public float getFloat(int index) {
        float value = EVERYTHING.get(FLOAT, at(index, Float.BYTES));
        reachabilityFence(this);
        return value;
    }

    @Override
    public void putFloat(int index, float value) {
        EVERYTHING.set(FLOAT, at(index, Float.BYTES), value);
        reachabilityFence(this);
    }

    @Override
    public double getDouble(int index) {
        double value = EVERYTHING.get(DOUBLE, at(index, Double.BYTES));
        reachabilityFence(this);
        return value;
    }

    @Override
    public void putDouble(int index, double value) {
        EVERYTHING.set(DOUBLE, at(index, Double.BYTES), value);
        reachabilityFence(this);
    }

    @Override
    public short getShort(int index, ByteOrder order) {
        return ordered(getShort(index), order);
    }

    @Override
    public void putShort(int index, short value, ByteOrder order) {
        putShort(index, ordered(value, order));
    }

    @Override
    public char getChar(int index, ByteOrder order) {
        return ordered(getChar(index), order);
    }

    @Override
    public void putChar(int index, char value, ByteOrder order) {
        putChar(index, ordered(value, order));
    }

    @Override
    public int getInt(int index, ByteOrder order) {
        return ordered(getInt(index), order);
    }

    @Override
    public void putInt(int index, int value, ByteOrder order) {
        putInt(index, ordered(value, order));
    }

    @Override
    public long getLong(int index, ByteOrder order) {
        return ordered(getLong(index), order);
    }

    @Override
    public void putLong(int index, long value, ByteOrder order) {
        putLong(index, ordered(value, order));
    }

    @Override
    public float getFloat(int index, ByteOrder order) {
        return Float.intBitsToFloat(getInt(index, order));
    }

    @Override
    public void putFloat(int index, float value, ByteOrder order) {
        putInt(index, Float.floatToRawIntBits(value), order);
    }

    @Override
    public double getDouble(int index, ByteOrder order) {
        return Double.longBitsToDouble(getLong(index, order));
    }

    @Override
    public void putDouble(int index, double value, ByteOrder order) {
        putLong(index, Double.doubleToRawLongBits(value), order);
    }

    @Override
    public byte getByteVolatile(int index) {
        byte value = (byte) BYTES.getVolatile(EVERYTHING, at(index, Byte.BYTES));
        reachabilityFence(this);
        return value;
    }

    @Override
    public void putByteVolatile(int index, byte value) {
        BYTES.setVolatile(EVERYTHING, at(index, Byte.BYTES), value);
        reachabilityFence(this);
    }

    @Override
    public short getShortVolatile(int index) {
        short value = (short) SHORTS.getVolatile(EVERYTHING, at(index, Short.BYTES));
        reachabilityFence(this);
        return value;
    }

    @Override
    public void putShortVolatile(int index, short value) {
        SHORTS.setVolatile(EVERYTHING, at(index, Short.BYTES), value);
        reachabilityFence(this);
    }

    @Override
    public char getCharVolatile(int index) {
        char value = (char) CHARS.getVolatile(EVERYTHING, at(index, Character.BYTES));
        reachabilityFence(this);
        return value;
    }

    @Override
    public void putCharVolatile(int index, char value) {
        CHARS.setVolatile(EVERYTHING, at(index, Character.BYTES), value);
        reachabilityFence(this);
    }

    @Override
    public int getIntVolatile(int index) {
        int value = (int) INTS.getVolatile(EVERYTHING, at(index, Integer.BYTES));
        reachabilityFence(this);
        return value;
    }

    @Override
    public void putIntVolatile(int index, int value) {
        INTS.setVolatile(EVERYTHING, at(index, Integer.BYTES), value);
        reachabilityFence(this);
    }

    @Override
    public long getLongVolatile(int index) {
        long value = (long) LONGS.getVolatile(EVERYTHING, at(index, Long.BYTES));
        reachabilityFence(this);
        return value;
    }

    @Override
    public void putLongVolatile(int index, long value) {
        LONGS.setVolatile(EVERYTHING, at(index, Long.BYTES), value);
        reachabilityFence(this);
    }

    @Override
    public int getIntAcquire(int index) {
        int value = (int) INTS.getAcquire(EVERYTHING, at(index, Integer.BYTES));
        reachabilityFence(this);
        return value;
    }

    @Override
    public void putIntRelease(int index, int value) {
        INTS.setRelease(EVERYTHING, at(index, Integer.BYTES), value);
        reachabilityFence(this);
    }

    @Override
    public void putIntOrdered(int index, int value) {
        putIntRelease(index, value);
    }

    @Override
    public int getIntOpaque(int index) {
        int value = (int) INTS.getOpaque(EVERYTHING, at(index, Integer.BYTES));
        reachabilityFence(this);
        return value;
    }

    @Override
    public void putIntOpaque(int index, int value) {
        INTS.setOpaque(EVERYTHING, at(index, Integer.BYTES), value);
        reachabilityFence(this);
    }

    @Override
    public int addIntRelease(int index, int increment) {
        long at = at(index, Integer.BYTES);
        int before = (int) INTS.get(EVERYTHING, at);
        INTS.setRelease(EVERYTHING, at, before + increment);
        reachabilityFence(this);
        return before;
    }

    @Override
    public int addIntOpaque(int index, int increment) {
        long at = at(index, Integer.BYTES);
        int before = (int) INTS.get(EVERYTHING, at);
        INTS.setOpaque(EVERYTHING, at, before + increment);
        reachabilityFence(this);
        return before;
    }

    @Override
    public int addIntOrdered(int index, int increment) {
        return addIntRelease(index, increment);
    }

    @Override
    public boolean compareAndSetInt(int index, int expectedValue, int updateValue) {
        boolean isSet = INTS.compareAndSet(
                EVERYTHING, at(index, Integer.BYTES), expectedValue, updateValue);
        reachabilityFence(this);
        return isSet;
    }

    @Override
    public int compareAndExchangeInt(int index, int expectedValue, int updateValue) {
        int before = (int) INTS.compareAndExchange(
                EVERYTHING, at(index, Integer.BYTES), expectedValue, updateValue);
        reachabilityFence(this);
        return before;
    }

    @Override
    public int getAndSetInt(int index, int value) {
        int before = (int) INTS.getAndSet(EVERYTHING, at(index, Integer.BYTES), value);
        reachabilityFence(this);
        return before;
    }

    @Override
    public int getAndAddInt(int index, int delta) {
        int before = (int) INTS.getAndAdd(EVERYTHING, at(index, Integer.BYTES), delta);
        reachabilityFence(this);
        return before;
    }

    @Override
    public long getLongAcquire(int index) {
        long value = (long) LONGS.getAcquire(EVERYTHING, at(index, Long.BYTES));
        reachabilityFence(this);
        return value;
    }

    @Override
    public void putLongRelease(int index, long value) {
        LONGS.setRelease(EVERYTHING, at(index, Long.BYTES), value);
        reachabilityFence(this);
    }

    @Override
    public void putLongOrdered(int index, long value) {
        putLongRelease(index, value);
    }

    @Override
    public long getLongOpaque(int index) {
        long value = (long) LONGS.getOpaque(EVERYTHING, at(index, Long.BYTES));
        reachabilityFence(this);
        return value;
    }

    @Override
    public void putLongOpaque(int index, long value) {
        LONGS.setOpaque(EVERYTHING, at(index, Long.BYTES), value);
        reachabilityFence(this);
    }

    @Override
    public long addLongRelease(int index, long increment) {
        long at = at(index, Long.BYTES);
        long before = (long) LONGS.get(EVERYTHING, at);
        LONGS.setRelease(EVERYTHING, at, before + increment);
        reachabilityFence(this);
        return before;
    }

    @Override
    public long addLongOpaque(int index, long increment) {
        if (index < 0 || index > capacity - Long.BYTES) { // what at() checks; of a constant cheaper
            boundsCheck(index, Long.BYTES);
        }
        long at = address + index;
        long before = (long) LONGS.get(EVERYTHING, at);
        LONGS.setOpaque(EVERYTHING, at, before + increment);
        reachabilityFence(this);
        return before;
    }

    @Override
    public long addLongOrdered(int index, long increment) {
        return addLongRelease(index, increment);
    }

    @Override
    public boolean compareAndSetLong(int index, long expectedValue, long updateValue) {
        boolean isSet = LONGS.compareAndSet(
                EVERYTHING, at(index, Long.BYTES), expectedValue, updateValue);
        reachabilityFence(this);
        return isSet;
    }

    @Override
    public long compareAndExchangeLong(int index, long expectedValue, long updateValue) {
        long before = (long) LONGS.compareAndExchange(
                EVERYTHING, at(index, Long.BYTES), expectedValue, updateValue);
        reachabilityFence(this);
        return before;
    }

    @Override
    public long getAndSetLong(int index, long value) {
        long before = (long) LONGS.getAndSet(EVERYTHING, at(index, Long.BYTES), value);
        reachabilityFence(this);
        return before;
    }

    @Override
    public long getAndAddLong(int index, long delta) {
        long before = (long) LONGS.getAndAdd(EVERYTHING, at(index, Long.BYTES), delta);
        reachabilityFence(this);
        return before;
    }

    @Override
    public void setMemory(int index, int length, byte value) {
        long at = range(index, length);
        long pattern = (value & 0xff) * EACH_BYTE;
        int i = 0;
        for (; i <= length - Long.BYTES; i += Long.BYTES) {
            EVERYTHING.set(LONG, at + i, pattern);
        }
        for (; i < length; i++) {
            EVERYTHING.set(BYTE, at + i, value);
        }
        reachabilityFence(this);
    }

    @Override
    public void getBytes(int index, byte[] dst) {
        getBytes(index, dst, 0, dst.length);
    }

    @Override
    public void getBytes(int index, byte[] dst, int offset, int length) {
        MemorySegment.copy(EVERYTHING, BYTE, range(index, length), dst, offset, length);
        reachabilityFence(this);
    }

    @Override
    public void getBytes(int index, MutableDirectBuffer dstBuffer, int dstIndex, int length) {
        dstBuffer.putBytes(dstIndex, this, index, length); // it may have to grow first
        reachabilityFence(this);
    }

    @Override
    public void getBytes(int index, ByteBuffer dstBuffer, int length) {
        int position = dstBuffer.position();
        getBytes(index, dstBuffer, position, length);
        dstBuffer.position(position + length);
    }

    @Override
    public void getBytes(int index, ByteBuffer dstBuffer, int dstOffset, int length) {
        Objects.checkFromIndexSize(dstOffset, length, dstBuffer.limit());
        if (dstBuffer.hasArray()) {
            getBytes(index, dstBuffer.array(), dstBuffer.arrayOffset() + dstOffset, length);
        } else {
            copyOut(range(index, length), dstBuffer, dstOffset, length);
        }
    }

    @Override
    public void putBytes(int index, byte[] src) {
        putBytes(index, src, 0, src.length);
    }

    @Override
    public void putBytes(int index, byte[] src, int offset, int length) {
        MemorySegment.copy(src, offset, EVERYTHING, BYTE, range(index, length), length);
        reachabilityFence(this);
    }

    @Override
    public void putBytes(int index, ByteBuffer srcBuffer, int length) {
        int position = srcBuffer.position();
        putBytes(index, srcBuffer, position, length);
        srcBuffer.position(position + length);
    }

    @Override
    public void putBytes(int index, ByteBuffer srcBuffer, int srcIndex, int length) {
        Objects.checkFromIndexSize(srcIndex, length, srcBuffer.limit());
        if (srcBuffer.hasArray()) {
            putBytes(index, srcBuffer.array(), srcBuffer.arrayOffset() + srcIndex, length);
        } else {
            copyIn(range(index, length), srcBuffer, srcIndex, length);
        }
    }

    @Override
    public void putBytes(int index, DirectBuffer srcBuffer, int srcIndex, int length) {
        srcBuffer.boundsCheck(srcIndex, length);
        if (isHeap(srcBuffer)) {
            int offset = srcBuffer.wrapAdjustment() + srcIndex;
            putBytes(index, srcBuffer.byteArray(), offset, length);
            return;
        }
        copy(srcBuffer.addressOffset() + srcIndex, range(index, length), length);
        reachabilityFence(srcBuffer);
        reachabilityFence(this);
    }

    @Override
    public String getStringAscii(int index) {
        return getStringAscii(index, getInt(index));
    }

    @Override
    public String getStringAscii(int index, ByteOrder order) {
        return getStringAscii(index, getInt(index, order));
    }

    @Override
    public String getStringAscii(int index, int length) {
        boundsCheck(index, STR_HEADER_LEN + length);
        return string(index + STR_HEADER_LEN, length, StandardCharsets.US_ASCII);
    }

    @Override
    public String getStringWithoutLengthAscii(int index, int length) {
        return string(index, length, StandardCharsets.US_ASCII);
    }

    @Override
    public int getStringAscii(int index, Appendable appendable) {
        return getStringAscii(index, getInt(index), appendable);
    }

    @Override
    public int getStringAscii(int index, Appendable appendable, ByteOrder order) {
        return getStringAscii(index, getInt(index, order), appendable);
    }

    @Override
    public int getStringAscii(int index, int length, Appendable appendable) {
        boundsCheck(index, STR_HEADER_LEN + length);
        return getStringWithoutLengthAscii(index + STR_HEADER_LEN, length, appendable);
    }

    @Override
    public int getStringWithoutLengthAscii(int index, int length, Appendable appendable) {
        boundsCheck(index, length);
        try {
            for (int i = 0; i < length; i++) {
                byte b = getByte(index + i);
                appendable.append((char) (b < 0 ? NOT_ASCII : b));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return length;
    }

    @Override
    public int putStringAscii(int index, String value) {
        return putStringAscii(index, (CharSequence) value);
    }

    @Override
    public int putStringAscii(int index, String value, ByteOrder order) {
        return putStringAscii(index, (CharSequence) value, order);
    }

    @Override
    public int putStringAscii(int index, CharSequence value) {
        return putStringAscii(index, value, NATIVE);
    }

    @Override
    public int putStringAscii(int index, CharSequence value, ByteOrder order) {
        int length = value == null ? 0 : value.length();
        boundsCheck(index, Math.addExact(STR_HEADER_LEN, length));
        putInt(index, length, order);
        putStringWithoutLengthAscii(index + STR_HEADER_LEN, value, 0, length);
        return STR_HEADER_LEN + length;
    }

    @Override
    public int putStringWithoutLengthAscii(int index, String value) {
        return putStringWithoutLengthAscii(index, (CharSequence) value);
    }

    @Override
    public int putStringWithoutLengthAscii(int index, CharSequence value) {
        return putStringWithoutLengthAscii(index, value, 0, Integer.MAX_VALUE);
    }

    @Override
    public int putStringWithoutLengthAscii(int index, String value, int valueOffset, int length) {
        return putStringWithoutLengthAscii(index, (CharSequence) value, valueOffset, length);
    }

    @Override
    public int putStringWithoutLengthAscii(
            int index, CharSequence value, int valueOffset, int length) {
        if (value == null) {
            return 0;
        }
        int count = Math.min(value.length() - valueOffset, length);
        boundsCheck(index, count);
        for (int i = 0; i < count; i++) {
            char c = value.charAt(valueOffset + i);
            putByte(index + i, c > LAST_ASCII ? NOT_ASCII : (byte) c);
        }
        return count;
    }

    @Override
    public String getStringUtf8(int index) {
        return getStringUtf8(index, getInt(index));
    }

    @Override
    public String getStringUtf8(int index, ByteOrder order) {
        return getStringUtf8(index, getInt(index, order));
    }

    @Override
    public String getStringUtf8(int index, int length) {
        boundsCheck(index, STR_HEADER_LEN + length);
        return string(index + STR_HEADER_LEN, length, StandardCharsets.UTF_8);
    }

    @Override
    public String getStringWithoutLengthUtf8(int index, int length) {
        return string(index, length, StandardCharsets.UTF_8);
    }

    @Override
    public int putStringUtf8(int index, String value) {
        return putStringUtf8(index, value, NATIVE, Integer.MAX_VALUE);
    }

    @Override
    public int putStringUtf8(int index, String value, ByteOrder order) {
        return putStringUtf8(index, value, order, Integer.MAX_VALUE);
    }

    @Override
    public int putStringUtf8(int index, String value, int maxEncodedLength) {
        return putStringUtf8(index, value, NATIVE, maxEncodedLength);
    }

    @Override
    public int putStringUtf8(int index, String value, ByteOrder order, int maxEncodedLength) {
        String text = String.valueOf(value); // Agrona writes null out, too
        int length = utf8Length(text, maxEncodedLength);
        boundsCheck(index, Math.addExact(STR_HEADER_LEN, length));
        putInt(index, length, order);
        Utf8.put(this, index + STR_HEADER_LEN, text);
        return STR_HEADER_LEN + length;
    }

    @Override
    public int putStringWithoutLengthUtf8(int index, String value) {
        String text = String.valueOf(value);
        int length = utf8Length(text, Integer.MAX_VALUE);
        boundsCheck(index, length);
        Utf8.put(this, index, text);
        return length;
    }

    @Override
    public int parseNaturalIntAscii(int index, int length) {
        return (int) AsciiNumbers.parseNatural(this, index, length, Integer.MAX_VALUE);
    }

    @Override
    public long parseNaturalLongAscii(int index, int length) {
        return AsciiNumbers.parseNatural(this, index, length, Long.MAX_VALUE);
    }

    @Override
    public int parseIntAscii(int index, int length) {
        return (int) AsciiNumbers.parse(this, index, length, Integer.MAX_VALUE);
    }

    @Override
    public long parseLongAscii(int index, int length) {
        return AsciiNumbers.parse(this, index, length, Long.MAX_VALUE);
    }

    @Override
    public int putIntAscii(int index, int value) {
        return AsciiNumbers.put(this, index, value);
    }

    @Override
    public int putLongAscii(int index, long value) {
        return AsciiNumbers.put(this, index, value);
    }

    @Override
    public int putNaturalIntAscii(int index, int value) {
        return AsciiNumbers.put(this, index, value);
    }

    @Override
    public int putNaturalLongAscii(int index, long value) {
        return AsciiNumbers.put(this, index, value);
    }

    @Override
    public void putNaturalPaddedIntAscii(int offset, int length, int value) {
        AsciiNumbers.putPadded(this, offset, length, value);
    }

    @Override
    public int putNaturalIntAsciiFromEnd(int value, int endExclusive) {
        return AsciiNumbers.putBefore(this, endExclusive, value);
    }

    /**
     * Compares bytes as unsigned numbers, then lengths.
     *
     * @param that any buffer, on the heap or not
     * @return less than, equal to or greater than 0
     */
    @Override
    public int compareTo(DirectBuffer that) {
        int common = Math.min(capacity, that.capacity());
        int i = isHeap(that) ? firstDifference(that, common) : mismatch(that, common);
        if (i < 0) {
            return Integer.compare(capacity, that.capacity());
        }
        return Byte.compareUnsigned(getByte(i), that.getByte(i));
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || other instanceof NativeBuffer that
                && capacity == that.capacity
                && mismatch(that, capacity) < 0;
    }

    @Override
    public int hashCode() {
        int hash = HASH_SEED;
        int i = 0;
        for (; i <= capacity - Long.BYTES; i += Long.BYTES) {
            hash = HASH_FACTOR * hash + Long.hashCode(getLong(i));
        }
        for (; i < capacity; i++) {
            hash = HASH_FACTOR * hash + getByte(i);
        }
        return hash;
    }

    @Override
    public String toString() {
        return "NativeBuffer{address=0x" + Long.toHexString(address)
                + ", capacity=" + capacity + "}";
    }

    private static VarHandle shared(ValueLayout aligned) {
        return aligned.varHandle().withInvokeExactBehavior();
    }

    private static IllegalArgumentException onHeap() {
        return new IllegalArgumentException("memory on the Java heap cannot be wrapped");
    }

    private static Object owner(DirectBuffer buffer) {
        if (buffer instanceof NativeBuffer that) {
            return that.owner;
        }
        return buffer.byteBuffer() == null ? buffer : buffer.byteBuffer();
    }

    private void set(long address, int capacity, Object owner) {
        this.address = address;
        this.capacity = capacity;
        if (this.owner != owner) { // the store's GC barrier costs more than this comparison
            this.owner = owner;
        }
    }

    /**
     * The address of a value, checked by one comparison, which the compiler can hoist out of loops.
     * The mask changes no address; it lets the compiler prove that the address is within memory.
     */
    private long at(int index, int bytes) {
        return (address & ADDRESS_BITS) + Objects.checkIndex(index, capacity - (bytes - 1));
    }

    private long range(int index, int length) {
        return address + Objects.checkFromIndexSize(index, length, capacity);
    }

    private static void copy(long from, long to, int length) {
        if (length > MAX_WORDS * Long.BYTES) {
            MemorySegment.copy(EVERYTHING, from, EVERYTHING, to, length);
        } else if (length >= Long.BYTES) {
            copyWords(from & ADDRESS_BITS, to & ADDRESS_BITS, length);
        } else {
            copyFew(from & ADDRESS_BITS, to & ADDRESS_BITS, length);
        }
    }

    /** Copies fewer than 8 bytes, as {@link #copyWords} does. */
    private static void copyFew(long from, long to, int length) {
        if (length >= Integer.BYTES) {
            int last = length - Integer.BYTES;
            int first = EVERYTHING.get(INT, from);
            int end = EVERYTHING.get(INT, from + last);
            EVERYTHING.set(INT, to, first);
            EVERYTHING.set(INT, to + last, end);
        } else if (length >= Short.BYTES) {
            int last = length - Short.BYTES;
            short first = EVERYTHING.get(SHORT, from);
            short end = EVERYTHING.get(SHORT, from + last);
            EVERYTHING.set(SHORT, to, first);
            EVERYTHING.set(SHORT, to + last, end);
        } else if (length > 0) {
            EVERYTHING.set(BYTE, to, EVERYTHING.get(BYTE, from));
        }
    }

    /** Copies 8 to 32 bytes as words that may overlap; all are read before one is written. */
    private static void copyWords(long from, long to, int length) {
        int last = length - Long.BYTES & LAST_WORD; // the mask tells the compiler its bounds
        long first = EVERYTHING.get(LONG, from);
        long end = EVERYTHING.get(LONG, from + last);
        if (last > Long.BYTES) {
            long second = EVERYTHING.get(LONG, from + Long.BYTES);
            long third = EVERYTHING.get(LONG, from + last - Long.BYTES);
            EVERYTHING.set(LONG, to + Long.BYTES, second);
            EVERYTHING.set(LONG, to + last - Long.BYTES, third);
        }
        EVERYTHING.set(LONG, to, first);
        EVERYTHING.set(LONG, to + last, end);
    }

    private static short ordered(short value, ByteOrder order) {
        return order == NATIVE ? value : Short.reverseBytes(value);
    }

    private static char ordered(char value, ByteOrder order) {
        return order == NATIVE ? value : Character.reverseBytes(value);
    }

    private static int ordered(int value, ByteOrder order) {
        return order == NATIVE ? value : Integer.reverseBytes(value);
    }

    private static long ordered(long value, ByteOrder order) {
        return order == NATIVE ? value : Long.reverseBytes(value);
    }

    // A segment of the ByteBuffer would allocate at each call, so this copies 8 bytes at a time.
    private void copyOut(long from, ByteBuffer dst, int dstOffset, int length) {
        int i = 0;
        for (; i <= length - Long.BYTES; i += Long.BYTES) {
            dst.putLong(dstOffset + i, ordered(EVERYTHING.get(LONG, from + i), dst.order()));
        }
        for (; i < length; i++) {
            dst.put(dstOffset + i, EVERYTHING.get(BYTE, from + i));
        }
        reachabilityFence(this);
    }

    private void copyIn(long to, ByteBuffer src, int srcOffset, int length) {
        int i = 0;
        for (; i <= length - Long.BYTES; i += Long.BYTES) {
            EVERYTHING.set(LONG, to + i, ordered(src.getLong(srcOffset + i), src.order()));
        }
        for (; i < length; i++) {
            EVERYTHING.set(BYTE, to + i, src.get(srcOffset + i));
        }
        reachabilityFence(this);
    }

    private String string(int index, int length, Charset charset) {
        boundsCheck(index, length); // before an array of that length is made
        byte[] bytes = new byte[length];
        getBytes(index, bytes);
        return new String(bytes, charset);
    }

    private static int utf8Length(String text, int max) {
        long length = Utf8.length(text);
        if (length > max) {
            throw new IllegalArgumentException("encoded length " + length + " is above " + max);
        }
        return (int) length;
    }

    private int mismatch(DirectBuffer that, int length) {
        long i = MemorySegment.mismatch(EVERYTHING, address, address + length,
                EVERYTHING, that.addressOffset(), that.addressOffset() + length);
        reachabilityFence(that);
        reachabilityFence(this);
        return (int) i;
    }

    private int firstDifference(DirectBuffer that, int length) {
        for (int i = 0; i < length; i++) {
            if (getByte(i) != that.getByte(i)) {
                return i;
            }
        }
        return -1;
    }
}
