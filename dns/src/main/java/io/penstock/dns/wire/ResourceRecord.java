package io.penstock.dns.wire;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.dns.iana.RdataLayout;
import io.penstock.dns.iana.RecordClass;
import io.penstock.dns.iana.RecordType;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.DirectBuffer;

/**
 * A record where it lies: in a message, whose cursor moves it, or alone in a buffer.
 *
 * <pre>
 *   owner    name, perhaps with a pointer
 *   +0       type         16 bits
 *   +2       class        16 bits
 *   +4       ttl          32 bits
 *   +8       rdataLength  16 bits
 *   +10      rdata
 * </pre>
 *
 * <p>Fields of the record data are found by their place in the type's layout; {@link Rdata} has
 * names for them. So {@code record.number(Rdata.MX_PREFERENCE)} is a mail exchange's preference,
 * and {@code record.offset(Rdata.MX_EXCHANGE)} where its name begins, for {@link Name}. Ask for
 * fields of the record's own type only. Records of updates (RFC 2136) may have no data at all.
 *
 * <p><b>Threading</b>: one thread. <b>Allocation</b>: none after construction.
 */
public final class ResourceRecord {
    static final int FIXED_BYTES = 10;
    /** The same with an owner that is a pointer. */
    static final int POINTED_FIXED_BYTES = Name.POINTER_BYTES + FIXED_BYTES;
    private static final AtomicLong FLYWEIGHTS = new AtomicLong();
    private static final int STAMP_BITS = 40;

    private final NativeBuffer buffer;
    private final RdataChecker checker;
    private long stamp;
    private long place; // of the owner's name
    private long head;

    /**
     * Makes a flyweight over nothing.
     *
     * <p><b>Allocation</b>: set-up.
     */
    public ResourceRecord() {
        this(new NativeBuffer(), new RdataChecker());
    }

    /** Makes the flyweight of a cursor over a buffer whose names that one checks. */
    ResourceRecord(NativeBuffer buffer, RdataChecker checker) {
        this.buffer = buffer;
        this.checker = checker;
        stamp = FLYWEIGHTS.incrementAndGet() << STAMP_BITS;
    }

    /**
     * Takes a record that lies alone, and checks it. Its pointers, if there are any, count from
     * index 0 of the buffer, of which the first 8 MiB count.
     *
     * @param source that holds it
     * @param offset of its owner
     * @param length of what may belong to it
     * @return how many octets it takes; {@link ReturnCode#HEAP_BUFFER}, or a code of
     *     {@link Message#wrap}; then it must not be used
     */
    public int wrap(DirectBuffer source, int offset, int length) {
        if (NativeBuffer.isHeap(source)) {
            return ReturnCode.HEAP_BUFFER;
        }
        source.boundsCheck(offset, length);
        if (offset + length > Places.END) {
            throw new IndexOutOfBoundsException("a record beyond 8 MiB");
        }
        buffer.wrap(source, 0, offset + length);
        newMemory();
        long place = checker.place(buffer, offset, offset + length);
        if (place < 0) {
            return (int) place;
        }
        int fixed = Places.end(place);
        if (fixed + FIXED_BYTES > offset + length) {
            return checker.fail(ReturnCode.DNS_SHORT, offset);
        }
        long head = head(buffer, fixed);
        int end = check(buffer, offset, fixed, head, offset + length, checker);
        if (end < 0) {
            return end;
        }
        set(place, head);
        return end - offset;
    }

    /**
     * Where a record that was refused is malformed.
     *
     * @return the offset in the buffer, or -1
     */
    public int errorOffset() {
        return checker.errorOffset();
    }

    /** What most ask a record for: the type (above 48 bits), the TTL, the length of its data. */
    static long head(NativeBuffer b, int fixed) {
        long typeClassTtl = b.getLong(fixed, BIG_ENDIAN);
        return typeClassTtl & 0xffffL << 48 | (typeClassTtl & 0xffff_ffffL) << 16
                | RdataChecker.u16(b, fixed + 8);
    }

    /** Checks what follows the owner's name and says its head: the end, or a code. */
    static int check(
            NativeBuffer b, int owner, int fixed, long head, int limit, RdataChecker checker) {
        int rdata = fixed + FIXED_BYTES;
        int end = rdata + ((int) head & 0xffff);
        if (end > limit) {
            return checker.fail(ReturnCode.DNS_SHORT, owner);
        }
        int type = (int) (head >>> 48);
        boolean isEmpty = end == rdata && isUpdate(RdataChecker.u16(b, fixed + 2));
        int rc = isEmpty ? 0 : checker.rdata(b, type, rdata, end);
        return rc < 0 ? rc : end;
    }

    private static boolean isUpdate(int recordClass) {
        return recordClass == RecordClass.ANY || recordClass == RecordClass.NONE;
    }

    /** Offsets mean something else from here on. */
    void newMemory() {
        nextStamp();
        checker.reset();
        checker.names().clear();
    }

    void nextStamp() {
        stamp++;
    }

    /** Offsets of the same stamp are in the same memory, whoever says so. */
    long stamp() {
        return stamp;
    }

