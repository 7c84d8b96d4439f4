package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.testing.Allocation;
import io.penstock.tls.openssl.Live;
import java.lang.reflect.Proxy;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Random;
import javax.crypto.spec.SecretKeySpec;
import org.agrona.MutableDirectBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DigestTest {
    private static final int BYTES = 100_000;

    private final NativeBuffer bytes = NativeBuffer.allocate(BYTES);
    private final NativeBuffer result = NativeBuffer.allocate(128);
    private final byte[] copy = new byte[BYTES];
    private long live;

    @BeforeEach
    void fill() {
        new Random(5).nextBytes(copy);
        bytes.putBytes(0, copy);
        live = Live.count();
    }

    @AfterEach
    void everythingIsFreed() {
        assertEquals(live, Live.count());
    }

    private String hex(int length) {
        byte[] array = new byte[length];
        result.getBytes(0, array);
        return HexFormat.of().formatHex(array);
    }

    @ParameterizedTest
    @CsvSource({
        "MD5,MD5", "SHA_224,SHA-224", "SHA_256,SHA-256", "SHA_384,SHA-384", "SHA_512,SHA-512",
        "SHA_512_256,SHA-512/256", "SHA3_224,SHA3-224", "SHA3_256,SHA3-256",
        "SHA3_384,SHA3-384", "SHA3_512,SHA3-512",
    })
    void equalsTheJdksWhateverThePieces(DigestAlgorithm algorithm, String jdk)
            throws GeneralSecurityException {
        Random random = new Random(algorithm.ordinal());
        MessageDigest expected = MessageDigest.getInstance(jdk);
        try (Digest digest = new Digest(algorithm)) {
            assertEquals(0, digest.open());
            for (int round = 0; round < 20; round++) {
                int length = random.nextInt(BYTES);
                for (int at = 0; at < length; ) {
                    int n = Math.min(length - at, random.nextInt(3_000));
                    assertEquals(0, digest.update(bytes, at, n));
                    at += n;
                }
                expected.update(copy, 0, length);
                assertEquals(algorithm.lengthBytes(), digest.finish(result, 0));
                assertEquals(HexFormat.of().formatHex(expected.digest()),
                        hex(algorithm.lengthBytes()));
            }
        }
    }

    /** RFC 7693, appendices A and B; b2sum says the same. */
    @ParameterizedTest
    @CsvSource({
        "BLAKE2B_512,ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
            + "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
        "BLAKE2S_256,508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982",
    })
    void blakeOfAbc(DigestAlgorithm algorithm, String expected) {
        bytes.putStringWithoutLengthAscii(0, "abc");
        try (Digest digest = new Digest(algorithm)) {
            assertEquals(0, digest.open());
            int n = digest.digest(bytes, 0, 3, result, 0);
            assertEquals(expected, hex(n));
        }
    }

    @ParameterizedTest
    @CsvSource({"SHA_256,HmacSHA256", "SHA_512,HmacSHA512", "SHA3_256,HmacSHA3-256"})
    void macsEqualTheJdks(DigestAlgorithm algorithm, String jdk)
            throws GeneralSecurityException {
        javax.crypto.Mac expected = javax.crypto.Mac.getInstance(jdk);
        expected.init(new SecretKeySpec(copy, 0, 33, "any"));
        try (Mac mac = new Mac(algorithm)) {
            assertEquals(0, mac.open(bytes, 0, 33));
            for (int length = 0; length < 5_000; length += 311) {
                assertEquals(0, mac.update(bytes, 7, length / 2));
                assertEquals(0, mac.update(bytes, 7 + length / 2, length - length / 2));
                int n = mac.finish(result, 0);
                expected.update(copy, 7, length);
                assertEquals(HexFormat.of().formatHex(expected.doFinal()), hex(n));
                mac.update(bytes, 7, length);
                assertEquals(1, mac.verify(result, 0));
                mac.update(bytes, 8, length);
                assertEquals(length == 0 ? 1 : 0, mac.verify(result, 0));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyAlgorithmHasItsLengthAndAMac(DigestAlgorithm algorithm) {
        try (Digest digest = new Digest(algorithm); Mac mac = new Mac(algorithm)) {
            assertEquals(0, digest.open());
            result.setMemory(0, 128, (byte) 0x55);
            assertEquals(algorithm.lengthBytes(), digest.finish(result, 8));
            assertEquals(0x55, result.getByte(8 + algorithm.lengthBytes()));
            assertNotEquals(0x5555555555555555L, result.getLong(algorithm.lengthBytes()));
            assertEquals(0, mac.open(bytes, 0, 16));
            assertEquals(algorithm.lengthBytes(), mac.finish(result, 0));
        }
    }

    @Test
    void whatWasAddedCanBeForgotten() {
        try (Digest digest = new Digest(DigestAlgorithm.SHA_256);
                Mac mac = new Mac(DigestAlgorithm.SHA_256)) {
            assertEquals(0, digest.open());
            digest.update(bytes, 0, 10);
            digest.reset();
            digest.finish(result, 0);
            assertEquals("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                    hex(32));
            mac.open(bytes, 0, 10);
            mac.finish(result, 0);
            mac.update(bytes, 0, 10);
            mac.reset();
            assertEquals(1, mac.verify(result, 0));
        }
    }

    @Test
    void misuseHasACodeEach() {
        Digest digest = new Digest(DigestAlgorithm.SHA_256);
        assertEquals(ReturnCode.NOT_OPEN, digest.update(bytes, 0, 1));
        assertEquals(ReturnCode.NOT_OPEN, digest.finish(result, 0));
        assertEquals(0, digest.open());
        assertEquals(ReturnCode.ALREADY_OPEN, digest.open());
        MutableDirectBuffer heap = heapBuffer();
        assertEquals(ReturnCode.HEAP_BUFFER, digest.update(heap, 0, 1));
        assertEquals(ReturnCode.HEAP_BUFFER, digest.finish(heap, 0));
        digest.close();
        digest.close();
        assertEquals(ReturnCode.NOT_OPEN, digest.update(bytes, 0, 1));
        Mac mac = new Mac(DigestAlgorithm.SHA_256);
        assertEquals(ReturnCode.NOT_OPEN, mac.update(bytes, 0, 1));
        assertEquals(ReturnCode.BAD_ARGUMENT, mac.open(bytes, 0, 0));
        assertEquals(ReturnCode.HEAP_BUFFER, mac.open(heap, 0, 1));
        assertEquals(0, mac.open(bytes, 0, 1));
        assertEquals(ReturnCode.ALREADY_OPEN, mac.open(bytes, 0, 1));
        assertEquals(ReturnCode.HEAP_BUFFER, mac.verify(heap, 0));
        mac.close();
        assertEquals(ReturnCode.HEAP_BUFFER, Digest.areEqual(heap, 0, bytes, 0, 1));
    }

    private static MutableDirectBuffer heapBuffer() {
        return (MutableDirectBuffer) Proxy.newProxyInstance(
                DigestTest.class.getClassLoader(), new Class<?>[] {MutableDirectBuffer.class},
                (proxy, method, args) ->
                        method.getName().equals("byteArray") ? new byte[16] : null);
    }

    @Test
    void equalityIsOfEveryByte() {
        NativeBuffer other = NativeBuffer.allocate(64);
        other.putBytes(0, bytes, 3, 64);
        assertEquals(1, Digest.areEqual(bytes, 3, other, 0, 64));
        assertEquals(1, Digest.areEqual(bytes, 3, other, 0, 0));
        for (int i = 0; i < 64; i++) {
            other.putByte(i, (byte) (other.getByte(i) ^ 1));
            assertEquals(0, Digest.areEqual(bytes, 3, other, 0, 64));
            other.putByte(i, (byte) (other.getByte(i) ^ 1));
        }
    }

    @Test
    @Tag("allocation")
    void hashingAllocatesNothing() {
        try (Digest digest = new Digest(DigestAlgorithm.SHA_256);
                Mac mac = new Mac(DigestAlgorithm.SHA_256)) {
            assertEquals(0, digest.open());
            assertEquals(0, mac.open(bytes, 0, 32));
            Allocation.assertNone("digest and MAC", 500, 500, () -> {
                digest.update(bytes, 0, 64);
                digest.update(bytes, 64, 1_000);
                digest.finish(result, 0);
                digest.digest(bytes, 0, 64, result, 0);
                mac.update(bytes, 0, 64);
                mac.finish(result, 0);
                mac.update(bytes, 0, 64);
                mac.verify(result, 0);
            });
            assertTrue(Live.count() > live);
        }
    }
}
