package io.penstock.dns.wire;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.dns.iana.EdnsOption;
import io.penstock.dns.iana.HeaderFlag;
import io.penstock.dns.iana.RdataLayout;
import io.penstock.dns.iana.RecordType;
import org.agrona.DirectBuffer;

/**
 * Writes a message into the caller's memory. It compresses names and counts the records of
 * sections.
 *
 * <pre>
 *   writer.wrap(buffer, 0, 512);
 *   writer.header(id, HeaderFlag.RD);
 *   writer.question(name, 0, RecordType.MX, RecordClass.IN);
 *   writer.section(Section.ANSWER);
 *   writer.begin(name, 0, RecordType.MX, RecordClass.IN, 3600).u16(10).name(host, 0).end();
 *   writer.beginEdns(1232, 0, 0, 0).end();
 *   int length = writer.finish();
 * </pre>
 *
 * <p><b>Errors.</b> After the first error within a record the following writes are ignored, and
 * {@link #end} returns the code. The record then is not in the message.
 *
 * <p><b>Truncation.</b> A record that does not fit is left out. If its section is the answer or the
 * authority, the message gets the flag TC, and later records of these sections are left out as
 * well. Additional records may be missing without a flag (RFC 2181 9). {@link #reserve} keeps room
 * for EDNS and signatures.
 *
 * <p><b>Bounds.</b> At most 120 names of a message are compared with the earlier names; the owner
 * of the last record is always tried.
 *
 * <p><b>Threading</b>: one thread. <b>Allocation</b>: none after construction. <b>See</b>:
 * RFC 1035 4.1, RFC 3597 4, RFC 6891.
 */
public final class MessageWriter {
    private static final int TCP_PREFIX_BYTES = 2;
    private static final int OPTION_FIXED_BYTES = 4;
    private static final int QUESTION_FIXED_BYTES = 4;
    private static final int NONE = -1;

    private final NativeBuffer buffer = new NativeBuffer();
    private final NativeBuffer front = new NativeBuffer();
    private final WrittenNames names = new WrittenNames(buffer);
    private final RdataCopier copier = new RdataCopier(this);
    private long counts; // of the four sections, 16 bits each, the first highest
    private long one; // added to the counts for a record of this section
    private int prefix;
    private int room; // the end of the memory for records that may not use the reserve
    private int at;
    private int idAndFlags;
    private int section;
    private boolean isTruncated;

    private long setStamp; // the memory of the record that was copied last
    private int setOwner = NONE; // its owner there; NONE: the next record is not of its RRset
    private int setType;
    private int setName; // offset of the name in its data, or -1
    private int setTarget; // its owner in this message

    private int start = NONE; // of the record that is being written
    private int type;
    private int limit = NONE; // its greatest end; NONE: no record can be written
    private int lengthAt;
    private int optionAt;
    private int failure;

    /**
     * Makes a writer without memory.
     *
     * <p><b>Allocation</b>: set-up.
     */
    public MessageWriter() {
    }

    /**
     * Begins a message.
     *
     * @param target the memory for the message
     * @param offset of its first octet
     * @param length the greatest length of the message
     * @return 0, {@link ReturnCode#HEAP_BUFFER}, or {@link ReturnCode#DNS_FULL} if there is no
     *     room for a header
     */
    public int wrap(DirectBuffer target, int offset, int length) {
        return wrap(target, offset, length, 0);
    }

    /**
     * Begins a message behind its length in 16 bits, the format for streams.
     *
     * <p><b>See</b>: RFC 1035 4.2.2, RFC 7766.
     *
     * @param target the memory for both
     * @param offset of the length
     * @param length the greatest length of both
     * @return as {@link #wrap}
     */
    public int wrapTcp(DirectBuffer target, int offset, int length) {
        return wrap(target, offset, length, TCP_PREFIX_BYTES);
    }

