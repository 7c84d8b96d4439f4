package io.penstock.tls;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
import org.agrona.DirectBuffer;

/**
 * Looks for a secret in the memory of this process. The secret is kept masked, or the search would
 * find itself.
 */
final class MemorySearch {
    private static final int MASK = 0x5a;
    private static final int FROM = 96; // in a key of P-256: a part of the secret, in base64
    private static final int LENGTH = 24;
    private static final int PIECE_BYTES = 1 << 20;

    private MemorySearch() {
    }

    /** What to look for of a key in PEM. */
    static byte[] masked(DirectBuffer key) {
        byte[] masked = new byte[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            masked[i] = (byte) (key.getByte(FROM + i) ^ MASK);
        }
        return masked;
    }

    /** How often it is there. */
    static int count(byte[] masked) throws IOException {
        Posix posix = Posix.system();
        NativeBuffer path = NativeBuffer.cString("/proc/self/mem");
        NativeBuffer iovec = NativeBuffer.allocate(Linux.IOVEC_BYTES);
        NativeBuffer piece = NativeBuffer.allocate(PIECE_BYTES);
        int fd = posix.openat(Linux.AT_FDCWD, path.addressOffset(), Linux.O_CLOEXEC, 0);
        int found = 0;
        for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
            String[] fields = line.split("[ -]");
            if (fields[2].startsWith("rw") && !line.contains("[v")) {
                long from = Long.parseUnsignedLong(fields[0], 16);
                long to = Long.parseUnsignedLong(fields[1], 16);
                for (long at = from; at < to; at += PIECE_BYTES - LENGTH) {
                    iovec.putLong(0, piece.addressOffset());
                    iovec.putLong(Long.BYTES, Math.min(PIECE_BYTES, to - at));
                    long n = posix.preadv2(fd, iovec.addressOffset(), 1, at, 0);
                    found += found(piece, (int) Math.max(0, n), at, masked);
                }
            }
        }
        piece.setMemory(0, PIECE_BYTES, (byte) 0);
        posix.close(fd);
        Reference.reachabilityFence(path);
        return found;
    }

    private static int found(NativeBuffer piece, int length, long at, byte[] masked) {
        boolean isPiece = at < piece.addressOffset() + PIECE_BYTES
                && at + length > piece.addressOffset();
        int found = 0;
        for (int i = 0; i + LENGTH <= length && !isPiece; i++) {
            int n = 0;
            while (n < LENGTH && piece.getByte(i + n) == (byte) (masked[n] ^ MASK)) {
                n++;
            }
            found += n == LENGTH ? 1 : 0;
        }
        return found;
    }
}
