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
 * The event loop of one thread. A turn has these phases, in this order:
 *
 * <pre>
 *   timers          runs the timers whose deadline has passed
 *   tasks           runs the tasks of other threads ({@link #execute})
 *   poll            waits for I/O, not past the next deadline, and serves the ready handles
 *   ready list      runs the handles that have more to do without the kernel
 *   check hooks     runs the hooks of {@link #addCheck}
 *   close callbacks gives back what closed handles had, then calls their onClose
 * </pre>
 *
 * <p>A turn does not wait while tasks, the ready list or closings are pending. No callback runs
 * inside a call that you make. A callback that throws does not stop the other callbacks; see
 * {@link LoopConfig#onException}.
 *
 * <p>A loop that was opened must be closed. A loop that is dropped without {@link #close} keeps its
 * two descriptors, and those of its handles, until the process ends; no cleaner closes them.
 *
 * <p><b>Threading</b>: the thread that runs the loop; {@link #execute}, {@link #wakeUp} and
 * {@link #stop}: any thread. <b>Allocation</b>: none after {@link #open}.
 */
public final class EventLoop extends Home implements AutoCloseable {
    /** For {@link #runOnce}: wait until there is work. */
    public static final long NO_LIMIT = Long.MAX_VALUE;

    // With more events a wait, a socket leaves the CPU's caches before the loop reads it.
    private static final int MAX_EVENTS = 256;

    // Fills the task queue of a closed loop.
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
    private volatile boolean isClosed; // refuses handles, tasks and timers from then on
    private boolean isTurning;
    private boolean closesAfterTurn;
    private Throwable thrown; // leaves the loop at the end of the turn
    private int alive;
    private long nowNs;
    private long endedNs; // when the last turn ended
    private Thread owner;
    private volatile boolean isStopped;

    /**
     * A loop with the capacities of a configuration.
     *
     * @param config read by this constructor; later changes have no effect
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
        // A block for each handle, and a few for the loop's counters and the aggregates.
        counters = new LoopCounters(config.metrics == null
                ? new MetricsRegion(config.handles + 64) : config.metrics, config.name);
        operations = new Operations(this, backend, config.handles);
        ready = new ReadyList(this, config.handles);
        closings = new Closings(this, config.handles);
        nowNs = clock.nanoTime();
    }

    /**
     * Opens the loop.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @return 0, {@link ReturnCode#ALREADY_OPEN}, {@link ReturnCode#CLOSED} (a closed loop cannot
     *     be opened again), {@link ReturnCode#UNSUPPORTED_PLATFORM},
     *     {@link ReturnCode#METRICS_EXHAUSTED} or {@code -errno}
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
     *     callback, or the {@code -errno} of {@link #runOnce}
     */
    public int run() {
        int rc = mayTurn();
        if (rc < 0) {
            return rc;
        }
        endedNs = clock.nanoTime(); // a turn begins when the one before it ends: saves a clock read
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
     *     callback, or the {@code -errno} of {@link #runOnce}
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

    /** Refuses a turn inside a turn, which would call a handler that has not yet returned. */
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
     * @param timeoutNs how long the turn may wait; 0 for no wait, {@link #NO_LIMIT} or negative for
     *     no limit
     * @return the number of timers, tasks, events, ready handles and closings that the turn ran, or
     *     {@link ReturnCode#NOT_OPEN}, {@link ReturnCode#NESTED_TURN} from inside a callback, or
     *     the back end's {@code -errno}
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
            nowNs = clock.nanoTime(); // a poll without a wait takes negligible time
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
        long sequence = timers.sequence(); // timers started below wait for the next turn
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
        // A thread that offers a task after this check sees that the loop waits, and wakes it up.
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

    /** The back end refused the operations of a handle. */
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
        } catch (Throwable t) { // of the loop itself: callers of callbacks catch theirs
            threw(handle, t);
        }
    }

    @Override
    void perform(Handle handle, int readiness) {
        backend.perform(handle, readiness);
    }

    private void runChecks() {
        for (int i = 0; i < checkCount; i++) {
            run(checks[i]);
        }
    }

    /**
     * A callback has thrown: the exception is counted, and affects the callback's handle alone. The
     * caller of the callback goes on as if the callback had returned, and so completes its own
     * work.
     */
    @Override
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

    /**
     * Keeps exceptions until the end of the turn: the first is thrown, the others are suppressed in
     * it.
     */
    private void throwLater(Throwable t) {
        if (thrown == null) {
            thrown = t;
        } else if (thrown != t) {
            thrown.addSuppressed(t);
        }
        if (!isTurning) {
            throwIt(); // a handler was called outside a turn
        }
    }

    private void throwIt() {
        Throwable t = thrown;
        thrown = null;
        throwAsItIs(t);
    }

    /** Throws an exception unchanged, even a checked one that no method declares. */
    static void throwAsItIs(Throwable t) {
        EventLoop.<RuntimeException>throwAs(t);
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void throwAs(Throwable t) throws T {
        throw (T) t;
    }

    /**
     * Runs a task in the loop's thread, in its next turn. If the loop closes before that,
     * {@link #close} runs the task, in the thread that closes.
     *
     * <p><b>Threading</b>: any thread, at any time.
     *
     * @param task run once; if the task throws, see {@link LoopConfig#onException}
     * @return 0: the task will run; {@link ReturnCode#TASKS_EXHAUSTED} if the queue is full;
     *     {@link ReturnCode#CLOSED}
     */
    public int execute(Runnable task) {
        if (isClosed) {
            return ReturnCode.CLOSED;
        }
        if (!tasks.offer(task)) { // close may have filled the queue meanwhile
            return isClosed ? ReturnCode.CLOSED : ReturnCode.TASKS_EXHAUSTED;
        }
        wakeUp.wakeUpIfWaiting();
        return 0;
    }

    /**
     * Ends the wait of the current turn, if the loop waits.
     *
     * <p><b>Threading</b>: any thread, at any time.
     *
     * @return 0, {@link ReturnCode#NOT_OPEN}, {@link ReturnCode#CLOSED} or {@code -errno}
     */
    public int wakeUp() {
        int rc = wakeUp.wakeUp();
        return rc == ReturnCode.NOT_OPEN && isClosed ? ReturnCode.CLOSED : rc;
    }

    /**
     * Makes {@link #run} return after the current turn, and {@link #runOnce} return without a wait.
     * Handles stay open. A stop ends one call of {@code run} or {@code runOnce}, even a call that
     * throws. If neither is running, the next {@link #run} returns at once, without a turn, or the
     * next {@link #runOnce} does not wait. {@link #open} clears a stop.
     *
     * <p><b>Threading</b>: any thread, at any time.
     */
    public void stop() {
        isStopped = true;
        wakeUp.wakeUpIfWaiting();
    }

    /**
     * Runs a hook at the end of every turn, after the handles and before the closings.
     *
     * @param hook run once a turn; if the hook throws, see {@link LoopConfig#onException}
     * @return 0 or {@link ReturnCode#CHECKS_EXHAUSTED}
     */
    public int addCheck(Runnable hook) {
        if (checkCount == checks.length) {
            return ReturnCode.CHECKS_EXHAUSTED;
        }
        checks[checkCount++] = hook;
        return 0;
    }

    /**
     * Keeps {@link #run} from ending until {@link #release}; each call needs a release of its own.
     * Open handles and pending timers keep it from ending by themselves.
     */
    @Override
    public void keepAlive() {
        alive++;
    }

    /** Undoes one {@link #keepAlive}. */
    @Override
    public void release() {
        alive--;
    }

    /**
     * The open handle of a token.
     *
     * @param token of {@link Handle#token}
     * @return the handle; null if it has closed
     */
    public Handle handle(long token) {
        return slots.open(token);
    }

    /**
     * The loop's current time. Within a turn this is the clock as it was last read: at the start of
     * the turn, after timers and tasks, or after the wait. Outside a turn the clock is read.
     *
     * @return nanoseconds of the loop's clock
     */
    @Override
    public long nowNs() {
        return isTurning ? nowNs : clock.nanoTime();
    }

    /**
     * A descriptor that is readable when a turn would find I/O or a task, for embedding the loop in
     * another poller. That poller must also wait no longer than {@link #nextDeadlineNs}, which is 0
     * while handles have changed their operations. After the first call of this method, every
     * {@link #execute} writes the loop's wake-up descriptor.
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
     * The time at which a turn has work other than I/O.
     *
     * @return 0 if there is such work now; else the deadline of the next timer, a time of
     *     {@link #nowNs}; {@link #NO_LIMIT} if no timer is pending
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
     * How many handles may be open at once.
     *
     * @return the value of {@link LoopConfig}, or its default
     */
    public int handles() {
        return slots.slots();
    }

    /**
     * The operating system that the loop uses.
     *
     * @return the value of {@link LoopConfig}, or its default
     */
    public Posix posix() {
        return posix;
    }

    /**
     * The region that holds the counters of the loop and its handles.
     *
     * @return the value of {@link LoopConfig}, or its default
     */
    public MetricsRegion region() {
        return counters.region();
    }

    /**
     * The block that accumulates the counters of closed handles of a type, except a listener's
     * connections.
     *
     * <p><b>Allocation</b>: at the first call for a type.
     *
     * @param type of the handles
     * @return a block of {@link #region}, {@link ReturnCode#METRICS_EXHAUSTED}, or a code of
     *     {@link MetricsRegion#register}
     */
    @Override
    public int aggregate(MetricsType type) {
        return counters.aggregate(type);
    }

    /**
     * The memory that streams read into, unless they have memory of their own.
     *
     * @return memory that all streams share; bytes in it are valid within one callback
     */
    public NativeBuffer readBuffer() {
        return readBuffer;
    }

    /**
     * The memory that holds the loop's own counters.
     *
     * @return the memory, null before the loop was open; see {@link LoopMetrics}
     */
    public DirectBuffer metrics() {
        return counters.buffer();
    }

    /**
     * The offset of the loop's counters in {@link #metrics}.
     *
     * @return an offset
     */
    public int metricsOffset() {
        return counters.offset();
    }

    /**
     * Runs the tasks that were accepted, closes every handle, which calls its {@code onClose}, and
     * gives everything back to the system. From then on the loop refuses tasks, timers and handles.
     * In a callback, closing is put off to the end of the turn. Handles over other handles, such as
     * TLS streams, close first, so that they can still send their goodbye, if the socket takes it
     * at once. Exceptions of callbacks are treated as in a turn ({@link LoopConfig#onException}):
     * without an exception handler the first one leaves this call, after everything is given back.
     *
     * <p>Closing never fails, so try-with-resources can do it.
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
        assert becomesOwner(); // the thread that closes the loop owns it last
        if (!isClosed) {
            isTurning = true; // makes close() in a handler below return at once
            nowNs = clock.nanoTime();
            isClosed = true; // set before handlers run: one may try to reconnect
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
     * Runs the accepted tasks, and fills the queue with empty tasks for good. A thread that offers
     * a task meanwhile either finds the queue full, or its task is accepted and run.
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
            tellClosing(false); // handles over other handles first: they may have bytes to send
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

    /**
     * For assert: true if the calling thread may use the loop, else an error that names the loop's
     * thread. Before its first turn a loop has no thread.
     */
    @Override
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

    @Override
    boolean hasFreeSlot() {
        return slots.taken() < slots.slots();
    }

    @Override
    int enter(Handle handle) {
        if (!isOpen || isClosed) {
            return ReturnCode.NOT_OPEN;
        }
        long token = slots.take(handle);
        if (token < 0) {
            return (int) token;
        }
        handle.entered(token);
        counters.handles(slots.taken());
        return 0;
    }

    @Override
    void leave(Handle handle) {
        slots.give(handle.index());
        counters.handles(slots.taken());
    }

    @Override
    void setOperations(Handle handle, int wanted) {
        operations.set(handle, wanted);
    }

    @Override
    void cancelOperations(Handle handle) {
        operations.cancel(handle);
    }

    @Override
    void makeReady(Handle handle) {
        ready.add(handle);
    }

    @Override
    void close(Handle handle) {
        operations.cancel(handle);
        closings.add(handle);
    }
}
