package io.penstock.races;

import io.penstock.core.metrics.MetricsReader;
import io.penstock.core.metrics.MetricsRegion;
import io.penstock.core.metrics.MetricsType;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** The region of counters: a writer and a reader, and writers among themselves. */
public final class Metrics {
    private static final MetricsType TYPE =
            MetricsType.named("race").counter("one", "{one}").counter("two", "{two}").build();
    private static final int TWO = Long.BYTES;

    private Metrics() {
    }

    /** A region with a block, and who reads it. */
    static class RegionState {
        final MetricsRegion region;
        final int type;
        final MetricsReader reader = new MetricsReader();

        RegionState(int blocks) {
            region = new MetricsRegion(blocks, 256);
            type = region.register(TYPE);
            reader.wrap(region.buffer());
        }

        final void put(int block, long one, long two) {
            int at = region.countersOffset(block);
            region.buffer().putLongOpaque(at, one);
            region.buffer().putLongOpaque(at + TWO, two);
        }

        final void read(int block, III_Result r) {
            int state = reader.read(block);
            boolean isRead = state == MetricsReader.LIVE || state == MetricsReader.CLOSED;
            String label = isRead ? reader.appendLabel(new StringBuilder()).toString() : "";
            r.r1 = isRead ? label.equals("a") ? 1 : label.equals("b") ? 2 : 3 : 0;
            r.r2 = isRead ? (int) reader.value(0) : 0;
            r.r3 = isRead ? (int) reader.value(1) : 0;
        }
    }

    /** A block is closed and claimed by another: the reader sees one of them, not some of both. */
    @JCStressTest
    @Outcome(id = "0, 0, 0", expect = Expect.ACCEPTABLE, desc = "neither")
    @Outcome(id = "1, 1, 1", expect = Expect.ACCEPTABLE, desc = "the first")
    @Outcome(id = {"2, 0, 0", "2, 2, 0", "2, 0, 2", "2, 2, 2"}, expect = Expect.ACCEPTABLE,
            desc = "the second, as it counts")
    @Outcome(expect = Expect.FORBIDDEN, desc = "some of both")
    @State
    public static class Reuse extends RegionState {
        private final int block;

        /** With a first owner. */
        public Reuse() {
            super(1);
            block = region.claim(type, "a", MetricsRegion.NO_AGGREGATE);
            put(block, 1, 1);
        }

        /** The writer. */
        @Actor
        public void writer() {
            region.close(block);
            put(region.claim(type, "b", MetricsRegion.NO_AGGREGATE), 2, 2);
        }

        /** The reader. */
        @Actor
        public void reader(III_Result r) {
            read(block, r);
        }
    }

    /** A block that closes is in the sum once: before as a live one, then in its aggregate. */
    @JCStressTest
    @Outcome(id = "12", expect = Expect.ACCEPTABLE, desc = "all of it, once")
    @Outcome(id = "-1", expect = Expect.ACCEPTABLE, desc = "told that it changes too fast")
    @Outcome(expect = Expect.FORBIDDEN, desc = "lost, or counted twice")
    @State
    public static class Fold extends RegionState {
        private final int aggregate;
        private final int block;

        /** Five in the aggregate, seven in a live block. */
        public Fold() {
            super(3);
            aggregate = region.claimAggregate(type, "sum");
            int first = region.claim(type, "a", aggregate);
            put(first, 5, 0);
            region.close(first);
            block = region.claim(type, "b", aggregate);
            put(block, 7, 0);
        }

        /** The writer. */
        @Actor
        public void writer() {
            region.close(block);
        }

        /** The reader. */
        @Actor
        public void reader(I_Result r) {
            long[] totals = new long[2];
            r.r1 = reader.total(type, aggregate, totals) < 0 ? -1 : (int) totals[0];
        }
    }

    /** Two threads claim: they get different blocks. */
    @JCStressTest
    @Outcome(id = {"0, 1", "1, 0"}, expect = Expect.ACCEPTABLE, desc = "one each")
    @Outcome(expect = Expect.FORBIDDEN, desc = "the same, or none")
    @State
    public static class Claim extends RegionState {
        /** With a block for each. */
        public Claim() {
            super(2);
        }

        /** A thread. */
        @Actor
        public void one(II_Result r) {
            r.r1 = region.claim(type, "a", MetricsRegion.NO_AGGREGATE);
        }

        /** Another thread. */
        @Actor
        public void other(II_Result r) {
            r.r2 = region.claim(type, "b", MetricsRegion.NO_AGGREGATE);
        }
    }

    /** Two threads close one block: one does, and it is folded once. */
    @JCStressTest
    @Outcome(id = "1, 7, 0", expect = Expect.ACCEPTABLE, desc = "closed once")
    @Outcome(expect = Expect.FORBIDDEN, desc = "closed twice, or not")
    @State
    public static class Close extends RegionState {
        private final int aggregate;
        private final int block;
        private int first;
        private int second;

        /** With a block that both know. */
        public Close() {
            super(2);
            aggregate = region.claimAggregate(type, "sum");
            block = region.claim(type, "a", aggregate);
            put(block, 7, 0);
        }

        /** A thread. */
        @Actor
        public void one() {
            first = region.close(block);
        }

        /** Another thread. */
        @Actor
        public void other() {
            second = region.close(block);
        }

        /** Afterwards. */
        @Arbiter
        public void result(III_Result r) {
            r.r1 = (first == 0 ? 1 : 0) + (second == 0 ? 1 : 0);
            r.r2 = (int) region.buffer().getLong(region.countersOffset(aggregate));
            r.r3 = (int) region.buffer().getLong(region.countersOffset(aggregate) + TWO);
        }
    }

    /** Two threads make the same type known: it is one. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "the same")
    @Outcome(expect = Expect.FORBIDDEN, desc = "two of them")
    @State
    public static class Register extends RegionState {
        private final MetricsType another = MetricsType.named("other").counter("n", "{n}").build();

        /** With a type that both know. */
        public Register() {
            super(1);
        }

        /** A thread. */
        @Actor
        public void one(II_Result r) {
            r.r1 = region.register(another);
        }

        /** Another thread. */
        @Actor
        public void other(II_Result r) {
            r.r2 = region.register(another);
        }
    }
}
