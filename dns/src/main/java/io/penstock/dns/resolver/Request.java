package io.penstock.dns.resolver;

import io.penstock.core.buffer.NativeBuffer;

/**
 * A lookup under way, one of a pool: what was asked for, which name is being tried, and what was
 * found so far.
 *
 * <pre>
 *   memory   0 the name   256 the name being tried   512 addresses of both families
 * </pre>
 */
final class Request {
    static final int FREE = 0;
    static final int NEW = 1; // its turn comes with the ready list
    static final int WAITING = 2;

    static final int NAME = 0;
    static final int TRIED = NameKeys.ROOM;
    static final int FOUND = 2 * NameKeys.ROOM;
    static final int PARTS = 2;

    final int index;
    final NativeBuffer memory = NativeBuffer.allocate(FOUND + Answer.ADDRESSES_BYTES);
    final Lookup lookup = new Lookup();
    LookupHandler handler;
    int state = FREE;
    boolean isQueued; // for its turn; still so if it was cancelled before that
    int generation;
    int type;
    long startedNs;
    long deadlineNs;
    int nameLength;
    int triedLength;
    int dots;
    boolean isAbsolute;
    int literalFamily; // of a name that is an address, which is found already; or 0

    int candidate; // how many names were tried
    boolean sawNoData;
    int queriesSent;

    // Of the name being tried: the queries that it waits for, and how they ended
    final Query[] queries = new Query[PARTS];
    final int[] nextWaiter = new int[PARTS];
    final int[] results = new int[PARTS];
    int pending;
    long ttl;
    int flags;

    Request(int index) {
        this.index = index;
    }

    long token() {
        return (long) generation << 32 | index;
    }

    void begin(int type, LookupHandler handler, long nowNs, long deadlineNs) {
        generation = generation + 1 & Integer.MAX_VALUE;
        state = NEW;
        this.type = type;
        this.handler = handler;
        this.deadlineNs = deadlineNs;
        startedNs = nowNs;
        candidate = 0;
        sawNoData = false;
        queriesSent = 0;
        pending = 0;
        lookup.token(token());
    }
}
