package io.penstock.tls;

/** The hash functions that {@link Digest} and {@link Mac} compute. */
public enum DigestAlgorithm {
    /** MD5. It detects accidents alone: two texts with the same MD5 are easy to make. */
    MD5("MD5", 16),
    /** SHA-2 of 224 bits. */
    SHA_224("SHA2-224", 28),
    /** SHA-2 of 256 bits. */
    SHA_256("SHA2-256", 32),
    /** SHA-2 of 384 bits. */
    SHA_384("SHA2-384", 48),
    /** SHA-2 of 512 bits. */
    SHA_512("SHA2-512", 64),
    /** SHA-2 of 512 bits cut to 256: faster than SHA-256 where the processor has no help. */
    SHA_512_256("SHA2-512/256", 32),
    /** SHA-3 of 224 bits. */
    SHA3_224("SHA3-224", 28),
    /** SHA-3 of 256 bits. */
    SHA3_256("SHA3-256", 32),
    /** SHA-3 of 384 bits. */
    SHA3_384("SHA3-384", 48),
    /** SHA-3 of 512 bits. */
    SHA3_512("SHA3-512", 64),
    /** BLAKE2s of 256 bits. */
    BLAKE2S_256("BLAKE2S-256", 32),
    /** BLAKE2b of 512 bits. */
    BLAKE2B_512("BLAKE2B-512", 64);

    final String libraryName;
    private final int lengthBytes;

    DigestAlgorithm(String libraryName, int lengthBytes) {
        this.libraryName = libraryName;
        this.lengthBytes = lengthBytes;
    }

    /**
     * The length of a result.
     *
     * @return bytes
     */
    public int lengthBytes() {
        return lengthBytes;
    }
}