    private int wrap(DirectBuffer target, int offset, int length, int prefix) {
        if (NativeBuffer.isHeap(target)) {
            return ReturnCode.HEAP_BUFFER;
        }
        if (length < prefix + Message.HEADER_BYTES) {
            return ReturnCode.DNS_FULL;
        }
        this.prefix = prefix;
        if (prefix > 0) {
            front.wrap(target, offset, prefix);
        }
        room = Math.min(length - prefix, Message.MAX_BYTES);
        buffer.wrap(target, offset + prefix, room);
        at = Message.HEADER_BYTES;
        idAndFlags = 0;
        counts = 0;
        goTo(Section.QUESTION);
        isTruncated = false;
        start = NONE;
        limit = NONE;
        setOwner = NONE;
        names.clear();
        return ReturnCode.OK;
    }

    /**
     * Reserves room at the end. Only {@link #beginEdns} and records of type TSIG use it.
     *
     * @param bytes the length of the reserve
     */
    public void reserve(int bytes) {
        room = buffer.capacity() - bytes;
    }

    /**
     * Sets the header. Without this call id and flags are 0.
     *
     * @param id which a response repeats from its query
     * @param flags of {@link HeaderFlag}, with the opcode and the response code
     */
    public void header(int id, int flags) {
        idAndFlags = id << 16 | flags & 0xffff;
    }

    /**
     * The length of the message so far, without the length in front.
     *
     * @return the octets
     */
    public int length() {
        return at;
    }

    /**
     * Whether a record of the answer or the authority section did not fit.
     *
     * @return whether the message will have the flag TC
     */
    public boolean isTruncated() {
        return isTruncated;
    }

    /**
     * Ends the message: writes its flags, its counts, and after {@link #wrapTcp} the length in
     * front.
     *
     * @return the number of octets in all, or {@link ReturnCode#DNS_ORDER} if a record was
     *     begun and not ended
     */
    public int finish() {
        if (start != NONE) {
            return ReturnCode.DNS_ORDER;
        }
        buffer.putInt(0, isTruncated ? idAndFlags | HeaderFlag.TC : idAndFlags, BIG_ENDIAN);
        buffer.putLong(4, counts, BIG_ENDIAN);
        if (prefix > 0) {
            front.putShort(0, (short) at, BIG_ENDIAN);
        }
        return prefix + at;
    }

    // Questions and sections

    /**
     * Writes a question.
     *
     * @param name the memory of the name
     * @param offset of its first label
     * @param type of the question
     * @param recordClass of the question
     * @return 0, {@link ReturnCode#DNS_FULL}, {@link ReturnCode#DNS_ORDER} after the first record,
     *     or a code of {@link Name#validate}
     */
    public int question(DirectBuffer name, int offset, int type, int recordClass) {
        return putQuestion(name, offset, 0, type << 16 | recordClass & 0xffff);
    }

    /**
     * Writes the question at the cursor of another message, as a response repeats it.
     *
     * @param message a message that was checked
     * @return as {@link #question(DirectBuffer, int, int, int)}
     */
    public int question(Message message) {
        return putQuestion(message.buffer(), message.questionName(), message.questionWhole(),
                message.questionTypeAndClass());
    }

    private int putQuestion(DirectBuffer name, int offset, int whole, int typeAndClass) {
        if (section != Section.QUESTION || start != NONE) {
            return ReturnCode.DNS_ORDER;
        }
        int end = names.putQuestion(name, offset, whole, at, room - QUESTION_FIXED_BYTES);
        if (end < 0) {
            return end;
        }
        buffer.putInt(end, typeAndClass, BIG_ENDIAN);
        at = end + QUESTION_FIXED_BYTES;
        counts += one;
        return ReturnCode.OK;
    }

    /**
     * Begins a section, to which the following records belong.
     *
     * @param section of {@link Section}
     * @return 0, or {@link ReturnCode#DNS_ORDER} if a later section has begun
     */
    public int section(int section) {
        if (section < this.section || section > Section.ADDITIONAL || start != NONE) {
            return ReturnCode.DNS_ORDER;
        }
        goTo(section);
        return ReturnCode.OK;
    }

    private void goTo(int section) {
        this.section = section;
        one = 1L << 48 - 16 * section;
    }

    // Records

