package io.penstock.races;

import io.penstock.core.ReturnCode;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** What other threads may do to a loop while it takes a turn. */
public final class Loops {
    private Loops() {
    }

    /** A task is run, or the loop does not sleep while it waits. */
    @JCStressTest
    @Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "the turn ran the task")
    @Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "the loop sleeps and is woken")
    @Outcome(id = "2", expect = Expect.ACCEPTABLE, desc = "the loop did not sleep")
    @Outcome(id = "3", expect = Expect.FORBIDDEN, desc = "the loop sleeps, and the task waits")
    @State
    public static class Execute extends LoopState {
        /** The loop. */
        @Actor
        public void loop() {
            turn();
        }

        /** Another thread. */
        @Actor
        public void other() {
            loop.execute(() -> ran++);
            done();
        }

        /** Afterwards. */
        @Arbiter
        public void result(I_Result r) {
            r.r1 = outcome();
        }
    }

    /** A loop that is told to stop does not sleep. */
    @JCStressTest
    @Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "the loop sleeps and is woken")
    @Outcome(id = "2", expect = Expect.ACCEPTABLE, desc = "the loop did not sleep")
    @Outcome(id = "3", expect = Expect.FORBIDDEN, desc = "the loop sleeps, and was to stop")
    @State
    public static class Stop extends LoopState {
        /** The loop. */
        @Actor
        public void loop() {
            turn();
        }

        /** Another thread. */
        @Actor
        public void other() {
            loop.stop();
            done();
        }

        /** Afterwards. */
        @Arbiter
        public void result(I_Result r) {
            r.r1 = outcome();
        }
    }

    /** A task that is offered while the loop closes is run, or refused. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "accepted and run")
    @Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "refused")
    @Outcome(expect = Expect.FORBIDDEN, desc = "accepted and lost, or refused and run")
    @State
    public static class CloseAndExecute extends LoopState {
        private int code;

        /** The loop. */
        @Actor
        public void loop() {
            loop.close();
        }

        /** Another thread. */
        @Actor
        public void other() {
            code = loop.execute(() -> ran++);
        }

        /** Afterwards. */
        @Arbiter
        public void result(II_Result r) {
            r.r1 = code == 0 ? 1 : code == ReturnCode.CLOSED ? 0 : code;
            r.r2 = ran;
        }
    }

    /** Who wakes a loop while it closes writes to its descriptor before that is closed, or not. */
    @JCStressTest
    @Outcome(id = {"1, 0", "0, 0"}, expect = Expect.ACCEPTABLE, desc = "before, or refused")
    @Outcome(expect = Expect.FORBIDDEN, desc = "written to what is closed")
    @State
    public static class CloseAndWakeUp extends LoopState {
        private int code;

        /** The loop. */
        @Actor
        public void loop() {
            loop.close();
        }

        /** Another thread. */
        @Actor
        public void other() {
            code = loop.wakeUp();
        }

        /** Afterwards. */
        @Arbiter
        public void result(II_Result r) {
            r.r1 = code == 0 ? 1 : code == ReturnCode.CLOSED ? 0 : code;
            r.r2 = posix.writtenToClosed;
        }
    }

    /** Two threads at the queue, which has room for both: none is lost or run twice. */
    @JCStressTest
    @Outcome(id = "2, 2", expect = Expect.ACCEPTABLE, desc = "both accepted, both run")
    @Outcome(expect = Expect.FORBIDDEN, desc = "a task is lost or doubled")
    @State
    public static class TwoTasks extends LoopState {
        private int first;
        private int second;

        /** A thread. */
        @Actor
        public void one() {
            first = loop.execute(() -> ran++);
        }

        /** Another thread. */
        @Actor
        public void other() {
            second = loop.execute(() -> ran++);
        }

        /** Afterwards the loop takes a turn. */
        @Arbiter
        public void result(II_Result r) {
            loop.runOnce(0);
            r.r1 = (first == 0 ? 1 : 0) + (second == 0 ? 1 : 0);
            r.r2 = ran;
        }
    }
}
