package io.penstock.tls;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.tls.openssl.Crypto;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.DirectBuffer;

/**
 * Where PEM comes from: a file, which is read again at every reload, the files of a folder, or
 * memory. What is read is wiped once it is parsed, for it may be a key.
 */
final class Pem {
    private final Path path;
    private final NativeBuffer memory;

    private Pem(Path path, NativeBuffer memory) {
        this.path = path;
        this.memory = memory;
    }

    static Pem at(String path) {
        return new Pem(Path.of(path), null);
    }

    static Pem in(DirectBuffer buffer, int offset, int length) {
        NativeBuffer copy = NativeBuffer.allocate(length);
        copy.putBytes(0, buffer, offset, length);
        return new Pem(null, copy);
    }

    /** Takes what a BIO over the text yields. */
    @FunctionalInterface
    interface Reader {
        /** Answers how many things it found, or a code. */
        int read(long bio);
    }

    /** Reads all of it: how many things were found, or a code; {@code unreadable} for none. */
    int read(Reader reader, int unreadable) {
        if (memory != null) {
            return read(memory, reader);
        }
        int found = 0;
        for (Path file : files()) {
            int n = read(file, reader, unreadable);
            if (n < 0) {
                return n;
            }
            found += n;
        }
        return found;
    }

    private List<Path> files() {
        if (!Files.isDirectory(path)) {
            return List.of(path);
        }
        List<Path> files = new ArrayList<>();
        try (var entries = Files.newDirectoryStream(path, Files::isRegularFile)) {
            entries.forEach(files::add);
        } catch (IOException e) {
            files.clear(); // nothing can be read there, as the caller will say
        }
        return files;
    }

    private static int read(Path file, Reader reader, int unreadable) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (IOException e) {
            return unreadable;
        }
        if (bytes.length == 0) {
            return 0;
        }
        NativeBuffer buffer = NativeBuffer.allocate(bytes.length);
        buffer.putBytes(0, bytes);
        Arrays.fill(bytes, (byte) 0);
        int found = read(buffer, reader);
        buffer.setMemory(0, buffer.capacity(), (byte) 0);
        return found;
    }

    private static int read(NativeBuffer buffer, Reader reader) {
        long bio = Crypto.BIO_new_mem_buf(buffer.addressOffset(), buffer.capacity());
        int found = reader.read(bio);
        Crypto.BIO_free(bio);
        Reference.reachabilityFence(buffer);
        Crypto.ERR_clear_error(); // the end of the text is an error to the library
        return found;
    }
}
