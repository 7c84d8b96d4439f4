package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import io.penstock.tls.openssl.Crypto;
import java.lang.ref.Reference;

/**
 * The file by which processes share a {@link SelfSigned}: its key and its certificate, in PEM. Only
 * its owner can read it, also while it is written.
 */
final class IdentityFile {
    private static final int FILE_MODE = 0600;
    private static final int OTHERS = 077;

    private final Posix posix;
    private final WholeFile file;
    private NativeBuffer key;
    private NativeBuffer certificate;

    IdentityFile(Posix posix) {
        this.posix = posix;
        file = new WholeFile(posix);
    }

    /** The key that was loaded, or null. */
    NativeBuffer key() {
        return key;
    }

    /** The certificate that was loaded, or null. */
    NativeBuffer certificate() {
        return certificate;
    }

    /** Reads the file: 0 or a code; after a code too there may be a key to wipe. */
    int load(String path) {
        int rc = file.read(path, Linux.O_NOFOLLOW);
        if (rc < 0) {
            return rc == -Errno.ETXTBSY ? ReturnCode.TLS_KEY_UNREADABLE : rc;
        }
        boolean isOurs = file.owner() == posix.geteuid() && (file.mode() & OTHERS) == 0;
        rc = isOurs ? take() : ReturnCode.TLS_KEY_EXPOSED;
        file.wipe();
        return rc;
    }

    private int take() {
        PemBlocks blocks = new PemBlocks(file.contents(), file.lengthBytes());
        while (blocks.next()) {
            if (PemKind.KEY.isOf(blocks.label()) && key == null) {
                key = copy(blocks);
            } else if (PemKind.CERTIFICATE.isOf(blocks.label()) && certificate == null) {
                certificate = copy(blocks);
            } else {
                return ReturnCode.TLS_KEY_UNREADABLE; // a file of something else
            }
        }
        if (key == null || blocks.fault() != null) {
            return ReturnCode.TLS_KEY_UNREADABLE;
        }
        return certificate == null ? ReturnCode.TLS_CERTIFICATE_UNREADABLE : match();
    }

    private NativeBuffer copy(PemBlocks blocks) {
        NativeBuffer copy = NativeBuffer.allocate(blocks.lengthBytes());
        copy.putBytes(0, file.contents(), blocks.start(), blocks.lengthBytes());
        return copy;
    }

    private int match() {
        NativeBuffer passphrase = NativeBuffer.cString(""); // else the terminal is asked
        long pair = parse(PemKind.KEY, key, passphrase.addressOffset());
        long signed = parse(PemKind.CERTIFICATE, certificate, 0);
        int rc = pair == 0 ? ReturnCode.TLS_KEY_UNREADABLE
                : signed == 0 ? ReturnCode.TLS_CERTIFICATE_UNREADABLE
                : Crypto.X509_check_private_key(signed, pair) == 1 ? 0
                : ReturnCode.TLS_KEY_MISMATCH;
        if (pair != 0) {
            PemKind.KEY.free(pair);
        }
        if (signed != 0) {
            PemKind.CERTIFICATE.free(signed);
        }
        Reference.reachabilityFence(passphrase);
        Crypto.ERR_clear_error();
        return rc;
    }

    private static long parse(PemKind kind, NativeBuffer text, long passphrase) {
        long bio = Crypto.BIO_new_mem_buf(text.addressOffset(), text.capacity());
        long object = bio == 0 ? 0 : kind.parse(bio, passphrase);
        if (bio != 0) {
            Crypto.BIO_free(bio);
        }
        Reference.reachabilityFence(text);
        return object;
    }

    /** Writes the file: 0, or a code, and nothing has changed. */
    static int save(Posix posix, String path, NativeBuffer key, NativeBuffer certificate) {
        if (!NativeBuffer.isCString(path)) {
            return ReturnCode.BAD_ARGUMENT;
        }
        NativeBuffer name = NativeBuffer.cString(path);
        NativeBuffer temporary = NativeBuffer.cString(path + ".tmp." + suffix());
        int fd = posix.openat(Linux.AT_FDCWD, temporary.addressOffset(),
                Linux.O_WRONLY | Linux.O_CREAT | Linux.O_EXCL | Linux.O_CLOEXEC, FILE_MODE);
        int rc = fd < 0 ? fd : write(posix, fd, key);
        rc = rc < 0 ? rc : write(posix, fd, certificate);
        rc = rc < 0 ? rc : posix.renameat2(Linux.AT_FDCWD, temporary.addressOffset(),
                Linux.AT_FDCWD, name.addressOffset(), 0);
        if (fd >= 0) {
            posix.close(fd);
            if (rc < 0) {
                posix.unlinkat(Linux.AT_FDCWD, temporary.addressOffset(), 0);
            }
        }
        Reference.reachabilityFence(name);
        Reference.reachabilityFence(temporary);
        return Math.min(0, rc);
    }

    /** A random suffix: nobody can create a file of that name before, and no two are the same. */
    private static String suffix() {
        NativeBuffer random = NativeBuffer.allocate(Long.BYTES);
        Crypto.RAND_bytes(random.addressOffset(), Long.BYTES);
        return Long.toHexString(random.getLong(0));
    }

    private static int write(Posix posix, int fd, NativeBuffer text) {
        int done = 0;
        while (done < text.capacity()) {
            long n = posix.write(fd, text.addressOffset() + done, text.capacity() - done);
            if (n <= 0) {
                return n < 0 ? (int) n : -Errno.EIO;
            }
            done += (int) n;
        }
        Reference.reachabilityFence(text);
        return 0;
    }
}
