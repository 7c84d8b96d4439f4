package io.penstock.core.loop;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.metrics.LoopMetrics;
import io.penstock.core.metrics.MetricsRegion;
import io.penstock.core.metrics.MetricsType;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Posix;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.NanoClock;
import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;

/**
 * One thread's loop over everything that it waits for. A turn is, in this order:
 *
 * <pre>
 *   timers          those whose deadline has passed
 *   tasks           of other threads, by {@link #execute}
 *   poll            waits for I/O, not past the next deadline, and calls who is ready
 *   ready list      handles that have more to do without the kernel
 *   check hooks     of {@link #addCheck}
 *   close callbacks onClose of what was closed, when everything it had is given back
 * </pre>
 *
 * <p>A turn does not wait while tasks, the ready list or closings are pending. Nothing is called
 * from inside a call that you make. A callback that throws costs nobody else their turn; see {@link
 * LoopConfig#onException}.
 *
 * <p>A loop that was opened must be closed. One that is dropped without {@link #close} keeps its
 * descriptors, an epoll set and an eventfd, and those of its handles, until the process ends.
 * Nothing watches for that.
 *
 * <p><b>Threading</b>: the thread that runs it; {@link #execute}, {@link #wakeUp} and
 * {@link #stop} any. <b>Allocation</b>: none after {@link #open}.
 */
public final class EventLoop implements AutoCloseable {
    /** For {@link #runOnce}: wait until there is work. */
    public static final long NO_LIMIT = Long.MAX_VALUE;

    // More than the caches hold would make each socket cold again before it is read.
    private static final int MAX_EVENTS = 256;

    // The queue of a closed loop is full of it.
    private static final Runnable NO_TASK = () -> { };

    private final Posix posix;
    private final NanoClock clock;
    private final NativeBuffer readBuffer;
    private final Backend backend;
    private final WakeUp wakeUp;
    private final TimerHeap timers;
    private final MpscVarHandleArrayQueue<Runnable> tasks;
    private final Runnable[] checks;
    private final ExceptionHandler onException; // null for none
    private int checkCount;
    private final SlotTable slots;
    private final LoopCounters counters;
    final Operations operations;
    final ReadyList ready;
    final Closings closings;

    private boolean isOpen;
    private volatile boolean isClosed; // nothing opens, is accepted or started from then on
    private boolean isTurning;
    private boolean closesAfterTurn;
    private Throwable thrown; // leaves when the turn is over
    private int alive;
    private long nowNs;
    private long endedNs; // when the last turn ended
    private Thread owner;
    private volatile boolean isStopped;

    /**
     * A loop with the capacities given.
     *
     * @param config read now
     */
    public EventLoop(LoopConfig config) {
        posix = config.posix == null ? Posix.system() : config.posix;
        clock = config.clock;
        readBuffer = NativeBuffer.allocate(config.readBufferBytes);
        backend = config.backend.apply(
                new EpollBackend(posix, readBuffer, Math.min(MAX_EVENTS, config.handles + 1)));
        wakeUp = new WakeUp(posix);
        timers = new TimerHeap(config.timers, 2 * config.handles);
        tasks = new MpscVarHandleArrayQueue<>(config.tasks);
        checks = new Runnable[config.checks];
        onException = config.onException;
        slots = new SlotTable(config.handles);
        // A block for each handle, and a few for the loop's own and for listeners' sums.
        counters = new LoopCounters(config.metrics == null
                ? new MetricsRegion(config.handles + 64) : config.metrics, config.name);
        operations = new Operations(this, backend, config.handles);
        ready = new ReadyList(this, config.handles);
        closings = new Closings(this, config.handles);
        nowNs = clock.nanoTime();
    }

    /**
     * Readies the loop.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @return 0, {@link ReturnCode#ALREADY_OPEN}, {@link ReturnCode#CLOSED} (there is no second
     *     life), {@link ReturnCode#UNSUPPORTED_PLATFORM}, {@link ReturnCode#METRICS_EXHAUSTED} or
     *     {@code -errno}
     */
    public int open() {
        if (isOpen || isClosed) {
            return isOpen ? ReturnCode.ALREADY_OPEN : ReturnCode.CLOSED;
        }
        posix.warmUp();
        int rc = backend.open();
        if (rc < 0) {
            return rc;
        }
        rc = wakeUp.open(backend);
        if (rc >= 0) {
            rc = counters.open();
        }
        if (rc < 0) {
            closeDescriptors();
            return rc;
        }
        isOpen = true;
        isStopped = false;
        wakeUp.admit();
        nowNs = clock.nanoTime();
        return 0;
    }