    /**
     * Copies a record from another message or buffer. Its names are compressed anew.
     *
     * @param record a record that was checked
     * @return 0, {@link ReturnCode#DNS_FULL}, {@link ReturnCode#DNS_ORDER} before the first section
     */
    public int record(ResourceRecord record) {
        // Most records belong to the RRset of the record before.
        boolean isNext = record.stamp() == setStamp && record.owner() == setOwner
                && record.type() == setType;
        return isNext ? copyNext(record) : copyFirst(record);
    }

    /**
     * Copies a section of another message, up to the first record that cannot be written, and moves
     * the cursor of that message. Records that lie together are copied together, which takes far
     * less time than {@link #record} for each of them.
     *
     * <p>EDNS and signatures are records too. To replace them, copy the additional section record
     * by record.
     *
     * @param message a message that was checked
     * @param section of {@link Section}, but not the questions
     * @return as {@link #section(int)} and {@link #record}
     */
    public int records(Message message, int section) {
        int rc = section == Section.QUESTION ? ReturnCode.DNS_ORDER : section(section);
        if (rc < 0 || message.count(section) == 0) {
            return rc;
        }
        message.seek(section);
        while (rc == ReturnCode.OK && message.nextOfSection()) {
            rc = record(message.record());
            if (setOwner != NONE && setName < 0) {
                copySet(message);
            }
        }
        return rc;
    }

    /** Copies the other records of the current RRset, whose data have no names. */
    private void copySet(Message message) {
        int first = message.index();
        int from = message.record().end();
        int end = message.passSet(from + room - at);
        if (end == from) {
            return;
        }
        buffer.putBytes(at, message.buffer(), from, end - from);
        for (int i = first; i < message.index(); i++) {
            int owner = message.fixedOffset(i) - Name.POINTER_BYTES;
            Compression.putPointer(buffer, at + owner - from, setTarget);
        }
        at += end - from;
        counts += one * (message.index() - first);
    }

    /** Copies a record of the RRset: its owner becomes a pointer, its data stay the same. */
    private int copyNext(ResourceRecord record) {
        int fixed = ResourceRecord.POINTED_FIXED_BYTES;
        int length = fixed + (setName < 0 ? record.rdataLength() : setName);
        if (at + length > room || record.rdataLength() == 0 && setName >= 0) {
            return copyAnew(record);
        }
        buffer.putBytes(at, record.buffer(), record.rdataOffset() - fixed, length);
        Compression.putPointer(buffer, at, setTarget);
        return setName < 0 ? endAt(at + length) : copyName(record, at + length);
    }

    private int copyName(ResourceRecord record, int nameAt) {
        int label = Name.label(record.buffer(), record.rdataOffset() + setName);
        int end = names.copyTarget(record, label, nameAt, room);
        if (end < 0) {
            return copyAnew(record);
        }
        int rdata = nameAt - setName;
        buffer.putShort(rdata - 2, (short) (end - rdata), BIG_ENDIAN);
        return endAt(end);
    }

    private int endAt(int end) {
        at = end;
        counts += one;
        return ReturnCode.OK;
    }

    /** Copies a record, perhaps the first of an RRset: the next ones can then take a short cut. */
    private int copyFirst(ResourceRecord record) {
        if (refusal() == 0 && setOn(record)) {
            return copyNext(record);
        }
        int rc = copyAnew(record);
        if (rc == ReturnCode.OK) {
            setOn(record);
        }
        return rc;
    }

    /** Notes the RRset of a record whose owner is in the message, if its data can be copied. */
    private boolean setOn(ResourceRecord record) {
        int target = names.copied(record, record.owner());
        RdataLayout layout = record.layout();
        setName = layout.isCompressed() ? layout.lastName() : NONE;
        if (target == 0 || setName < 0 && layout.hasNames()) {
            return false;
        }
        setStamp = record.stamp();
        setOwner = record.owner();
        setType = record.type();
        setTarget = target;
        return true;
    }

    private int copyAnew(ResourceRecord record) {
        open(record.type());
        if (limit >= 0) {
            moveTo(names.copyOwner(record, at, limit));
        }
        if (hasRoom(ResourceRecord.FIXED_BYTES)) {
            int fixed = record.rdataOffset() - ResourceRecord.FIXED_BYTES;
            buffer.putLong(at, record.buffer().getLong(fixed));
            openRdata();
        }
        copier.copy(record);
        return end();
    }