    /** Stands on a record that was checked. */
    void set(long place, long head) {
        this.place = place;
        this.head = head;
    }

    /** Stands on a record that was checked, and begins there. */
    void standAt(int offset) {
        long place = Places.walk(buffer, offset);
        set(place, head(buffer, Places.end(place)));
    }

    /** Whether another one in the same memory has the same owner and type. */
    boolean isOfSet(long place, long head) {
        return (place ^ this.place) >>> Places.LABEL_SHIFT == 0 && (head ^ this.head) >>> 48 == 0;
    }

    /** Where it ends. */
    int end() {
        return end(place, head);
    }

    static int end(long place, long head) {
        return Places.end(place) + FIXED_BYTES + ((int) head & 0xffff);
    }

    /**
     * The memory that all offsets are in.
     *
     * @return the buffer
     */
    public NativeBuffer buffer() {
        return buffer;
    }

    /**
     * Whose record it is.
     *
     * @return the offset of the name's first label, past pointers
     */
    public int owner() {
        return Places.label(place);
    }

    /**
     * How many octets the owner's name has without pointers.
     *
     * @return 1, for the root, to {@link Name#MAX_BYTES}
     */
    public int ownerLength() {
        return Places.length(place);
    }

    /**
     * The type.
     *
     * @return a number of {@link RecordType}
     */
    public int type() {
        return (int) (head >>> 48);
    }

    /**
     * The class.
     *
     * @return a number of {@link RecordClass}
     */
    public int recordClass() {
        return RdataChecker.u16(buffer, Places.end(place) + 2);
    }

    /**
     * How long it may be kept: 32 bits without a sign, of which RFC 2181 allows 31.
     *
     * @return the seconds
     */
    public long ttl() {
        return head >>> 16 & 0xffff_ffffL;
    }

    /**
     * Where the record data begins.
     *
     * @return the offset in the buffer
     */
    public int rdataOffset() {
        return Places.end(place) + FIXED_BYTES;
    }

    /**
     * How long the record data is.
     *
     * @return the octets
     */
    public int rdataLength() {
        return (int) head & 0xffff;
    }

    /**
     * What the record data is made of.
     *
     * @return the layout of its type
     */
    public RdataLayout layout() {
        return RecordType.layout(type());
    }

    /**
     * Where a field of the record data begins: the first label of a name, the length of a string.
     *
     * @param field its place in the layout
     * @return the offset in the buffer, or -1 in a record without data
     */
    public int offset(int field) {
        RdataLayout layout = layout();
        int known = layout.offset(field);
        int rdata = rdataOffset();
        if (rdataLength() == 0 && layout.bytes() != 0 && known != 0) {
            return -1;
        }
        return known >= 0 ? rdata + known : walk(field);
    }

    /** Where the field ends that begins there. */
    int next(int field, int at) {
        int rdata = rdataOffset();
        return checker.field(buffer, layout().field(field), rdata, at, rdata + rdataLength());
    }

    private int walk(int fields) {
        int at = rdataOffset();
        for (int i = 0; i < fields; i++) {
            at = next(i, at);
        }
        return at;
    }

    /**
     * How many octets a field takes where it lies.
     *
     * @param field its place in the layout
     * @return the octets, 0 in a record without data
     */
    public int length(int field) {
        int at = offset(field);
        if (at < 0 || rdataLength() == 0) {
            return 0;
        }
        return next(field, at) - at;
    }

    /**
     * A field that is a number of 8 to 64 bits: also a type, a time, an IPv4 address.
     *
     * @param field its place in the layout
     * @return the number, without a sign but for 64 bits; -1 in a record without data
     */
    public long number(int field) {
        int at = offset(field);
        if (at < 0 || rdataLength() == 0) {
            return -1;
        }
        int bytes = layout().field(field).bytes();
        if (bytes < 0 || bytes > Long.BYTES) {
            throw new IllegalArgumentException("field " + field + " is not a number");
        }
        return switch (bytes) {
            case 1 -> buffer.getByte(at) & 0xff;
            case 2 -> RdataChecker.u16(buffer, at);
            case 4 -> buffer.getInt(at, BIG_ENDIAN) & 0xffff_ffffL;
            case 6 -> (long) RdataChecker.u16(buffer, at) << 32
                    | buffer.getInt(at + 2, BIG_ENDIAN) & 0xffff_ffffL;
            default -> buffer.getLong(at, BIG_ENDIAN);
        };
    }

    /**
     * The address of an A record that has one (in an update it may not).
     *
     * @return its 32 bits, the first octet highest
     */
    public int ipv4() {
        return buffer.getInt(rdataOffset(), BIG_ENDIAN);
    }

    /**
     * The first half of the address of an AAAA record that has one.
     *
     * @return its 64 bits, the first octet highest
     */
    public long ipv6High() {
        return buffer.getLong(rdataOffset(), BIG_ENDIAN);
    }

    /**
     * The second half of the address of an AAAA record that has one.
     *
     * @return its 64 bits, the first octet highest
     */
    public long ipv6Low() {
        return buffer.getLong(rdataOffset() + Long.BYTES, BIG_ENDIAN);
    }
}
