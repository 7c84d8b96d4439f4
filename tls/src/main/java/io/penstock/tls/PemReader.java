package io.penstock.tls;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Posix;
import io.penstock.tls.openssl.Crypto;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the blocks of PEM of one kind, and skips blocks of other kinds. A damaged text is a code,
 * and the diagnosis says in which file and block. Every file must hold at least one block of the
 * kind, also those of a folder: nobody would miss a certificate that could not be read until a peer
 * is refused.
 */
final class PemReader {
    private static final byte DER_SEQUENCE = 0x30;

    private final WholeFile file;
    private final Diagnosis diagnosis;

    PemReader(Posix posix, Diagnosis diagnosis) {
        file = new WholeFile(posix);
        this.diagnosis = diagnosis;
    }

    /** Takes the objects of the blocks. */
    @FunctionalInterface
    interface Taker {
        /** Takes one object, which is freed afterwards: 0 or a code. */
        int take(long object, int before);
    }

    /**
     * Reads all blocks of a source.
     *
     * @param passphrase the address of a C string, for a key; 0 else
     * @param unreadable the code for a source that is missing, damaged, or holds no block
     * @return 0; {@code unreadable}; or the code of the taker
     */
    int read(Pem pem, PemKind kind, long passphrase, int unreadable, Taker taker) {
        Reading reading = new Reading(kind, passphrase, unreadable, taker);
        if (pem.path() == null) {
            NativeBuffer memory = pem.memory().get();
            return memory == null ? diagnosis.of(unreadable, "an identity that is not there yet,"
                    + " or is closed") : reading.blocks("memory", memory, memory.capacity());
        }
        if (!pem.mayBeFolder() || !isFolder(pem.path())) {
            return reading.file(pem.path());
        }
        List<String> files = files(pem.path());
        int rc = files == null || files.isEmpty()
                ? diagnosis.of(unreadable, pem.path() + ": a folder without files") : 0;
        for (int i = 0; rc == 0 && i < files.size(); i++) {
            rc = reading.file(files.get(i));
        }
        return rc;
    }

    private static boolean isFolder(String path) {
        return !path.isEmpty() && NativeBuffer.isCString(path) && Files.isDirectory(Path.of(path));
    }

    /** The files of a folder in order, without hidden ones; null if it cannot be listed. */
    private static List<String> files(String folder) {
        List<String> files = new ArrayList<>();
        try (var entries = Files.newDirectoryStream(Path.of(folder))) {
            for (Path entry : entries) {
                if (!entry.getFileName().toString().startsWith(".")
                        && !Files.isDirectory(entry)) {
                    files.add(entry.toString());
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            return null;
        }
        files.sort(null);
        return files;
    }

    /** The reading of one file or memory. */
    private final class Reading {
        private final PemKind kind;
        private final long passphrase;
        private final int unreadable;
        private final Taker taker;
        private int taken;

        Reading(PemKind kind, long passphrase, int unreadable, Taker taker) {
            this.kind = kind;
            this.passphrase = passphrase;
            this.unreadable = unreadable;
            this.taker = taker;
        }

        int file(String path) {
            int rc = file.read(path, 0);
            if (rc < 0) {
                return diagnosis.of(unreadable, path, rc);
            }
            rc = blocks(path, file.contents(), file.lengthBytes());
            file.wipe();
            return rc;
        }

        int blocks(String name, NativeBuffer text, int length) {
            PemBlocks blocks = new PemBlocks(text, length);
            int before = taken;
            int rc = 0;
            while (rc == 0 && blocks.next()) {
                if (kind.isOf(blocks.label())) {
                    rc = block(name + ", block " + blocks.number(),
                            text.addressOffset() + blocks.start(), blocks.lengthBytes());
                }
            }
            boolean isDer = length > 0 && text.getByte(0) == DER_SEQUENCE;
            Reference.reachabilityFence(text);
            if (rc == 0 && blocks.fault() != null) {
                return diagnosis.of(unreadable, name + ", " + blocks.fault());
            }
            return rc < 0 || taken > before ? rc : diagnosis.of(unreadable, name + ": no "
                    + kind.noun + " in PEM" + (isDer ? "; it may be DER" : ""));
        }

        private int block(String name, long address, int length) {
            Crypto.ERR_clear_error();
            long bio = Crypto.BIO_new_mem_buf(address, length);
            long object = bio == 0 ? 0 : kind.parse(bio, passphrase);
            if (bio != 0) {
                Crypto.BIO_free(bio);
            }
            if (object == 0) {
                return diagnosis.ofLibrary(unreadable, name);
            }
            int rc = taker.take(object, taken);
            taken++;
            kind.free(object);
            return rc < 0 ? diagnosis.ofLibrary(rc, name) : 0;
        }
    }
}
