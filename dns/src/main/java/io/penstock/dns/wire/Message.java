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
    private static final int QUESTION_FIXED_BYTES = 4;
    private static final int POINTED_IPV4_BYTES = 2 + ResourceRecord.FIXED_BYTES + 4;
    private static final int POINTED_IPV6_BYTES = 2 + ResourceRecord.FIXED_BYTES + 16;
    private static final int IPV4_DATA = RecordType.A << 16 | 4;
    private static final int IPV6_DATA = RecordType.AAAA << 16 | 16;
    private static final int OPCODE_SHIFT = 11;
    private static final int FOUR_BITS = 0xf;

    private final NativeBuffer buffer = new NativeBuffer();
    private final RdataChecker checker = new RdataChecker();
    private final ResourceRecord record = new ResourceRecord(checker);
    private final Edns edns = new Edns();
    private long counts; // of the four sections, 16 bits each, the first highest
    private final Places places = new Places();
    private final int[] starts = new int[Section.COUNT];
    private int optOffset;
    private int length;
    private long question; // its place
    private int questionIndex;
    private int nextQuestion;
    private int section;
    private int sectionEnd; // the index of the first record behind it
    private int index; // among questions and records
    private int next;

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
        record.newMemory();
        optOffset = 0;
        if (NativeBuffer.isHeap(source)) {
            return refuse(ReturnCode.HEAP_BUFFER);
        }
        buffer.wrap(source, offset, length);
        if (length < HEADER_BYTES) {
            return refuse(checker.fail(ReturnCode.DNS_SHORT, 0));
        }
        counts = buffer.getLong(COUNTS_OFFSET, BIG_ENDIAN);
        int end = check(Math.min(length, MAX_BYTES));
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

    private int check(int limit) {
        int index = count(Section.QUESTION);
        int at = checkQuestions(index, limit);
        for (int s = Section.ANSWER; s < Section.COUNT && at >= 0; s++) {
            int count = count(s);
            starts[s] = at;
            at = checkRecords(s, index, count, at, limit);
            index += count;
        }
        return at;
    }

    private int checkQuestions(int count, int limit) {
        int at = HEADER_BYTES;
        for (int i = 0; i < count; i++) {
            long place = checker.place(buffer, at, limit);
            if (place < 0) {
                return (int) place;
            }
            int end = Places.end(place) + QUESTION_FIXED_BYTES;
            if (end > limit) {
                return checker.fail(ReturnCode.DNS_SHORT, at);
            }
            places.put(i, place, 0);
            at = end;
        }
        return at;
    }

    private int checkRecords(int section, int index, int count, int from, int limit) {
        int at = from;
        for (int i = index; i < index + count && at >= 0; i++) {
            int end = checkAddress(i, at, limit);
            at = end > 0 ? end : checkRecord(section, i, at, limit);
        }
        return at;
    }

    /**
     * Most records by far: an address whose owner is a pointer to a name that is known. Where it
     * ends; 0 if it is not one. The end follows from what was compared, not from what was read, so
     * that the processor need not wait for a record to begin with the next.
     */
    private int checkAddress(int index, int at, int limit) {
        if (at + POINTED_IPV4_BYTES > limit) {
            return 0;
        }
        long first = buffer.getLong(at, BIG_ENDIAN); // pointer, type, class, upper half of the TTL
        int rest = buffer.getInt(at + Long.BYTES, BIG_ENDIAN); // its lower half, length of the data
        int typeAndLength = (int) (first >>> 16) & 0xffff_0000 | rest & 0xffff;
        int end;
        if (typeAndLength == IPV4_DATA) {
            end = at + POINTED_IPV4_BYTES;
        } else if (typeAndLength == IPV6_DATA && at + POINTED_IPV6_BYTES <= limit) {
            end = at + POINTED_IPV6_BYTES;
        } else {
            return 0;
        }
        if (!checker.names().leads((int) (first >>> 48), at)) {
            return 0;
        }
        long head = (first & 0xffff_0000_0000L) << 16 | (first & 0xffffL) << 32
                | rest & 0xffff_ffffL;
        places.put(index, checker.names().last(at + 2), head);
        return end;
    }

    private int checkRecord(int section, int index, int at, int limit) {
        long place = checker.place(buffer, at, limit);
        if (place < 0) {
            return (int) place;
        }
        int fixed = Places.end(place);
        if (fixed + ResourceRecord.FIXED_BYTES > limit) {
            return checker.fail(ReturnCode.DNS_SHORT, at);
        }
        long head = ResourceRecord.head(buffer, fixed);
        places.put(index, place, head);
        int end = ResourceRecord.check(buffer, at, fixed, head, limit, checker);
        if (end >= 0 && head >>> 48 == RecordType.OPT && !isGoodOpt(at, section)) {
            return checker.fail(ReturnCode.DNS_OPT, at);
        }
        return end;
    }

    private boolean isGoodOpt(int at, int section) {
        boolean isGood = optOffset == 0 && section == Section.ADDITIONAL && buffer.getByte(at) == 0;
        optOffset = at;
        return isGood;
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
        question = places.at(questionIndex++, buffer, nextQuestion);
        nextQuestion = Places.end(question) + QUESTION_FIXED_BYTES;
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
        while (index == sectionEnd) {
            if (section == Section.ADDITIONAL) {
                return false;
            }
            sectionEnd += count(++section);
        }
        long place = places.at(index, buffer, next);
        next = record.set(buffer, place, places.head(index, buffer, place));
        index++;
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
        nextQuestion = HEADER_BYTES;
        seek(Section.ANSWER);
    }

    /**
     * Goes to before the first record of a section; on from there through the later ones.
     *
     * @param section of {@link Section}, but not the questions
     */
    public void seek(int section) {
        this.section = section;
        next = starts[section];
        index = 0;
        for (int s = 0; s < section; s++) {
            index += count(s);
        }
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
