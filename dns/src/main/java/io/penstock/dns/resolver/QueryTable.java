package io.penstock.dns.resolver;

import io.penstock.core.buffer.NativeBuffer;

/**
 * The pool of queries, and for each query in use the lookups that wait for its answer.
 *
 * <p>A waiter is one part (A or AAAA) of one lookup, as the number {@code request.index *
 * Request.PARTS + part}. The waiters of a query are a list that is linked through
 * {@link Request#nextWaiter}.
 */
final class QueryTable {
    private final Resolver resolver;
    private final Query[] queries;
    private final int[] free;
    private int freeCount;
    private int used;

    QueryTable(Resolver resolver, int size) {
        this.resolver = resolver;
        queries = new Query[size];
        free = new int[size];
        for (int i = size - 1; i >= 0; i--) {
            queries[i] = new Query(i);
            free[freeCount++] = i;
        }
    }

    /** No query at this index or a higher one was ever used. */
    int used() {
        return used;
    }

    Query query(int index) {
        return queries[index];
    }

    /** The pending query that asks this question, or null. */
    Query find(NativeBuffer name, int offset, int length, int type, int hash) {
        for (int i = 0; i < used; i++) {
            if (queries[i].isPending() && queries[i].isFor(name, offset, length, type, hash)) {
                return queries[i];
            }
        }
        return null;
    }

    /** Takes a query from the pool, which {@link Queries} makes large enough never to be empty. */
    Query take() {
        Query query = queries[free[--freeCount]];
        used = Math.max(used, query.index + 1);
        return query;
    }

    void giveBack(Query query) {
        query.state = Query.FREE;
        query.server = null;
        free[freeCount++] = query.index;
    }

    // Waiters

    void addWaiter(Query query, Request request, int part) {
        request.queries[part] = query;
        request.nextWaiter[part] = query.firstWaiter;
        query.firstWaiter = request.index * Request.PARTS + part;
    }

    void removeWaiter(Query query, Request request, int part) {
        request.queries[part] = null;
        int waiter = request.index * Request.PARTS + part;
        if (query.firstWaiter == waiter) {
            query.firstWaiter = request.nextWaiter[part];
            return;
        }
        int before = query.firstWaiter;
        while (next(before) != waiter) {
            before = next(before);
        }
        request(before).nextWaiter[part(before)] = request.nextWaiter[part];
    }

    /** The waiter behind a waiter in its list, or {@link Query#NONE}. */
    int next(int waiter) {
        return request(waiter).nextWaiter[part(waiter)];
    }

    Request request(int waiter) {
        return resolver.request(waiter / Request.PARTS);
    }

    static int part(int waiter) {
        return waiter % Request.PARTS;
    }
}
