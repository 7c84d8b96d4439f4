package io.penstock.dns.wire;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.AsciiText;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.dns.iana.RecordClass;
import io.penstock.dns.iana.RecordType;
import org.agrona.DirectBuffer;

/**
 * Reads a zone file, or any text of records, one record at a time: {@code $ORIGIN}, {@code $TTL},
 * comments, parentheses over several lines, {@code @}, owners, TTLs and classes that are left out.
 *
 * <pre>
 *   reader.wrap(text, 0, length);
 *   while ((rc = reader.next()) == ZoneReader.RECORD) {
 *       use(reader.record());
 *   }
 *   if (rc &lt; 0) complain(rc, reader.line(), reader.column());
 * </pre>
 *
 * <p>A field that a record leaves out has the value of the record before. A missing TTL has the
 * value of {@code $TTL}, if there was one; in a first record of type SOA it is the SOA's minimum.
 * After an error the reader goes on with the next line. {@code $INCLUDE} is refused unless
 * {@link #allowInclude} is on; then the caller opens the file, and reads it with another reader.
 *
 * <p><b>Threading</b>: one thread. <b>Allocation</b>: none after construction. <b>See</b>:
 * RFC 1035 5, RFC 2308 4, RFC 3597 5, RFC 9460 2.1.
 */
public final class ZoneReader {
    /** The text has ended. */
    public static final int END = 0;
    /** A record was read. */
    public static final int RECORD = 1;
    /** An {@code $INCLUDE} was read. */
    public static final int INCLUDE = 2;

    private static final int CONTINUE = 3;
    private static final int NO_TTL = -1;
    private static final int MAX_RDATA_BYTES = 65_535;
    private static final int CAPACITY =
            Name.MAX_BYTES + ResourceRecord.FIXED_BYTES + MAX_RDATA_BYTES;

    private final TextReader in = new TextReader();
    private final Origin origin = new Origin();
    private final RdataParser rdata = new RdataParser(in, origin);
    private final NativeBuffer out = NativeBuffer.allocate(CAPACITY);
    private final NativeBuffer owner = NativeBuffer.allocate(Name.MAX_BYTES);
    private final StringBuilder includePath = new StringBuilder(Name.MAX_BYTES);
    private final Origin includeOrigin = new Origin();
    private final ResourceRecord record = new ResourceRecord(out, new RdataChecker());
    private boolean allowsInclude;
    private int ownerLength;
    private int recordClass;
    private long defaultTtl;
    private long lastTtl;
    private long ttl;
    private int line;
    private int column;

    /**
     * Makes a reader without text.
     *
     * <p><b>Allocation</b>: set-up.
     */
    public ZoneReader() {
        wrap("");
    }

    /**
     * Begins a text in memory. Nothing of the last text remains, not even the origin.
     *
     * @param text the memory of the text, in ASCII; other octets may stand in quotes
     * @param offset of the first character
     * @param length of the text
     */
    public void wrap(DirectBuffer text, int offset, int length) {
        in.wrap(text, offset, length);
        reset();
    }

    /**
     * Begins a text. Nothing of the last text remains, not even the origin.
     *
     * @param text of the zone
     */
    public void wrap(CharSequence text) {
        in.wrap(text);
        reset();
    }

    private void reset() {
        origin.clear();
        ownerLength = 0;
        recordClass = RecordClass.IN;
        defaultTtl = NO_TTL;
        lastTtl = NO_TTL;
        line = 1;
        column = 1;
    }

    /**
     * Sets the origin, which completes relative names, as {@code $ORIGIN} does. Without an origin
     * relative names are refused.
     *
     * @param name the memory of the name
     * @param offset of its first label
     * @return 0, or a code of {@link Name#validate}
     */
    public int origin(DirectBuffer name, int offset) {
        return origin.set(name, offset);
    }

    /**
     * Sets the TTL of records without one, as {@code $TTL} does.
     *
     * @param seconds the TTL
     */
    public void defaultTtl(long seconds) {
        defaultTtl = seconds & 0xffff_ffffL;
    }

    /**
     * Sets whether {@link #next} returns {@link #INCLUDE}, or refuses {@code $INCLUDE}.
     *
     * @param isAllowed whether the caller handles it
     */
    public void allowInclude(boolean isAllowed) {
        allowsInclude = isAllowed;
    }

    /**
     * Reads the next record.
     *
     * @return {@link #RECORD}, {@link #INCLUDE}, {@link #END}, or a code for an error at
     *     {@link #line()} and {@link #column()}: {@link ReturnCode#DNS_SYNTAX} and the codes that
     *     follow it, the codes of names, {@link ReturnCode#DNS_RDATA},
     *     {@link ReturnCode#DNS_RDATA_LENGTH}, {@link ReturnCode#BAD_ADDRESS},
     *     {@link ReturnCode#DNS_FULL} for data beyond 65,535 octets
     */
    public int next() {
        int result;
        do {
            result = entry();
        } while (result == CONTINUE);
        return result;
    }

    /**
     * The last record.
     *
     * @return always the same flyweight; the next record overwrites its memory
     */
    public ResourceRecord record() {
        return record;
    }

    /**
     * The file of the last {@code $INCLUDE}.
     *
     * @return its path, as written in the text
     */
    public CharSequence includePath() {
        return includePath;
    }

    /**
     * The origin for the included file.
     *
     * @return a buffer with the name at index 0, or null if there is no origin
     */
    public NativeBuffer includeOrigin() {
        return includeOrigin.isSet() ? includeOrigin.name() : null;
    }