    /**
     * Runs turns, waiting in the kernel, until nothing keeps the loop alive or {@link #stop}.
     *
     * @return 0, {@link ReturnCode#NOT_OPEN}, {@link ReturnCode#NESTED_TURN} from inside a
     *     callback, or what a turn answers
     */
    public int run() {
        int rc = mayTurn();
        if (rc < 0) {
            return rc;
        }
        endedNs = clock.nanoTime(); // a turn begins when the one before it ends: a look saved
        try {
            while (rc >= 0 && isRunning()) {
                rc = turn(NO_LIMIT, endedNs);
            }
        } finally {
            forgetStop();
        }
        return Math.min(0, rc);
    }

    /**
     * Runs turns that do not wait, and idles between them as the strategy says, until nothing
     * keeps the loop alive or {@link #stop}.
     *
     * @param idle such as Agrona's {@code BusySpinIdleStrategy}
     * @return 0, {@link ReturnCode#NOT_OPEN}, {@link ReturnCode#NESTED_TURN} from inside a
     *     callback, or what a turn answers
     */
    public int run(IdleStrategy idle) {
        int rc = mayTurn();
        if (rc < 0) {
            return rc;
        }
        try {
            while (rc >= 0 && isRunning()) {
                rc = turn(0, clock.nanoTime());
                idle.idle(Math.max(0, rc));
            }
        } finally {
            forgetStop();
        }
        return Math.min(0, rc);
    }

    /** Not from inside a turn: who is in the middle of something would be called once more. */
    private int mayTurn() {
        return !isOpen ? ReturnCode.NOT_OPEN : isTurning ? ReturnCode.NESTED_TURN : 0;
    }

    /** A stop is for one run or turn; else a loop driven by runOnce would never wait again. */
    private void forgetStop() {
        if (isStopped) {
            isStopped = false;
        }
    }

    private boolean isRunning() {
        return isOpen && !isStopped && alive > 0;
    }

    /**
     * One turn.
     *
     * @param timeoutNs how long it may wait; 0 does not, {@link #NO_LIMIT} or negative has no end
     * @return how many timers, tasks, events, ready handles and closings it ran, or
     *     {@link ReturnCode#NOT_OPEN}, {@link ReturnCode#NESTED_TURN} from inside a callback,
     *     or the back end's {@code -errno}
     */
    public int runOnce(long timeoutNs) {
        int rc = mayTurn();
        if (rc < 0) {
            return rc;
        }
        try {
            return turn(timeoutNs < 0 ? NO_LIMIT : timeoutNs, clock.nanoTime());
        } finally {
            forgetStop();
        }
    }

    private int turn(long timeoutNs, long beganNs) {
        assert isOwner() && becomesOwner();
        isTurning = true;
        int work;
        try {
            work = phases(timeoutNs, beganNs);
        } finally {
            isTurning = false;
        }
        if (closesAfterTurn) {
            return close(0);
        }
        if (thrown != null) {
            throwIt();
        }
        return work;
    }

    private int phases(long timeoutNs, long beganNs) {
        nowNs = beganNs;
        int fired = runTimers();
        int executed = runTasks();
        if (fired + executed > 0) {
            nowNs = clock.nanoTime();
        }
        long waitNs = waitNs(timeoutNs);
        long beforeWaitNs = nowNs;
        int events = poll(waitNs);
        if (waitNs > 0) {
            nowNs = clock.nanoTime(); // a look that does not wait takes no time to speak of
        }
        long waitedNs = nowNs - beforeWaitNs;
        dispatch(events);
        int run = ready.run();
        runChecks();
        int closed = closings.run();
        record(beganNs, waitedNs, fired, executed, Math.max(0, events), run);
        counters.addIfAny(LoopMetrics.ERROR_OFFSET, events < 0 ? 1 : 0);
        return events < 0 ? events : fired + executed + events + run + closed;
    }

    private void record(
            long began, long waited, int fired, int executed, int events, int run) {
        endedNs = clock.nanoTime();
        counters.turn(waited, endedNs - began - waited);
        counters.addIfAny(LoopMetrics.EVENTS_OFFSET, events);
        counters.addIfAny(LoopMetrics.TIMERS_OFFSET, fired);
        counters.addIfAny(LoopMetrics.TASKS_OFFSET, executed);
        counters.addIfAny(LoopMetrics.READY_OFFSET, run);
    }

