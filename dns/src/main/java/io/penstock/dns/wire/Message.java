package io.penstock.dns.wire;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.dns.iana.HeaderFlag;
import io.penstock.dns.iana.RecordType;
import org.agrona.DirectBuffer;

/**
 * A flyweight over a message. {@link #wrap} checks the whole message once. Then one cursor moves
 * over the questions and another over the records of the other three sections, without further
 * checks.
 *
 * <pre>
 *   0  id            2  flags         4  questions     6  answers
 *   8  authorities   10 additionals   12 questions, then records
 * </pre>
 *
 * <p>A name is an offset in {@link #buffer()}, for {@link Name}; index 0 of that buffer is the
 * message's first octet. Nothing is copied, so the memory must not change while the message is
 * read.
 *
 * <p><b>Bounds.</b> Each name takes at most {@link Name#MAX_HOPS} pointers and
 * {@link Name#MAX_BYTES} octets of work, and each record has at least 11 octets.
 *
 * <p><b>Threading</b>: one thread. <b>Allocation</b>: none after construction. <b>See</b>:
 * RFC 1035 4.1, RFC 6891, RFC 9267.
 */
public final class Message {
    /** The length of the header. */
    public static final int HEADER_BYTES = 12;
    /** The length of the longest message. */
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
    private long question; // the place of the question at the cursor
    private int questionIndex;
    private int section;
    private int sectionEnd; // the index of the first record behind the section
    private int index; // of the next record

    /**
     * Makes a flyweight without a message.
     *
     * <p><b>Allocation</b>: set-up.
     */
    public Message() {
    }

    /**
     * Moves the flyweight to a message and checks it: header, questions, every record with its
     * data, EDNS. Octets behind the last record are ignored. After an error its offset is
     * {@link #errorOffset()}; the header can be read if it is there, and there are no questions and
     * no records.
     *
     * @param source the memory of the message
     * @param offset of its first octet
     * @param length of the message
     * @return 0; {@link ReturnCode#HEAP_BUFFER};
     *     {@link ReturnCode#DNS_SHORT}, {@link ReturnCode#DNS_LABEL_TYPE},
     *     {@link ReturnCode#DNS_POINTER}, {@link ReturnCode#DNS_HOPS},
     *     {@link ReturnCode#DNS_NAME_TOO_LONG}, {@link ReturnCode#DNS_RDATA_LENGTH},
     *     {@link ReturnCode#DNS_RDATA}, {@link ReturnCode#DNS_OPT},
     *     {@link ReturnCode#DNS_OPTION}
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

    /** Returns the end of the last record, or a code. Most queries are a single question. */
    private int check(int limit) {
        int at = HEADER_BYTES;
        int bytes = 0;
        if (count(Section.QUESTION) > 0) {
            bytes = Name.whole(buffer, at, limit); // a pointer would have no target before it
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
     * Checks the most frequent kind of record: an address whose owner is a pointer to a known name.
     * Returns the index of the next record of another kind. The end of a record follows from the
     * comparison, not from the length that was read, so that the processor can begin with the next
     * record before that read is done.
     */
    private int checkAddresses(int from, int count, int start, int limit) {
        int end = Math.min(count, Places.MAX);
        int at = start;
        int i = from;
        for (; i < end && at + POINTED_IPV4_BYTES <= limit; i++) {
            // First word: pointer, type, class, upper half of the TTL. Second: lower half, length.
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
     * The offset of the name, record, field or option for which {@link #wrap} returned a code.
     *
     * @return the offset in the message, or -1
     */
    public int errorOffset() {
        return checker.errorOffset();
    }

    /**
     * The message's memory.
     *
     * @return a buffer whose index 0 is the message's first octet
     */
    public NativeBuffer buffer() {
        return buffer;
    }

    /**
     * The length of the message up to the end of its last record.
     *
     * @return the octets; 0 after an error
     */
    public int length() {
        return length;
    }

    // The header

    /**
     * The id, which a response repeats from its query.
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
     * @return whether the flag is set
     */
    public boolean has(int flag) {
        return (flags() & flag) != 0;
    }

    /**
     * The opcode: the kind of request.
     *
     * @return a number of {@link io.penstock.dns.iana.Opcode}
     */
    public int opcode() {
        return flags() >>> OPCODE_SHIFT & FOUR_BITS;
    }

    /**
     * The response code, with the upper bits from EDNS.
     *
     * @return a number of {@link io.penstock.dns.iana.Rcode}
     */
    public int rcode() {
        int low = flags() & FOUR_BITS;
        return optOffset == 0 ? low : edns().extendedRcode() << 4 | low;
    }

    /**
     * The number of questions or records in a section.
     *
     * @param section of {@link Section}
     * @return the number; 0 after an error
     */
    public int count(int section) {
        return (int) (counts >>> 48 - 16 * section) & 0xffff;
    }

    // Questions

    /**
     * Moves the cursor to the next question, or at first to the first question.
     *
     * @return false after the last question
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
     * The name of the question at the cursor.
     *
     * @return the offset of its first label, after any pointers
     */
    public int questionName() {
        return Places.label(question);
    }

    /**
     * The length of the question's name without pointers.
     *
     * @return 1, for the root, to {@link Name#MAX_BYTES}
     */
    public int questionNameLength() {
        return Places.length(question);
    }

    /** The length of the question's name if it is known to have no pointers; else 0. */
    int questionWhole() {
        return questionIndex == 1 ? questionNameLength() : 0; // the first has nothing to point to
    }

    int questionTypeAndClass() {
        return buffer.getInt(Places.end(question), BIG_ENDIAN);
    }

    /**
     * The type of the question at the cursor.
     *
     * @return a number of {@link RecordType}
     */
    public int questionType() {
        return RdataChecker.u16(buffer, Places.end(question));
    }

    /**
     * The class of the question at the cursor.
     *
     * @return a number of {@link io.penstock.dns.iana.RecordClass}
     */
    public int questionClass() {
        return RdataChecker.u16(buffer, Places.end(question) + 2);
    }

    // Records

    /**
     * Moves the cursor to the next record, or at first to the first answer. OPT and TSIG are
     * records too.
     *
     * @return false after the last record
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

    /** Moves to the next record unless the section ends: whether it has moved. */
    boolean nextOfSection() {
        return index < sectionEnd && nextRecord();
    }

    /** The index of the next record. */
    int index() {
        return index;
    }

    /** The offset of the fixed fields behind the owner of a record below Places.MAX. */
    int fixedOffset(int index) {
        return Places.end(places.place(index));
    }

    /**
     * Skips the rest of the current record's RRset, while owners are pointers and the limit allows.
     * Returns the end of the last record of the set.
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

    /** Moves to the next section that has records: whether there is one. */
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
     * The record at the cursor.
     *
     * @return always the same flyweight
     */
    public ResourceRecord record() {
        return record;
    }

    /**
     * The section of the record at the cursor.
     *
     * @return a number of {@link Section}
     */
    public int section() {
        return section;
    }

    /** Moves the cursors to before the first question and the first record. */
    public void rewind() {
        questionIndex = 0;
        standBefore(Section.ANSWER, 0);
    }

    /**
     * Moves the cursor to before the first record of a section. Later sections follow.
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
     * EDNS, with its cursor before the first option.
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
