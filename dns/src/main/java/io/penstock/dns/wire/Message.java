package io.penstock.dns.wire;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.dns.iana.HeaderFlag;
import io.penstock.dns.iana.RecordType;
import org.agrona.DirectBuffer;

/**
 * A message where it lies. {@link #wrap} checks all of it, once; then a cursor goes over the
 * questions, and one over the records of the other three sections, and both trust what they read.
 *
 * <pre>
 *   0  id            2  flags         4  questions     6  answers
 *   8  authorities   10 additionals   12 questions, then records
 * </pre>
 *
 * <p>Names stay where they are: all offsets, also those that {@link Name} takes, are in
 * {@link #buffer()}, whose index 0 is the message's first octet. Nothing is copied, so the memory
 * must not change while it is read.
 *
 * <p><b>Bounds.</b> The work is at most {@link Name#MAX_HOPS} steps and {@link Name#MAX_BYTES}
 * octets a name, and a record takes 11 octets.
 *
 * <p><b>Threading</b>: one thread. <b>Allocation</b>: none after construction. <b>See</b>:
 * RFC 1035 4.1, RFC 6891, RFC 9267.
 */
public final class Message {
    /** How long the header is. */
    public static final int HEADER_BYTES = 12;
    /** The longest message. */
    public static final int MAX_BYTES = 65_535;

    private static final int COUNTS_OFFSET = 4;
    private static final long ONE_QUESTION = 1L << 48;
    private static final int QUESTION_FIXED_BYTES = 4;
    private static final int POINTED_IPV4_BYTES = ResourceRecord.POINTED_FIXED_BYTES + 4;
    private static final int POINTED_IPV6_BYTES = ResourceRecord.POINTED_FIXED_BYTES + 16;
    private static final long TYPE_AND_LENGTH = 0xffff_0000_0000_ffffL;
    private static final long IPV4_DATA = (long) RecordType.A << 48 | 4;
    private static final long IPV6_DATA = (long) RecordType.AAAA << 48 | 16;
    private static final int OPCODE_SHIFT = 11;
    private static final int FOUR_BITS = 0xf;

    private final NativeBuffer buffer = new NativeBuffer();
    private final RdataChecker checker = new RdataChecker();
    private final KnownNames names = checker.names();
    private final ResourceRecord record = new ResourceRecord(buffer, checker);
    private final Edns edns = new Edns();
    private final Places places = new Places(); // of the records
    private long counts; // of the four sections, 16 bits each, the first highest
    private int optOffset;
    private int length;
    private long firstQuestion; // its place
    private long question; // the place of the one that the cursor is at
    private int questionIndex;
    private int section;
    private int sectionEnd; // the index of the first record behind it
    private int index; // among records

    /**
     * Makes a flyweight over nothing.
     *
     * <p><b>Allocation</b>: set-up.
     */
    public Message() {
    }

    /**
     * Takes a message, and checks it: header, questions, every record with its data, EDNS. Bytes
     * behind the last record are left alone.
     *
     * @param source that holds it
     * @param offset of its first octet
     * @param length of it
     * @return 0; {@link ReturnCode#HEAP_BUFFER}; or what is wrong at {@link #errorOffset()}:
     *     {@link ReturnCode#DNS_SHORT}, {@link ReturnCode#DNS_LABEL_TYPE},
     *     {@link ReturnCode#DNS_POINTER}, {@link ReturnCode#DNS_HOPS},
     *     {@link ReturnCode#DNS_NAME_TOO_LONG}, {@link ReturnCode#DNS_RDATA_LENGTH},
     *     {@link ReturnCode#DNS_RDATA}, {@link ReturnCode#DNS_OPT},
     *     {@link ReturnCode#DNS_OPTION}; then the header can be read if there is one, and there
     *     are no questions and records
     */
    public int wrap(DirectBuffer source, int offset, int length) {
        record.nextStamp();
        checker.reset();
        optOffset = 0;
        if (NativeBuffer.isHeap(source)) {
            return refuse(ReturnCode.HEAP_BUFFER);
        }
        buffer.wrap(source, offset, Math.min(length, MAX_BYTES));
        if (length < HEADER_BYTES) {
            return refuse(checker.fail(ReturnCode.DNS_SHORT, 0));
        }
        counts = buffer.getLong(COUNTS_OFFSET, BIG_ENDIAN);
        int end = check(buffer.capacity());
        if (end < 0) {
            return refuse(end);
        }
        this.length = end;
        rewind();
        return ReturnCode.OK;
    }

    private int refuse(int code) {
        optOffset = 0;
        length = 0;
        counts = 0;
        rewind();
        return code;
    }

    /** Where the last record ends, or a code. Most queries have one question, and no more. */
    private int check(int limit) {
        int at = HEADER_BYTES;
        int bytes = 0;
        if (count(Section.QUESTION) > 0) {
            bytes = Name.whole(buffer, at, limit); // there is nothing to point to
            if (bytes == 0) {
                return checker.fail((int) Name.walk(buffer, at, limit, null), at);
            }
            firstQuestion = Places.whole(at, bytes);
            at += bytes + QUESTION_FIXED_BYTES;
            if (at > limit) {
                return checker.fail(ReturnCode.DNS_SHORT, HEADER_BYTES);
            }
        }
        return (counts & ~ONE_QUESTION) == 0 ? at : checkRest(bytes, at, limit);
    }

