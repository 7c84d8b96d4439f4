package io.penstock.dns.resolver;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.Endpoint;
import io.penstock.core.sys.Linux;
import io.penstock.dns.wire.Message;
import io.penstock.dns.wire.ResourceRecord;
import io.penstock.dns.wire.Section;

/**
 * What was found: addresses, in the order in which they should be tried, or records where they lie.
 * The resolver gives it to a {@link LookupHandler}, valid until that returns; one of the caller's
 * own is for {@link Resolver#cached}, valid until the next call of the resolver or turn of the
 * loop.
 *
 * <p><b>Threading</b>: the loop's thread. <b>Allocation</b>: none after construction.
 */
public final class Lookup {
    private static final NativeBuffer EMPTY = NativeBuffer.allocate(Answer.HEADER_BYTES);

    private final Message message = new Message();
    private NativeBuffer buffer = EMPTY;
    private int at;
    private int flags;
    private long ttl;
    private boolean isRead;
    private long token = -1;

    /**
     * Makes one that has found nothing.
     *
     * <p><b>Allocation</b>: set-up.
     */
    public Lookup() {
    }

    void token(long value) {
        token = value;
    }

    void wrap(NativeBuffer memory, int offset, int moreFlags, long ttlSeconds) {
        buffer = memory;
        at = offset;
        flags = memory.getInt(offset + Answer.FLAGS) | moreFlags;
        ttl = ttlSeconds;
        isRead = false;
    }

    void clear() {
        wrap(EMPTY, 0, 0, 0);
    }

    /**
     * Which lookup this is.
     *
     * @return what {@link Resolver#resolve} answered
     */
    public long token() {
        return token;
    }

    // Addresses

    /**
     * How many addresses there are.
     *
     * @return 0 unless addresses were asked for and found
     */
    public int addresses() {
        return buffer.getInt(at + Answer.MESSAGE_LENGTH) > 0 ? 0 : buffer.getInt(at + Answer.COUNT);
    }

    /**
     * One of the addresses.
     *
     * @param index from 0, the best
     * @param port that it gets
     * @param endpoint becomes that address
     * @return 0; {@link ReturnCode#BAD_ARGUMENT} if there is no such address, or for the port
     */
    public int address(int index, int port, Endpoint endpoint) {
        if (index < 0 || index >= addresses()) {
            return ReturnCode.BAD_ARGUMENT;
        }
        int a = Answer.address(at, index);
        long low = buffer.getLong(a + Answer.LOW);
        return buffer.getInt(a + Answer.FAMILY) == Linux.AF_INET ? endpoint.ipv4((int) low, port)
                : endpoint.ipv6(buffer.getLong(a), low, port, buffer.getInt(a + Answer.SCOPE));
    }

    // Records

    /**
     * Goes to the next record, at first to the first; they are of the type that was asked for.
     *
     * @return whether there is one
     */
    public boolean nextRecord() {
        int length = buffer.getInt(at + Answer.MESSAGE_LENGTH);
        if (!isRead) {
            isRead = true;
            if (length > 0) {
                message.wrap(buffer, at + Answer.HEADER_BYTES, length);
                message.seek(Section.ANSWER);
            }
        }
        return length > 0 && message.nextRecord();
    }

    /**
     * The record that the cursor is at.
     *
     * @return always the same flyweight
     */
    public ResourceRecord record() {
        return message.record();
    }

    /** Goes back to before the first record. */
    public void rewind() {
        isRead = false;
    }

    // About it

    /**
     * How long it may be kept.
     *
     * @return seconds
     */
    public long ttlSeconds() {
        return ttl;
    }

    /**
     * Whether the name servers say that it is authentic, and are believed ({@code trust-ad}).
     *
     * @return whether it is
     */
    public boolean isAuthentic() {
        return (flags & Answer.AUTHENTIC) != 0;
    }

    /**
     * Whether it comes from the hosts file, or means the same everywhere.
     *
     * @return whether no name server was asked
     */
    public boolean isLocal() {
        return (flags & Answer.LOCAL) != 0;
    }

    /**
     * Whether it is kept longer than it should be, because no name server answers.
     *
     * @return whether it is (RFC 8767)
     */
    public boolean isStale() {
        return (flags & Answer.STALE) != 0;
    }
}
