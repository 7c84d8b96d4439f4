package io.penstock.dns.resolver;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.AsciiText;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.Endpoint;
import io.penstock.core.sys.Linux;
import java.util.Arrays;
import org.agrona.DirectBuffer;

/**
 * The contents of {@code /etc/hosts}: the addresses of a name, and the first name of an address.
 * Every text can be parsed: malformed addresses and names are skipped, and so are names for which
 * there is no room. A name that stands on several lines has the addresses of all of them.
 *
 * <p>The names lie in one buffer; two hash tables with chains, by name and by address, are arrays
 * of ints.
 */
final class Hosts {
    private static final int NONE = -1;
    private static final int ADDRESS_NAME_BYTES = 32; // room for an average name

    private final int capacity;
    private final int mask;
    private final NativeBuffer names;
    private final long[] high;
    private final long[] low;
    private final int[] family;
    private final int[] scope;
    private final int[] name; // offset in names
    private final int[] nextByName; // the next entry of the chain, or NONE
    private final int[] nextByAddress;
    private final int[] byName;
    private final int[] byAddress;
    private final Endpoint endpoint = new Endpoint();
    private final StringBuilder scratch = new StringBuilder(128);
    private final Text word = new Text();
    private int entries;
    private int namesEnd;

    Hosts(int capacity) {
        this.capacity = capacity;
        int slots = Integer.highestOneBit(Math.max(2, capacity) * 2 - 1);
        mask = slots - 1;
        names = NativeBuffer.allocate(capacity * ADDRESS_NAME_BYTES + NameKeys.ROOM);
        high = new long[capacity];
        low = new long[capacity];
        family = new int[capacity];
        scope = new int[capacity];
        name = new int[capacity];
        nextByName = new int[capacity];
        nextByAddress = new int[capacity];
        byName = new int[slots];
        byAddress = new int[slots];
        clear();
    }

    private void clear() {
        Arrays.fill(byName, NONE);
        Arrays.fill(byAddress, NONE);
        entries = 0;
        namesEnd = 0;
    }

    int size() {
        return entries;
    }

    // Reading

    /** Replaces the contents by a text: 0, or DNS_FULL if some names did not fit. */
    int parse(CharSequence text) {
        clear();
        int rc = 0;
        for (int at = 0; at < text.length();) {
            int end = Text.lineEnd(text, at);
            rc = Math.min(rc, line(text, at, AsciiText.indexOf(text, '#', at, end)));
            at = end + 1;
        }
        return rc;
    }

    private int line(CharSequence text, int at, int end) {
        int from = Text.wordStart(text, at, end);
        int to = Text.wordEnd(text, from, end);
        if (from == to || Text.address(text, from, to, 0, scratch, endpoint) < 0) {
            return 0;
        }
        for (from = Text.wordStart(text, to, end); from < end;
                from = Text.wordStart(text, to, end)) {
            to = Text.wordEnd(text, from, end);
            if (entries == capacity || namesEnd + NameKeys.ROOM > names.capacity()) {
                return ReturnCode.DNS_FULL;
            }
            int n = NameKeys.parse(word.wrap(text, from, to), names, namesEnd);
            if (n > 1) {
                add(n);
            }
        }
        return 0;
    }

    private void add(int nameLength) {
        int entry = entries++;
        boolean isIpv4 = endpoint.isIpv4();
        high[entry] = endpoint.ipHigh();
        low[entry] = endpoint.ipLow();
        family[entry] = isIpv4 ? Linux.AF_INET : Linux.AF_INET6;
        scope[entry] = endpoint.scope();
        name[entry] = namesEnd;
        append(byName, nextByName, NameKeys.hash(names, namesEnd), entry);
        if (nameOf(high[entry], low[entry], family[entry]) < 0) {
            append(byAddress, nextByAddress, hash(high[entry], low[entry]), entry);
        }
        namesEnd += nameLength;
    }

    /** Adds an entry at the end of its chain, so that the order of the file is kept. */
    private void append(int[] table, int[] next, int hash, int entry) {
        next[entry] = NONE;
        int slot = hash & mask;
        if (table[slot] == NONE) {
            table[slot] = entry;
            return;
        }
        int last = table[slot];
        while (next[last] != NONE) {
            last = next[last];
        }
        next[last] = entry;
    }

    private static int hash(long high, long low) {
        long h = (high * 31 + low) * 0x9e37_79b9_7f4a_7c15L;
        return (int) (h >>> 32);
    }

    // Finding

    /**
     * Adds the addresses of a name to an answer.
     *
     * @return the number of addresses of the name, of any family; 0 for a name that is not there
     */
    int addresses(DirectBuffer key, int offset, int length, boolean ipv4, boolean ipv6,
            NativeBuffer answer, int at) {
        int found = 0;
        for (int i = byName[NameKeys.hash(key, offset) & mask]; i != NONE; i = nextByName[i]) {
            if (NameKeys.equal(names, name[i], key, offset, length)) {
                found++;
                if (family[i] == Linux.AF_INET ? ipv4 : ipv6) {
                    Answer.add(answer, at, high[i], low[i], family[i], scope[i]);
                }
            }
        }
        return found;
    }

    /** The offset of an address's first name in {@link #names}, or a negative number. */
    int nameOf(long high, long low, int family) {
        for (int i = byAddress[hash(high, low) & mask]; i != NONE; i = nextByAddress[i]) {
            if (this.high[i] == high && this.low[i] == low && this.family[i] == family) {
                return name[i];
            }
        }
        return NONE;
    }

    NativeBuffer names() {
        return names;
    }
}
