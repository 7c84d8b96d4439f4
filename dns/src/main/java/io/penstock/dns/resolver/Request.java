package io.penstock.dns.resolver;

import io.penstock.core.buffer.NativeBuffer;

/**
 * A lookup under way: the name and type that the caller gave, the name of the search list that is
 * being tried, and the answers so far. Requests are pooled in the {@link Resolver}.
 *
 * <pre>
 *   memory   0 the caller's name   256 the name being tried   512 addresses of both families
 * </pre>
 */
final class Request {
    static final int FREE = 0;
    static final int NEW = 1; // begins in the resolver's next turn of the ready list
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
    boolean isQueued; // for the ready list; a cancelled request stays queued
    int generation;
    int type;
    long startedNs;
    long deadlineNs;
    int nameLength;
    int triedLength;
    int dots;
    boolean isAbsolute;
    int literalFamily; // if the name is an address, which then lies at FOUND; else 0

    int candidate; // index of the next name to try
    boolean sawNoData;
    int queriesSent;

    // For the name being tried: the queries that the request waits for, and their results
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