    private int checkRest(int bytes, int from, int limit) {
        names.clear();
        if (bytes > 0) {
            names.put(HEADER_BYTES, Name.walked(HEADER_BYTES, 0, bytes, bytes));
        }
        int at = from;
        for (int i = 1; i < count(Section.QUESTION); i++) {
            int end = checker.name(buffer, at, limit);
            if (end < 0) {
                return end;
            }
            if (end + QUESTION_FIXED_BYTES > limit) {
                return checker.fail(ReturnCode.DNS_SHORT, at);
            }
            at = end + QUESTION_FIXED_BYTES;
        }
        return checkRecords(at, limit);
    }

    private int checkRecords(int from, int limit) {
        int count = firstOf(Section.COUNT);
        int at = from;
        for (int i = 0; i < count; i++) {
            int passed = checkAddresses(i, count, at, limit);
            at = passed == i ? at : recordEnd(passed - 1);
            i = passed;
            if (i < count) {
                at = checkRecord(i, at, limit);
            }
            if (at < 0) {
                return at;
            }
        }
        return at;
    }

    /**
     * Most records by far: addresses whose owner is a pointer to a name that is known. The index of
     * the next that is not one. Where a record ends follows from what was compared, not from what
     * was read, so that the processor need not wait for a record to begin with the next.
     */
    private int checkAddresses(int from, int count, int start, int limit) {
        int end = Math.min(count, Places.MAX);
        int at = start;
        int i = from;
        for (; i < end && at + POINTED_IPV4_BYTES <= limit; i++) {
            // The pointer, type, class, upper half of the TTL; its lower half, length, data.
            long first = buffer.getLong(at, BIG_ENDIAN);
            long head = (first & 0xffff_0000_0000L) << 16 | (first & 0xffffL) << 32
                    | buffer.getLong(at + Long.BYTES, BIG_ENDIAN) >>> 32;
            int next = at + POINTED_IPV4_BYTES;
            if ((head & TYPE_AND_LENGTH) == IPV6_DATA) {
                next = at + POINTED_IPV6_BYTES;
            } else if ((head & TYPE_AND_LENGTH) != IPV4_DATA) {
                break;
            }
            if (next > limit || !names.leads((int) (first >>> 48), at)) {
                break;
            }
            places.put(i, names.last(at + Name.POINTER_BYTES), head);
            at = next;
        }
        return i;
    }

    private int checkRecord(int index, int at, int limit) {
        long place = checker.place(buffer, at, limit);
        if (place < 0) {
            return (int) place;
        }
        int fixed = Places.end(place);
        if (fixed + ResourceRecord.FIXED_BYTES > limit) {
            return checker.fail(ReturnCode.DNS_SHORT, at);
        }
        long head = ResourceRecord.head(buffer, fixed);
        if (index < Places.MAX) {
            places.put(index, place, head);
        }
        int end = ResourceRecord.check(buffer, at, fixed, head, limit, checker);
        if (end >= 0 && head >>> 48 == RecordType.OPT && !isGoodOpt(index, at)) {
            return checker.fail(ReturnCode.DNS_OPT, at);
        }
        return end;
    }

    private boolean isGoodOpt(int index, int at) {
        boolean isGood = optOffset == 0 && index >= firstOf(Section.ADDITIONAL)
                && buffer.getByte(at) == 0;
        optOffset = at;
        return isGood;
    }

    /** The index of a section's first record. */
    private int firstOf(int section) {
        int index = 0;
        for (int s = Section.ANSWER; s < section; s++) {
            index += count(s);
        }
        return index;
    }

    private int recordEnd(int index) {
        return ResourceRecord.end(places.place(index), places.head(index));
    }

    /**
     * Where a message that was refused is malformed: the name, record, field or option.
     *
     * @return the offset in the message, or -1
     */
    public int errorOffset() {
        return checker.errorOffset();
    }

    /**
     * The message's memory.
     *
     * @return a buffer, index 0 being the message's first octet
     */
    public NativeBuffer buffer() {
        return buffer;
    }

    /**
     * How long the message is, up to the end of its last record.
     *
     * @return the octets; 0 if it was refused
     */
    public int length() {
        return length;
    }

    // The header

    /**
     * The number that joins answers to questions.
     *
     * @return 16 bits
     */
    public int id() {
        return RdataChecker.u16(buffer, 0);
    }

    /**
     * All flags, the opcode and the response code.
     *
     * @return 16 bits, of which {@link HeaderFlag} names some
     */
    public int flags() {
        return RdataChecker.u16(buffer, 2);
    }

    /**
     * Whether a flag is set.
     *
     * @param flag of {@link HeaderFlag}
     * @return whether it is
     */
    public boolean has(int flag) {
        return (flags() & flag) != 0;
    }

    /**
     * What is asked for.
     *
     * @return a number of {@link io.penstock.dns.iana.Opcode}
     */
    public int opcode() {
        return flags() >>> OPCODE_SHIFT & FOUR_BITS;
    }

