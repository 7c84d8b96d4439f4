package io.penstock.samples;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.tls.Digest;
import io.penstock.tls.DigestAlgorithm;
import io.penstock.tls.OpenSsl;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/** A digest of what passes through one buffer: of OpenSSL, or a CRC of the JDK. */
abstract class Checksum {
    static final String NAMES = "crc32, crc32c, md5, sha224, sha256, sha384, sha512, sha512-256,"
            + " sha3-224, sha3-256, sha3-384, sha3-512, blake2s, blake2b";

    /** Whether there is one of that name. */
    static boolean isKnown(String name) {
        return (" " + NAMES + ",").contains(" " + name + ",");
    }

    /** By its name on the command line. */
    static Checksum of(String name, ByteBuffer bytes, NativeBuffer buffer) {
        return switch (name) {
            case "crc32" -> new Crc(new CRC32(), bytes);
            case "crc32c" -> new Crc(new CRC32C(), bytes);
            default -> new Hash(name, buffer);
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

    private static final class Hash extends Checksum {
        private final NativeBuffer bytes;
        private final Digest digest;
        private final int lengthBytes;

        Hash(String name, NativeBuffer bytes) {
            this.bytes = bytes;
            DigestAlgorithm algorithm = algorithm(name);
            lengthBytes = algorithm.lengthBytes();
            digest = new Digest(algorithm);
            int rc = digest.open();
            if (rc < 0) {
                throw new Exit(Exit.FAILURE, "count: --digest " + name + ": "
                        + ReturnCode.describe(rc) + "\n" + OpenSsl.tried());
            }
        }

        private static DigestAlgorithm algorithm(String name) {
            return switch (name) {
                case "md5" -> DigestAlgorithm.MD5;
                case "sha224" -> DigestAlgorithm.SHA_224;
                case "sha256" -> DigestAlgorithm.SHA_256;
                case "sha384" -> DigestAlgorithm.SHA_384;
                case "sha512" -> DigestAlgorithm.SHA_512;
                case "sha512-256" -> DigestAlgorithm.SHA_512_256;
                case "sha3-224" -> DigestAlgorithm.SHA3_224;
                case "sha3-256" -> DigestAlgorithm.SHA3_256;
                case "sha3-384" -> DigestAlgorithm.SHA3_384;
                case "sha3-512" -> DigestAlgorithm.SHA3_512;
                case "blake2s" -> DigestAlgorithm.BLAKE2S_256;
                default -> DigestAlgorithm.BLAKE2B_512;
            };
        }

        @Override
        void update(int length) {
            require(digest.update(bytes, 0, length));
        }

        @Override
        String hex() {
            NativeBuffer result = NativeBuffer.allocate(lengthBytes);
            require(digest.finish(result, 0));
            byte[] copy = new byte[lengthBytes];
            result.getBytes(0, copy);
            digest.close();
            return HexFormat.of().formatHex(copy);
        }

        private static void require(int rc) {
            Tools.require(rc, "count: --digest");
        }
    }
}
