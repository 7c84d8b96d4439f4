package io.penstock.tls;

import io.penstock.core.buffer.NativeBuffer;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;

/**
 * A source of PEM: a file or the files of a folder, read again at every reload; memory; or an
 * identity, whose memory is shared until the identity wipes it.
 */
record Pem(String path, boolean mayBeFolder, Supplier<NativeBuffer> memory) {
    static Pem at(String path) {
        return new Pem(path, false, null);
    }

    static Pem in(String path) {
        return new Pem(path, true, null);
    }

    static Pem of(DirectBuffer buffer, int offset, int length) {
        NativeBuffer copy = NativeBuffer.allocate(length);
        copy.putBytes(0, buffer, offset, length);
        return new Pem(null, false, () -> copy);
    }

    static Pem of(Supplier<NativeBuffer> memory) {
        return new Pem(null, false, memory);
    }
}
