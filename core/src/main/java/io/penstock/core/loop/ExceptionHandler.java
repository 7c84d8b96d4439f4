package io.penstock.core.loop;

/**
 * Receives the exceptions of callbacks, so that an exception closes the callback's handle and no
 * other; see {@link LoopConfig#onException}.
 *
 * <p><b>Threading</b>: called in the loop's thread, from inside a turn or {@link EventLoop#close},
 * before the next callback.
 */
@FunctionalInterface
public interface ExceptionHandler {
    /**
     * A callback has thrown. An {@link Error} comes here too. An exception that this method throws
     * leaves {@link EventLoop#run} at the end of the turn, and so may end the program.
     *
     * @param handle the handle that the callback belongs to. It is closing by now: its
     *     {@code onClose} follows with {@link io.penstock.core.ReturnCode#CALLBACK_THREW}, or with
     *     an earlier code if the handle was closing already. Null if the callback belongs to no
     *     handle: a timer's, a task, a check hook, a lookup's, a resolver's connector
     * @param thrown what the callback threw
     */
    void onException(Handle handle, Throwable thrown);
}
