package io.penstock.tls;

import io.penstock.core.buffer.NativeBuffer;
import java.util.Objects;

/**
 * Calls the handler of a DTLS connection. A callback that throws harms that connection alone: each
 * method returns all the same, and the caller goes on as if the callback had returned, and looks
 * whether the connection is still open.
 */
final class DtlsCallbacks {
    private final DtlsConnection connection;
    private final DtlsHandler handler;

    DtlsCallbacks(DtlsConnection connection, DtlsHandler handler) {
        this.connection = connection;
        this.handler = Objects.requireNonNull(handler);
    }

    void onOpen() {
        try {
            handler.onOpen(connection);
        } catch (Throwable t) {
            connection.threw(t);
        }
    }

    void onData(NativeBuffer buffer, int length) {
        try {
            handler.onData(connection, buffer, 0, length);
        } catch (Throwable t) {
            connection.threw(t);
        }
    }

    void onWritable() {
        try {
            handler.onWritable(connection);
        } catch (Throwable t) {
            connection.threw(t);
        }
    }

    void onClose(int result) {
        try {
            handler.onClose(connection, result);
        } catch (Throwable t) {
            connection.threw(t);
        }
    }
}
