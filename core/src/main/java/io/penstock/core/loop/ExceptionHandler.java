package io.penstock.core.loop;

/**
 * Receives what callbacks throw, so that an exception closes the callback's handle and no other;
 * see {@link LoopConfig#onException}.
 *
 * <p><b>Threading</b>: called in the loop's thread, from inside a turn or {@link EventLoop#close},
 * before the next callback.
 */
@FunctionalInterface
public interface ExceptionHandler {
    /**
     * A callback has thrown. Errors come here too: throw what the program should not survive, and
     * it leaves {@link EventLoop#run} at the end of the turn.
     *
     * @param handle which the callback belongs to, closing by now: its {@code onClose} follows
     *     with {@link io.penstock.core.ReturnCode#CALLBACK_THREW}, unless it had begun to close
     *     before. Null if the callback belongs to no handle: a timer's, a task, a check hook, a
     *     lookup's, a resolver's connector
     * @param thrown what it threw
     */
    void onException(Handle handle, Throwable thrown);
}
