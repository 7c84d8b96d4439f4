package io.penstock.tls;

import io.penstock.core.buffer.NativeBuffer;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;

/**
 * Where PEM comes from: a file, which is read again at every reload, the files of a folder, memory,
 * or an identity, whose memory is its own until it wipes it.
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