    private int runTimers() {
        long sequence = timers.sequence(); // what is started meanwhile waits for the next turn
        int fired = 0;
        Timer timer;
        while ((timer = timers.first()) != null && timer.deadlineNs - nowNs <= 0
                && timer.sequence < sequence) {
            timer.fire(nowNs);
            fired++;
        }
        return fired;
    }

    private int runTasks() {
        int limit = tasks.size();
        int n = 0;
        Runnable task;
        while (n < limit && (task = tasks.poll()) != null) {
            run(task);
            n++;
        }
        return n;
    }

    private void run(Runnable ofNobody) {
        try {
            ofNobody.run();
        } catch (Throwable t) {
            threw(null, t);
        }
    }

    private long waitNs(long timeoutNs) {
        if (timeoutNs == 0 || !ready.isEmpty() || !closings.isEmpty() || isStopped
                || closesAfterTurn || thrown != null || alive <= 0 && timeoutNs == NO_LIMIT) {
            return 0;
        }
        Timer first = timers.first();
        return first == null ? timeoutNs
                : Math.min(timeoutNs, Math.max(0, first.deadlineNs - nowNs));
    }

    private int poll(long waitNs) {
        operations.apply();
        if (waitNs == 0 || !closings.isEmpty()) {
            return once(0);
        }
        wakeUp.waits(true);
        // A thread that offers a task after this look sees that the loop waits, and wakes it up.
        int events = tasks.isEmpty() && !isStopped ? await(waitNs) : once(0);
        wakeUp.waits(false);
        return events;
    }

    /** The deadline is absolute: a signal does not lengthen the wait. */
    private int await(long waitNs) {
        if (waitNs == NO_LIMIT) {
            return once(NO_LIMIT);
        }
        long deadline = nowNs + waitNs;
        int events = backend.await(waitNs);
        while (events == -Errno.EINTR) {
            events = backend.await(Math.max(0, deadline - clock.nanoTime()));
        }
        return events;
    }

    private int once(long timeoutNs) {
        int events;
        do {
            events = backend.await(timeoutNs);
        } while (events == -Errno.EINTR);
        return events;
    }

    /** The kernel does not let the loop wait for a handle. */
    void refused(Handle handle, int code) {
        counters.add(LoopMetrics.ERROR_OFFSET, 1);
        try {
            handle.onRefused(code);
        } catch (Throwable t) {
            threw(handle, t);
        }
    }

    private void dispatch(int events) {
        for (int i = 0; i < events; i++) {
            long token = backend.token(i);
            if (token == WakeUp.TOKEN) {
                wakeUp.taken();
                counters.add(LoopMetrics.WAKEUPS_OFFSET, 1);
                continue;
            }
            Handle handle = slots.open(token);
            if (handle != null) {
                complete(i, handle);
            }
        }
    }

    private void complete(int event, Handle handle) {
        try {
            backend.complete(event, handle);
        } catch (Throwable t) { // not from a callback, which is caught where it is called
            threw(handle, t);
        }
    }

    void perform(Handle handle, int readiness) {
        backend.perform(handle, readiness);
    }

    private void runChecks() {
        for (int i = 0; i < checkCount; i++) {
            run(checks[i]);
        }
    }

    /**
     * A callback has thrown: it is counted, and harms nobody but the handle that it belongs to. Who
     * called it goes on as if it had returned, so nothing is left half done.
     */
    void threw(Handle charged, Throwable t) {
        counters.countThrow();
        if (onException == null) {
            throwLater(t);
            return;
        }
        try {
            if (charged != null && charged.isOpen()) {
                charged.onThrew(ReturnCode.CALLBACK_THREW);
            }
            onException.onException(charged, t);
        } catch (Throwable another) {
            throwLater(another);
        }
    }

    /** When the turn is over, and everybody has had their turn; the first, with the others. */
    private void throwLater(Throwable t) {
        if (thrown == null) {
            thrown = t;
        } else if (thrown != t) {
            thrown.addSuppressed(t);
        }
        if (!isTurning) {
            throwIt(); // somebody calls a handler from outside the loop
        }
    }

    private void throwIt() {
        Throwable t = thrown;
        thrown = null;
        throwAsItIs(t);
    }

