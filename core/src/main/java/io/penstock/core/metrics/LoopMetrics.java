package io.penstock.core.metrics;

/**
 * The counters of an event loop. An offset counts from the block's first counter.
 *
 * <pre>
 *     0 +-------------+
 *       | turns       |  turns made
 *     8 +-------------+
 *       | wait_ns     |  time spent waiting for events
 *    16 +-------------+
 *       | busy_ns     |  time spent in callbacks
 *    24 +-------------+
 *       | turn_ns_max |  longest turn, without its waiting
 *    32 +-------------+
 *       | events      |  events delivered
 *    40 +-------------+
 *       | timers      |  timers fired
 *    48 +-------------+
 *       | tasks       |  tasks run
 *    56 +-------------+
 *       | ready       |  handles taken off the ready list
 *    64 +-------------+
 *       | wakeups     |  times that another thread woke the loop
 *    72 +-------------+
 *       | handles     |  handles open
 *    80 +-------------+
 *       | error       |  failures of the loop itself
 *    88 +-------------+
 *       | threw       |  callbacks that threw
 *    96 +-------------+
 * </pre>
 *
 * <p><b>Threading</b>: one writer a block, readers of any thread or process.
 * <b>Allocation</b>: none.
 */
public final class LoopMetrics {
    /** Where {@code turns} is: turns made. */
    public static final int TURNS_OFFSET = 0;
    /** Where {@code wait_ns} is: time spent waiting for events. */
    public static final int WAIT_NS_OFFSET = 8;
    /** Where {@code busy_ns} is: time spent in callbacks. */
    public static final int BUSY_NS_OFFSET = 16;
    /** Where {@code turn_ns_max} is: longest turn, without its waiting. */
    public static final int TURN_NS_MAX_OFFSET = 24;
    /** Where {@code events} is: events delivered. */
    public static final int EVENTS_OFFSET = 32;
    /** Where {@code timers} is: timers fired. */
    public static final int TIMERS_OFFSET = 40;
    /** Where {@code tasks} is: tasks run. */
    public static final int TASKS_OFFSET = 48;
    /** Where {@code ready} is: handles taken off the ready list. */
    public static final int READY_OFFSET = 56;
    /** Where {@code wakeups} is: times that another thread woke the loop. */
    public static final int WAKEUPS_OFFSET = 64;
    /** Where {@code handles} is: handles open. */
    public static final int HANDLES_OFFSET = 72;
    /** Where {@code error} is: failures of the loop itself. */
    public static final int ERROR_OFFSET = 80;
    /** Where {@code threw} is: callbacks that threw. */
    public static final int THREW_OFFSET = 88;

    /** The type. */
    public static final MetricsType TYPE = MetricsType.named("loop")
            .counter("turns", "{turn}")
            .counter("wait_ns", "ns")
            .counter("busy_ns", "ns")
            .maximum("turn_ns_max", "ns")
            .counter("events", "{event}")
            .counter("timers", "{timer}")
            .counter("tasks", "{task}")
            .counter("ready", "{handle}")
            .counter("wakeups", "{wakeup}")
            .gauge("handles", "{handle}")
            .counter("error", "{error}")
            .counter("threw", "{callback}")
            .build();

    private LoopMetrics() {
    }
}
