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
 * A flyweight over a record, either in a message, whose cursor moves it, or alone in a buffer.
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
 * and {@code record.offset(Rdata.MX_EXCHANGE)} the offset of its name, for {@link Name}. Use only
 * the fields of the record's own type. Records of updates (RFC 2136) may have no data.
 *
 * <p><b>Threading</b>: one thread. <b>Allocation</b>: none after construction.
 */
public final class ResourceRecord {
    static final int FIXED_BYTES = 10;
    /** The octets of the fixed fields and of an owner that is a pointer. */
    static final int POINTED_FIXED_BYTES = Name.POINTER_BYTES + FIXED_BYTES;
    private static final AtomicLong FLYWEIGHTS = new AtomicLong();
    private static final int STAMP_BITS = 40;

    private final NativeBuffer buffer;
    private final RdataChecker checker;
    private long stamp;
    private long place; // of the owner's name
    private long head;

    /**
     * Makes a flyweight without a record.
     *
     * <p><b>Allocation</b>: set-up.
     */
    public ResourceRecord() {
        this(new NativeBuffer(), new RdataChecker());
    }

    /** Makes the flyweight of a message, over its buffer and with its checker. */
    ResourceRecord(NativeBuffer buffer, RdataChecker checker) {
        this.buffer = buffer;
        this.checker = checker;
        stamp = FLYWEIGHTS.incrementAndGet() << STAMP_BITS;
    }

    /**
     * Moves the flyweight to a record outside a message, and checks it. Pointers in the record are
     * offsets from index 0 of the buffer. The record must end within the first 8 MiB. After an
     * error the flyweight must not be used.
     *
     * @param source the memory of the record
     * @param offset of its owner
     * @param length of the memory, which may be longer than the record
     * @return the octets that the record takes; {@link ReturnCode#HEAP_BUFFER}, or a code of
     *     {@link Message#wrap}
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
     * The offset of the field for which {@link #wrap} returned a code.
     *
     * @return the offset in the buffer, or -1
     */
    public int errorOffset() {
        return checker.errorOffset();
    }

    /** The fields that are read most, in one word: type (from bit 48), TTL, length of the data. */
    static long head(NativeBuffer b, int fixed) {
        long typeClassTtl = b.getLong(fixed, BIG_ENDIAN);
        return typeClassTtl & 0xffffL << 48 | (typeClassTtl & 0xffff_ffffL) << 16
                | RdataChecker.u16(b, fixed + 8);
    }

    /** Checks the record behind its owner. Returns its end, or a code. */
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

    /** Makes the offsets of older stamps invalid: the memory has changed. */
    void newMemory() {
        nextStamp();
        checker.reset();
        checker.names().clear();
    }

    void nextStamp() {
        stamp++;
    }

    /** Offsets with the same stamp are in the same memory, whichever record has them. */
    long stamp() {
        return stamp;
    }

    /** Moves to a record that was checked. */
    void set(long place, long head) {
        this.place = place;
        this.head = head;
    }

    /** Moves to a record at an offset, which was checked. */
    void standAt(int offset) {
        long place = Places.walk(buffer, offset);
        set(place, head(buffer, Places.end(place)));
    }

    /** Whether another record in the same memory is of the same RRset. */
    boolean isOfSet(long place, long head) {
        return (place ^ this.place) >>> Places.LABEL_SHIFT == 0 && (head ^ this.head) >>> 48 == 0;
    }

    /** The end of the record. */
    int end() {
        return end(place, head);
    }

    static int end(long place, long head) {
        return Places.end(place) + FIXED_BYTES + ((int) head & 0xffff);
    }

    /**
     * The memory of all offsets.
     *
     * @return the buffer
     */
    public NativeBuffer buffer() {
        return buffer;
    }

    /**
     * The owner, that is, the name of the record.
     *
     * @return the offset of the name's first label, after any pointers
     */
    public int owner() {
        return Places.label(place);
    }

    /**
     * The length of the owner's name without pointers.
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
     * The time to live: 32 bits without a sign, of which RFC 2181 allows 31.
     *
     * @return the seconds
     */
    public long ttl() {
        return head >>> 16 & 0xffff_ffffL;
    }

    /**
     * The offset of the record data.
     *
     * @return the offset in the buffer
     */
    public int rdataOffset() {
        return Places.end(place) + FIXED_BYTES;
    }

    /**
     * The length of the record data.
     *
     * @return the octets
     */
    public int rdataLength() {
        return (int) head & 0xffff;
    }

    /**
     * The layout of the record data.
     *
     * @return the layout of the record's type
     */
    public RdataLayout layout() {
        return RecordType.layout(type());
    }

    /**
     * The offset of a field of the record data: of the first label of a name, of the length octet
     * of a string.
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

    /** The end of the field at an offset. */
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
     * The octets that a field takes in place.
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
     * The value of a field of 8 to 64 bits: a number, a type, a time, an IPv4 address.
     *
     * @param field its place in the layout
     * @return the number, unsigned unless it has 64 bits; -1 in a record without data
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
     * The address of an A record. The record must have data: in an update it may have none.
     *
     * @return its 32 bits, the first octet in the highest bits
     */
    public int ipv4() {
        return buffer.getInt(rdataOffset(), BIG_ENDIAN);
    }

    /**
     * The first half of the address of an AAAA record, which must have data.
     *
     * @return its 64 bits, the first octet in the highest bits
     */
    public long ipv6High() {
        return buffer.getLong(rdataOffset(), BIG_ENDIAN);
    }

    /**
     * The second half of the address of an AAAA record, which must have data.
     *
     * @return its 64 bits, the first octet in the highest bits
     */
    public long ipv6Low() {
        return buffer.getLong(rdataOffset() + Long.BYTES, BIG_ENDIAN);
    }
}
