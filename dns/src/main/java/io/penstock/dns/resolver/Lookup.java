package io.penstock.dns.resolver;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.Endpoint;
import io.penstock.core.sys.Linux;
import io.penstock.dns.wire.Message;
import io.penstock.dns.wire.ResourceRecord;
import io.penstock.dns.wire.Section;

/**
 * The result of a lookup: addresses, in the order in which they should be tried, or records, which
 * are read where they lie. The resolver passes it to a {@link LookupHandler}; it is valid until the
 * handler returns. {@link Resolver#cached} fills a lookup of the caller's own; that one is valid
 * until the next call of a method of the resolver, or the next turn of the loop.
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
     * Makes an empty result.
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
     * The token of the lookup.
     *
     * @return the token that {@link Resolver#resolve} or {@link Resolver#reverse} returned
     */
    public long token() {
        return token;
    }

    // Addresses

    /**
     * The number of addresses.
     *
     * @return 0 unless addresses were asked for and found
     */
    public int addresses() {
        return buffer.getInt(at + Answer.MESSAGE_LENGTH) > 0 ? 0 : buffer.getInt(at + Answer.COUNT);
    }

    /**
     * Copies one of the addresses.
     *
     * @param index from 0, the address to try first
     * @param port the port of the endpoint
     * @param endpoint takes the address and the port
     * @return 0; {@link ReturnCode#BAD_ARGUMENT} for an index or a port out of range
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
     * Moves the cursor to the next record, or at first to the first record. All records have the
     * type that was asked for.
     *
     * @return false after the last record
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

    /** Moves the cursor to before the first record. */
    public void rewind() {
        isRead = false;
    }

    // Properties of the answer

    /**
     * The time to live of the answer.
     *
     * @return seconds; 0 for a stale answer or a local one
     */
    public long ttlSeconds() {
        return ttl;
    }

    /**
     * Whether a name server says that the answer is authentic (AD), and {@code trust-ad} is set.
     *
     * @return whether the answer is authentic
     */
    public boolean isAuthentic() {
        return (flags & Answer.AUTHENTIC) != 0;
    }

    /**
     * Whether the answer comes from the hosts file, or the name is an address or has a fixed
     * meaning.
     *
     * @return whether no name server was asked
     */
    public boolean isLocal() {
        return (flags & Answer.LOCAL) != 0;
    }

    /**
     * Whether the answer has expired and is given because no name server answers (RFC 8767).
     *
     * @return whether the answer is stale
     */
    public boolean isStale() {
        return (flags & Answer.STALE) != 0;
    }
}