    /**
     * The line at which the last record begins, or the last error is.
     *
     * @return the line, from 1 on
     */
    public int line() {
        return line;
    }

    /**
     * The column at which the last record begins, or the last error is.
     *
     * @return the column, from 1 on
     */
    public int column() {
        return column;
    }

    private int entry() {
        int kind = in.next();
        mark();
        if (kind == TextReader.LINE || kind == TextReader.END) {
            return kind == TextReader.END ? END : CONTINUE;
        }
        int rc = kind < 0 ? kind : kind == TextReader.QUOTED ? ReturnCode.DNS_SYNTAX
                : kind == TextReader.WORD && in.charAt(0) == '$' ? directive() : resource(kind);
        if (rc < 0) {
            mark();
            in.skipLine();
        }
        return rc;
    }

    private void mark() {
        line = in.line();
        column = in.column();
    }

    // Directives

    private int directive() {
        int rc = is("$ORIGIN") ? originDirective() : is("$TTL") ? ttlDirective()
                : is("$INCLUDE") ? includeDirective() : ReturnCode.DNS_SYNTAX;
        return rc >= 0 && in.hasWord() ? ReturnCode.DNS_SYNTAX : rc;
    }

    private boolean is(String word) {
        boolean isSame = in.length() == word.length();
        for (int i = 0; isSame && i < word.length(); i++) {
            char c = in.charAt(i);
            isSame = (c >= 'a' && c <= 'z' ? c - 0x20 : c) == word.charAt(i);
        }
        return isSame;
    }

    private int originDirective() {
        int rc = name(out);
        return rc < 0 ? rc : origin.set(out, 0) < 0 ? ReturnCode.DNS_SYNTAX : CONTINUE;
    }

    /** Parses a name into a buffer from index 0 on. Returns its length, or a code. */
    private int name(NativeBuffer to) {
        int rc = in.word();
        return rc < 0 ? rc : origin.parse(in, to, 0, Name.MAX_BYTES);
    }

    private int ttlDirective() {
        int rc = in.word();
        long seconds = rc < 0 ? rc : Numbers.period(in, 0, in.length());
        if (seconds < 0) {
            return rc < 0 ? rc : ReturnCode.DNS_NUMBER;
        }
        defaultTtl = seconds;
        return CONTINUE;
    }

    private int includeDirective() {
        int rc = allowsInclude ? in.word() : ReturnCode.DNS_INCLUDE;
        if (rc < 0) {
            return rc;
        }
        includePath.setLength(0);
        includePath.append(in);
        includeOrigin.clear();
        if (in.hasWord()) {
            int length = name(out);
            return length < 0 ? length : includeOrigin.set(out, 0) < 0 ? ReturnCode.DNS_SYNTAX
                    : INCLUDE;
        }
        if (origin.isSet()) {
            includeOrigin.set(origin.name(), 0);
        }
        return INCLUDE;
    }

    // Records

    private int resource(int kind) {
        if (kind == TextReader.WORD) {
            // After a malformed owner, the next record must not take the owner before that one.
            int length = origin.parse(in, owner, 0, Name.MAX_BYTES);
            ownerLength = Math.max(0, length);
            if (length < 0) {
                return length;
            }
        } else if (ownerLength == 0) {
            return ReturnCode.DNS_OWNER;
        }
        int type = typeBehindTtlAndClass();
        return type < 0 ? type : data(type);
    }

    /** Parses TTL and class, in either order and each optional, then the type. */
    private int typeBehindTtlAndClass() {
        ttl = NO_TTL;
        boolean hasClass = false;
        while (true) {
            int rc = in.word();
            if (rc < 0 || in.isQuoted()) {
                return rc < 0 ? rc : ReturnCode.DNS_SYNTAX;
            }
            int found = hasClass ? -1 : RecordClass.parse(in);
            if (found >= 0) {
                recordClass = found;
                hasClass = true;
            } else if (ttl < 0 && AsciiText.digit(in.charAt(0), 10) >= 0) {
                ttl = Numbers.period(in, 0, in.length());
                if (ttl < 0) {
                    return ReturnCode.DNS_NUMBER;
                }
                lastTtl = ttl;
            } else {
                int type = RecordType.parse(in);
                return type < 0 ? ReturnCode.DNS_MNEMONIC : type;
            }
        }
    }

    private int data(int type) {
        int start = ownerLength + ResourceRecord.FIXED_BYTES;
        int end = rdata.parse(type, out, start, start + MAX_RDATA_BYTES);
        if (end < 0) {
            return end;
        }
        long seconds = ttl >= 0 ? ttl : defaultTtl >= 0 ? defaultTtl : lastTtl;
        if (seconds < 0 && type == RecordType.SOA) {
            seconds = out.getInt(end - Integer.BYTES, BIG_ENDIAN) & 0xffff_ffffL;
        }
        if (seconds < 0) {
            return ReturnCode.DNS_TTL;
        }
        out.putBytes(0, owner, 0, ownerLength);
        out.putInt(ownerLength, type << 16 | recordClass, BIG_ENDIAN);
        out.putInt(ownerLength + 4, (int) seconds, BIG_ENDIAN);
        out.putShort(ownerLength + 8, (short) (end - start), BIG_ENDIAN);
        record.newMemory();
        record.standAt(0);
        return RECORD;
    }
}