    /**
     * Begins a record. Its data follow, then {@link #end}.
     *
     * @param owner the memory of the owner's name
     * @param offset of its first label
     * @param type of the record
     * @param recordClass of the record
     * @param ttl its time to live in seconds
     * @return this
     */
    public MessageWriter begin(DirectBuffer owner, int offset, int type, int recordClass, int ttl) {
        open(type);
        if (limit >= 0) {
            moveTo(names.putOwner(owner, offset, at, limit));
        }
        if (hasRoom(ResourceRecord.FIXED_BYTES)) {
            int typeAndClass = type << 16 | recordClass & 0xffff;
            buffer.putLong(at, (long) typeAndClass << 32 | ttl & 0xffff_ffffL, BIG_ENDIAN);
            openRdata();
        }
        return this;
    }

    /**
     * Writes 8 bits of record data.
     *
     * @param value the number, in the lowest bits
     * @return this
     */
    public MessageWriter u8(int value) {
        if (hasRoom(1)) {
            buffer.putByte(at++, (byte) value);
        }
        return this;
    }

    /**
     * Writes 16 bits of record data.
     *
     * @param value the number, in the lowest bits
     * @return this
     */
    public MessageWriter u16(int value) {
        if (hasRoom(2)) {
            buffer.putShort(at, (short) value, BIG_ENDIAN);
            at += 2;
        }
        return this;
    }

    /**
     * Writes 32 bits of record data.
     *
     * @param value the number, in the lowest bits
     * @return this
     */
    public MessageWriter u32(long value) {
        if (hasRoom(4)) {
            buffer.putInt(at, (int) value, BIG_ENDIAN);
            at += 4;
        }
        return this;
    }

    /**
     * Writes 64 bits of record data.
     *
     * @param value the number
     * @return this
     */
    public MessageWriter u64(long value) {
        if (hasRoom(8)) {
            buffer.putLong(at, value, BIG_ENDIAN);
            at += 8;
        }
        return this;
    }

    /**
     * Writes octets of record data.
     *
     * @param from the memory of the octets
     * @param offset of the first octet
     * @param length the number of octets
     * @return this
     */
    public MessageWriter bytes(DirectBuffer from, int offset, int length) {
        if (hasRoom(length)) {
            buffer.putBytes(at, from, offset, length);
            at += length;
        }
        return this;
    }

    /**
     * Writes a name of record data, compressed if the record's type allows that.
     *
     * @param from the memory of the name
     * @param offset of its first label
     * @return this
     */
    public MessageWriter name(DirectBuffer from, int offset) {
        if (limit >= 0) {
            moveTo(isCompressed() ? names.putTarget(from, offset, at, limit)
                    : names.putWhole(from, offset, at, limit));
        }
        return this;
    }

    /** Copies a name from the data of another record, by the offset of its first label. */
    void name(ResourceRecord record, int label) {
        if (limit >= 0) {
            moveTo(isCompressed() ? names.copyTarget(record, label, at, limit)
                    : names.putWhole(record.buffer(), label, at, limit));
        }
    }

    private boolean isCompressed() {
        return RecordType.layout(type).isCompressed();
    }

    /**
     * Ends the record, or EDNS.
     *
     * @return 0, {@link ReturnCode#DNS_FULL}, {@link ReturnCode#DNS_ORDER} if no record was begun
     *     or no section, or a code of {@link Name#validate}
     */
    public int end() {
        int from = start;
        start = NONE;
        if (from == NONE) {
            return ReturnCode.DNS_ORDER;
        }
        if (limit < 0 || optionAt != 0) {
            fail(ReturnCode.DNS_ORDER);
            at = from;
            names.rollBack(from);
            isTruncated |= failure == ReturnCode.DNS_FULL && section < Section.ADDITIONAL;
            return failure;
        }
        limit = NONE;
        buffer.putShort(lengthAt, (short) (at - lengthAt - 2), BIG_ENDIAN);
        counts += one;
        return ReturnCode.OK;
    }

