package io.penstock.core.loop;

/** Called by a {@link Timer}. */
@FunctionalInterface
public interface TimerHandler {
    /**
     * The deadline of a timer has passed.
     *
     * @param timer the timer; the handler may start it again
     */
    void onTimer(Timer timer);
}
