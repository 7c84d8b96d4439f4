package io.penstock.tls;

import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import java.util.Objects;
import org.agrona.DirectBuffer;

/**
 * Stands before the handler of a {@link TlsStream}, for the loop calls its onClose when the stream
 * itself has nothing left, and the user's waits for what is below, too.
 */
final class OnCloseLast implements StreamHandler {
    private final StreamHandler user;

    OnCloseLast(StreamHandler user) {
        this.user = Objects.requireNonNull(user);
    }

    @Override
    public void onOpen(Stream stream) {
        user.onOpen(stream);
    }

    @Override
    public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
        user.onData(stream, buffer, offset, length);
    }

    @Override
    public void onWritable(Stream stream) {
        user.onWritable(stream);
    }

    @Override
    public void onEnd(Stream stream) {
        user.onEnd(stream);
    }

    @Override
    public void onClose(Stream stream, int result) {
        ((TlsStream) stream).givenBack(result);
    }
}