    // EDNS

    /**
     * Begins EDNS, in the additional section, with no options; {@link #end} ends it.
     *
     * @param payloadSize the length of the longest datagram that the sender accepts
     * @param extendedRcode the upper bits of the response code
     * @param version 0: there is no other version yet
     * @param flags such as {@link Edns#DNSSEC_OK}
     * @return this
     */
    public MessageWriter beginEdns(int payloadSize, int extendedRcode, int version, int flags) {
        goTo(Section.ADDITIONAL);
        open(RecordType.OPT);
        if (hasRoom(Edns.FIXED_BYTES)) {
            buffer.putByte(at, (byte) 0);
            buffer.putInt(at + 1, RecordType.OPT << 16 | payloadSize & 0xffff, BIG_ENDIAN);
            buffer.putInt(at + 5, extendedRcode << 24 | version << 16 | flags, BIG_ENDIAN);
            at++;
            openRdata();
        }
        return this;
    }

    /**
     * Writes an option of EDNS.
     *
     * @param code of {@link EdnsOption}
     * @param data the memory of the option's data
     * @param offset of the first octet
     * @param length of the data, 0 or more
     * @return this
     */
    public MessageWriter option(int code, DirectBuffer data, int offset, int length) {
        return beginOption(code).bytes(data, offset, length).endOption();
    }

    /**
     * Begins an option of EDNS. Its data follow, then {@link #endOption}.
     *
     * @param code of {@link EdnsOption}
     * @return this
     */
    public MessageWriter beginOption(int code) {
        if (optionAt != 0) {
            fail(ReturnCode.DNS_ORDER);
        }
        if (hasRoom(OPTION_FIXED_BYTES)) {
            optionAt = at;
            buffer.putInt(at, code << 16, BIG_ENDIAN);
            at += OPTION_FIXED_BYTES;
        }
        return this;
    }

    /**
     * Ends an option.
     *
     * @return this
     */
    public MessageWriter endOption() {
        if (limit >= 0 && optionAt != 0) {
            int length = at - optionAt - OPTION_FIXED_BYTES;
            buffer.putShort(optionAt + 2, (short) length, BIG_ENDIAN);
        }
        optionAt = 0;
        return this;
    }

    /**
     * Pads the message to a multiple of a block's length, if there is room. This must be the last
     * option.
     *
     * <p><b>See</b>: RFC 7830, RFC 8467 (128 for questions, 468 for answers).
     *
     * @param block the length of a block
     * @return this
     */
    public MessageWriter pad(int block) {
        beginOption(EdnsOption.PADDING);
        int length = Math.max(0, Math.min((block - at % block) % block, limit - at));
        if (hasRoom(length)) {
            buffer.setMemory(at, length, (byte) 0);
            at += length;
        }
        return endOption();
    }

    // Inside a record

    private void open(int type) {
        this.type = type;
        setOwner = NONE;
        optionAt = 0;
        failure = refusal();
        limit = failure < 0 ? NONE
                : type == RecordType.OPT || type == RecordType.TSIG ? buffer.capacity() : room;
        start = start == NONE ? at : start;
    }

    /** The code for which no record can begin here, or 0. */
    private int refusal() {
        boolean isOrdered = start == NONE && section != Section.QUESTION;
        boolean isFull = isTruncated && section < Section.ADDITIONAL;
        return !isOrdered ? ReturnCode.DNS_ORDER : isFull ? ReturnCode.DNS_FULL : 0;
    }

    private void openRdata() {
        lengthAt = at + 8;
        at += ResourceRecord.FIXED_BYTES;
    }

    private void moveTo(int end) {
        if (end < 0) {
            fail(end);
        } else {
            at = end;
        }
    }

    private boolean hasRoom(int bytes) {
        return at + bytes <= limit || fail(ReturnCode.DNS_FULL);
    }

    /** Ignores further writes of the record, and keeps the first code. */
    private boolean fail(int code) {
        failure = failure == 0 ? code : failure;
        limit = NONE;
        return false;
    }
}
