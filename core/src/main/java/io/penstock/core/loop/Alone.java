package io.penstock.core.loop;

import io.penstock.core.metrics.MetricsRegion;
import io.penstock.core.metrics.MetricsType;

/**
 * The home of one handle with no loop. Its owner makes every call, so nothing is wanted, waited for
 * or called back; closing ends the handle at once, and exceptions go to the caller.
 */
final class Alone extends Home {
    private int aggregate = MetricsRegion.NO_AGGREGATE;

    void aggregate(int block) {
        aggregate = block;
    }

    @Override
    int enter(Handle handle) {
        return 0;
    }

    @Override
    void leave(Handle handle) {
    }

    @Override
    boolean hasFreeSlot() {
        return true;
    }

    @Override
    boolean isOwner() {
        return true; // its user sees to it that one thread at a time calls
    }

    @Override
    void keepAlive() {
    }

    @Override
    void release() {
    }

    @Override
    void setOperations(Handle handle, int operations) {
    }

    @Override
    void cancelOperations(Handle handle) {
    }

    @Override
    void perform(Handle handle, int readiness) {
    }

    @Override
    void makeReady(Handle handle) {
    }

    @Override
    void close(Handle handle) {
        end(handle);
    }

    @Override
    int aggregate(MetricsType type) {
        return aggregate;
    }

    @Override
    void threw(Handle charged, Throwable thrown) {
        EventLoop.throwAsItIs(thrown);
    }

    @Override
    long nowNs() {
        return System.nanoTime();
    }
}
