package io.penstock.core.loop;

import io.penstock.core.buffer.NativeBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A back end whose operations stay in flight for a few turns after their handle has begun to close,
 * as in an io_uring. It wraps the epoll back end, which does the work.
 */
public final class HeldOperations extends Backend {
    private static final int MOST_TURNS = 4;

    private final Backend inner;
    private final RandomGenerator random;
    private final List<Handle> held = new ArrayList<>();
    private final List<Integer> turns = new ArrayList<>();

    private HeldOperations(Backend inner, RandomGenerator random) {
        super(NativeBuffer.allocate(Long.BYTES)); // the inner back end performs
        this.inner = inner;
        this.random = random;
    }

    /** Has a loop hold the operations of about half of the handles that close. */
    public static LoopConfig in(LoopConfig config, RandomGenerator random) {
        config.backend = inner -> new HeldOperations(inner, random);
        return config;
    }

    @Override
    void cancel(Handle handle, int operations) {
        inner.cancel(handle, operations);
        for (int left = random.nextInt(3); left > 0; left--) {
            handle.inFlight++;
            held.add(handle);
            turns.add(random.nextInt(MOST_TURNS));
        }
    }

    /** Also counts down the turns of the held operations. */
    @Override
    int await(long timeoutNs) {
        boolean isHolding = !held.isEmpty();
        for (int i = held.size() - 1; i >= 0; i--) {
            int left = turns.get(i);
            if (left > 0) {
                turns.set(i, left - 1);
            } else {
                turns.remove(i);
                held.remove(i).landed();
            }
        }
        return inner.await(isHolding ? 0 : timeoutNs);
    }

    @Override
    int open() {
        return inner.open();
    }

    @Override
    int watch(int descriptor, long token) {
        return inner.watch(descriptor, token);
    }

    @Override
    int change(Handle handle, int from, int to) {
        return inner.change(handle, from, to);
    }

    @Override
    long token(int event) {
        return inner.token(event);
    }

    @Override
    void complete(int event, Handle handle) {
        inner.complete(event, handle);
    }

    @Override
    int descriptor() {
        return inner.descriptor();
    }

    @Override
    void close() {
        if (!held.isEmpty()) {
            throw new AssertionError(held.size() + " operations are in flight at the end");
        }
        inner.close();
    }
}
