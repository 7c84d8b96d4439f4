package io.penstock.core.loop;

/** What a {@link Timer} calls. */
@FunctionalInterface
public interface TimerHandler {
    /**
     * The deadline has passed.
     *
     * @param timer which; it may be started again
     */
    void onTimer(Timer timer);
}