    /**
     * How it was answered, the bits of EDNS included.
     *
     * @return a number of {@link io.penstock.dns.iana.Rcode}
     */
    public int rcode() {
        int low = flags() & FOUR_BITS;
        return optOffset == 0 ? low : edns().extendedRcode() << 4 | low;
    }

    /**
     * How many questions or records a section has.
     *
     * @param section of {@link Section}
     * @return that; 0 if the message was refused
     */
    public int count(int section) {
        return (int) (counts >>> 48 - 16 * section) & 0xffff;
    }

    // Questions

    /**
     * Goes to the next question, at first to the first.
     *
     * @return whether there is one
     */
    public boolean nextQuestion() {
        if (questionIndex == count(Section.QUESTION)) {
            return false;
        }
        question = questionIndex == 0 ? firstQuestion
                : Places.walk(buffer, Places.end(question) + QUESTION_FIXED_BYTES);
        questionIndex++;
        return true;
    }

    /**
     * The name of the question that the cursor is at.
     *
     * @return the offset of its first label, past pointers
     */
    public int questionName() {
        return Places.label(question);
    }

    /**
     * How many octets the question's name has without pointers.
     *
     * @return 1, for the root, to {@link Name#MAX_BYTES}
     */
    public int questionNameLength() {
        return Places.length(question);
    }

    /** How many octets the question's name has if it is known to lie in one piece; else 0. */
    int questionWhole() {
        return questionIndex == 1 ? questionNameLength() : 0; // the first has nothing to point to
    }

    int questionTypeAndClass() {
        return buffer.getInt(Places.end(question), BIG_ENDIAN);
    }

    /**
     * The type of the question that the cursor is at.
     *
     * @return a number of {@link RecordType}
     */
    public int questionType() {
        return RdataChecker.u16(buffer, Places.end(question));
    }

    /**
     * The class of the question that the cursor is at.
     *
     * @return a number of {@link io.penstock.dns.iana.RecordClass}
     */
    public int questionClass() {
        return RdataChecker.u16(buffer, Places.end(question) + 2);
    }

    // Records

    /**
     * Goes to the next record, at first to the first answer. OPT and TSIG are among them.
     *
     * @return whether there is one
     */
    public boolean nextRecord() {
        if (index == sectionEnd && !nextSection()) {
            return false;
        }
        if (index < Places.MAX) {
            record.set(places.place(index), places.head(index));
        } else {
            record.standAt(record.end());
        }
        index++;
        return true;
    }

    /** Goes to the next record if it is of the same section: whether it is. */
    boolean nextOfSection() {
        return index < sectionEnd && nextRecord();
    }

    /** The index of the next record. */
    int index() {
        return index;
    }

    /** Where what follows a record's owner begins, if it has been noted. */
    int fixedOffset(int index) {
        return Places.end(places.place(index));
    }

    /**
     * Goes past the records of the set of the one that the cursor is at, which lie behind it with a
     * pointer for an owner each, and end within a limit: where the last one ends.
     */
    int passSet(int limit) {
        int first = index;
        int last = Math.min(sectionEnd, Places.MAX);
        int end = record.end();
        for (; index < last; index++) {
            long place = places.place(index);
            long head = places.head(index);
            int next = ResourceRecord.end(place, head);
            if (!record.isOfSet(place, head) || Places.end(place) != end + Name.POINTER_BYTES
                    || next > limit) {
                break;
            }
            end = next;
        }
        if (index > first) {
            record.set(places.place(index - 1), places.head(index - 1));
        }
        return end;
    }

    /** Goes to the next section that has records: whether there is one. */
    private boolean nextSection() {
        if (counts << 16 * section << 16 == 0) { // the sections after it
            return false;
        }
        while (sectionEnd == index) {
            sectionEnd += count(++section);
        }
        return true;
    }

    /**
     * The record that the cursor is at.
     *
     * @return always the same flyweight
     */
    public ResourceRecord record() {
        return record;
    }

    /**
     * The section of the record that the cursor is at.
     *
     * @return a number of {@link Section}
     */
    public int section() {
        return section;
    }

    /** Goes back to before the first question and the first record. */
    public void rewind() {
        questionIndex = 0;
        standBefore(Section.ANSWER, 0);
    }

    /**
     * Goes to before the first record of a section; on from there through the later ones.
     *
     * @param section of {@link Section}, but not the questions
     */
    public void seek(int section) {
        standBefore(section, firstOf(section));
        if (index > Places.MAX) {
            record.set(places.place(Places.MAX - 1), places.head(Places.MAX - 1));
            for (int i = Places.MAX; i < index; i++) {
                record.standAt(record.end());
            }
        }
    }

    private void standBefore(int section, int index) {
        this.section = section;
        this.index = index;
        sectionEnd = index + count(section);
    }

    // EDNS

    /**
     * What EDNS says, its options before the first.
     *
     * @return always the same flyweight, or null if there is no EDNS
     */
    public Edns edns() {
        if (optOffset == 0) {
            return null;
        }
        edns.set(buffer, optOffset);
        return edns;
    }
}
