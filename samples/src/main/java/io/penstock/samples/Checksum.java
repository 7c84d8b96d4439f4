package io.penstock.samples;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/** A digest of what passes through one buffer. */
abstract class Checksum {
    /** By its name on the command line; null if there is none of that name. */
    static Checksum of(String name, ByteBuffer bytes) {
        return switch (name) {
            case "crc32" -> new Crc(new CRC32(), bytes);
            case "crc32c" -> new Crc(new CRC32C(), bytes);
            case "md5" -> new Digest("MD5", bytes);
            case "sha256" -> new Digest("SHA-256", bytes);
            default -> null;
        };
    }

    /** Takes in the first {@code length} of the bytes. */
    abstract void update(int length);

    abstract String hex();

    private static final class Crc extends Checksum {
        private final java.util.zip.Checksum crc;
        private final ByteBuffer bytes;

        Crc(java.util.zip.Checksum crc, ByteBuffer bytes) {
            this.crc = crc;
            this.bytes = bytes;
        }

        @Override
        void update(int length) {
            crc.update(bytes.position(0).limit(length));
        }

        @Override
        String hex() {
            return HexFormat.of().toHexDigits((int) crc.getValue());
        }
    }

    private static final class Digest extends Checksum {
        private final MessageDigest digest;
        private final ByteBuffer bytes;

        Digest(String algorithm, ByteBuffer bytes) {
            try {
                digest = MessageDigest.getInstance(algorithm);
            } catch (NoSuchAlgorithmException e) {
                throw new AssertionError(e); // every JDK has them
            }
            this.bytes = bytes;
        }

        @Override
        void update(int length) {
            digest.update(bytes.position(0).limit(length));
        }

        @Override
        String hex() {
            return HexFormat.of().formatHex(digest.digest());
        }
    }
}
