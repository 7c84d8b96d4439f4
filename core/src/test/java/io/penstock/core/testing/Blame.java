package io.penstock.core.testing;

import io.penstock.core.loop.ExceptionHandler;
import io.penstock.core.loop.Handle;
import java.util.ArrayList;
import java.util.List;

/** An exception handler that writes down what it is told. */
public final class Blame implements ExceptionHandler {
    /** Who was charged, one for each call. */
    public final List<Handle> handles = new ArrayList<>();
    /** What was thrown. */
    public final List<Throwable> thrown = new ArrayList<>();

    @Override
    public void onException(Handle handle, Throwable t) {
        handles.add(handle);
        thrown.add(t);
    }
}