    /** A handler may throw what it does not declare: it comes out as it went in. */
    static void throwAsItIs(Throwable t) {
        EventLoop.<RuntimeException>throwAs(t);
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void throwAs(Throwable t) throws T {
        throw (T) t;
    }

    /**
     * Runs a task in the loop's thread, in its next turn, or when it closes before that, which is
     * in the thread that closes it.
     *
     * <p><b>Threading</b>: any, at any time.
     *
     * @param task if it throws, see {@link LoopConfig#onException}
     * @return 0: it will be run; {@link ReturnCode#TASKS_EXHAUSTED}; {@link ReturnCode#CLOSED}
     */
    public int execute(Runnable task) {
        if (isClosed) {
            return ReturnCode.CLOSED;
        }
        if (!tasks.offer(task)) { // it may have been filled by close meanwhile
            return isClosed ? ReturnCode.CLOSED : ReturnCode.TASKS_EXHAUSTED;
        }
        wakeUp.wakeUpIfWaiting();
        return 0;
    }

    /**
     * Ends the wait of the turn that is running, if it waits.
     *
     * <p><b>Threading</b>: any, at any time.
     *
     * @return 0, {@link ReturnCode#NOT_OPEN}, {@link ReturnCode#CLOSED} or {@code -errno}
     */
    public int wakeUp() {
        int rc = wakeUp.wakeUp();
        return rc == ReturnCode.NOT_OPEN && isClosed ? ReturnCode.CLOSED : rc;
    }

    /**
     * Lets {@link #run} return after this turn, and {@link #runOnce} not wait. What is open stays
     * open. It is for one of them, also if that throws: if neither is running, the next
     * {@link #run} returns at once, without a turn, or the next {@link #runOnce} does not wait.
     * {@link #open} forgets it.
     *
     * <p><b>Threading</b>: any, at any time.
     */
    public void stop() {
        isStopped = true;
        wakeUp.wakeUpIfWaiting();
    }

    /**
     * Runs a hook at the end of every turn, after the handles and before the closings.
     *
     * @param hook if it throws, see {@link LoopConfig#onException}
     * @return 0 or {@link ReturnCode#CHECKS_EXHAUSTED}
     */
    public int addCheck(Runnable hook) {
        if (checkCount == checks.length) {
            return ReturnCode.CHECKS_EXHAUSTED;
        }
        checks[checkCount++] = hook;
        return 0;
    }

    /** Keeps {@link #run} from ending, once more; a handle and a pending timer do by themselves. */
    public void keepAlive() {
        alive++;
    }

    /** Takes one {@link #keepAlive} back. */
    public void release() {
        alive--;
    }

    /**
     * The open handle of a token.
     *
     * @param token of {@link Handle#token}
     * @return null if it has closed since
     */
    public Handle handle(long token) {
        return slots.open(token);
    }

    /**
     * The loop's idea of now: the clock, read at the start of a turn and after its wait.
     *
     * @return nanoseconds of the loop's clock
     */
    public long nowNs() {
        return isTurning ? nowNs : clock.nanoTime();
    }

    /**
     * A descriptor that is readable when a turn would find I/O or a task, to wait for in another
     * loop; besides, wait no longer than {@link #nextDeadlineNs}, which is now also when what is
     * waited for has changed. Asking for it makes every {@link #execute} write the wake
     * descriptor.
     *
     * @return the descriptor, or {@link ReturnCode#NOT_OPEN}
     */
    public int descriptor() {
        if (!isOpen) {
            return ReturnCode.NOT_OPEN;
        }
        wakeUp.embed();
        operations.apply();
        return backend.descriptor();
    }

    /**
     * When a turn has something to do by itself.
     *
     * @return 0 if now, or the time of {@link #nowNs} at the next timer, or {@link #NO_LIMIT}
     */
    public long nextDeadlineNs() {
        if (isClosed) {
            return NO_LIMIT;
        }
        if (!ready.isEmpty() || !closings.isEmpty() || operations.haveChanged()
                || !tasks.isEmpty()) {
            return 0;
        }
        Timer first = timers.first();
        return first == null ? NO_LIMIT : first.deadlineNs;
    }

    /**
     * How many handles it has room for.
     *
     * @return as configured
     */
    public int handles() {
        return slots.slots();
    }

    /**
     * The operating system that the loop uses.
     *
     * @return as configured
     */
    public Posix posix() {
        return posix;
    }

    /**
     * The region that its handles' counters are in.
     *
     * @return as configured
     */
    public MetricsRegion region() {
        return counters.region();
    }

    /**
     * The block that sums what the loop's closed handles of a type counted; of streams, those that
     * are no listener's.
     *
     * <p><b>Allocation</b>: none but at the first call for a type.
     *
     * @param type of the handles
     * @return a block of {@link #region}, {@link ReturnCode#METRICS_EXHAUSTED}, or a code of
     *     {@link MetricsRegion#register}
     */
    public int aggregate(MetricsType type) {
        return counters.aggregate(type);
    }

    /**
     * The memory that streams read into unless they have their own.
     *
     * @return shared; valid within one callback
     */
    public NativeBuffer readBuffer() {
        return readBuffer;
    }

    /**
     * Where the loop's own words are.
     *
     * @return memory; see {@link LoopMetrics}
     */
    public DirectBuffer metrics() {
        return counters.buffer();
    }

    /**
     * Where in {@link #metrics} they begin.
     *
     * @return an offset
     */
    public int metricsOffset() {
        return counters.offset();
    }

    /**
     * Runs the tasks that were accepted, gives every handle its {@code onClose} and everything back
     * to the system. From then on tasks, timers and handles are refused. Called from a callback, it
     * does so after the turn. Handles that go over others, such as TLS, say goodbye
     * first, if a socket takes it at once. What callbacks throw meanwhile is treated as in a turn
     * ({@link LoopConfig#onException}): without an exception handler the first of it leaves this
     * call, when everything is given back.
     *
     * <p>Cleaning up never fails: an interface for try-with-resources.
     */
    @Override
    public void close() {
        close(0);
    }

    private int close(int result) {
        if (isTurning) {
            assert isOwner();
            closesAfterTurn = true;
            return result;
        }
        assert becomesOwner(); // whoever is the last to use it
        if (!isClosed) {
            isTurning = true; // a handler that closes the loop again is told nothing new
            nowNs = clock.nanoTime();
            isClosed = true; // or a client that reconnects would go on
            runLastTasks();
            if (isOpen) {
                closeHandles();
            }
            cancelTimers();
            isTurning = false;
            closesAfterTurn = false;
            giveBack();
        }
        if (thrown != null) {
            throwIt();
        }
        return result;
    }

    /**
     * Runs what was accepted, and fills the queue with nothing for good: whoever is in the middle
     * of offering is refused by that, or has been accepted and is run.
     */
    private void runLastTasks() {
        int nothing = 0;
        while (nothing < tasks.capacity()) {
            if (tasks.offer(NO_TASK)) {
                nothing++;
                continue;
            }
            Runnable first = tasks.poll();
            if (first == NO_TASK) {
                nothing--;
            } else {
                run(first);
            }
        }
    }

    private void giveBack() {
        if (isOpen) {
            isOpen = false;
            wakeUp.shutOut();
            closeDescriptors();
            counters.close();
        }
    }

    private void closeHandles() {
        int busy;
        do {
            tellClosing(false); // what goes over others first: it may have something to send
            tellClosing(true);
            busy = closings.run();
            if (busy == 0 && closings.haveInFlight()) {
                dispatch(once(NO_LIMIT));
                busy = 1;
            }
        } while (busy > 0);
    }

    private void tellClosing(boolean withDescriptor) {
        for (int slot = 0; slot < slots.slots(); slot++) {
            Handle handle = slots.owner(slot);
            if (handle != null && handle.isOpen() && handle.descriptor >= 0 == withDescriptor) {
                try {
                    handle.onLoopClosing();
                } catch (Throwable t) {
                    threw(handle, t);
                }
            }
        }
    }

    private void cancelTimers() {
        Timer timer;
        while ((timer = timers.first()) != null) {
            timer.cancel();
        }
    }

    private void closeDescriptors() {
        wakeUp.close();
        backend.close();
    }

    /** Under -ea: true, or an error that says whose the loop is. Before it turned, nobody's. */
    boolean isOwner() {
        Thread other = owner;
        Thread here = Thread.currentThread();
        if (other == null || other == here || !other.isAlive()) {
            return true;
        }
        throw new AssertionError(
                here.getName() + " uses a loop that is " + other.getName() + "'s");
    }

    private boolean becomesOwner() {
        owner = Thread.currentThread();
        return true;
    }

    TimerHeap timers() {
        return timers;
    }

    boolean isClosed() {
        return isClosed;
    }

    boolean hasFreeSlot() {
        return slots.taken() < slots.slots();
    }

    /** A slot for one more: its token, or a code. */
    long takeSlot(Handle handle) {
        if (!isOpen || isClosed) {
            return ReturnCode.NOT_OPEN;
        }
        long token = slots.take(handle);
        counters.handles(slots.taken());
        return token;
    }

    void giveSlot(Handle handle) {
        slots.give(handle.index());
        counters.handles(slots.taken());
    }
}
