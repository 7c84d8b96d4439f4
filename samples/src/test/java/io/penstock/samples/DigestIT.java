package io.penstock.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.testing.Needs;
import io.penstock.samples.Shell.Result;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code count --digest} against published values and against other programs. */
class DigestIT {
    @AutoClose
    private final Shell shell = new Shell();

    // The check values of the algorithms' own specifications, of "123456789" (RFC 3720, RFC 1321).
    @ParameterizedTest
    @CsvSource({
        "crc32, cbf43926",
        "crc32c, e3069283",
        "md5, 25f9e794323b453885f5181f1b624d0b",
        "sha256, 15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
        "sha3-256, 87cd084d190e436f147322b90e7384f6a8e0676c99d21ef519ea718e51d45f9c",
    })
    void knownValues(String algorithm, String expected) {
        Result result = shell.run("printf 123456789 | count --check --digest " + algorithm);
        assertEquals("9 " + expected + "\n", result.out(), result.err());
        assertEquals(0, result.status());
    }

    @ParameterizedTest
    @CsvSource({
        "md5, md5sum", "sha224, sha224sum", "sha256, sha256sum", "sha384, sha384sum",
        "sha512, sha512sum", "blake2b, b2sum",
    })
    void coreutilsSayTheSame(String algorithm, String other) {
        Result result = shell.run("""
                head -c 5000001 /dev/urandom >data
                count --digest ALGORITHM data
                count --digest ALGORITHM <data
                cat data | count --digest ALGORITHM
                OTHER <data
                """.replace("ALGORITHM", algorithm).replace("OTHER", other));
        String[] lines = result.out().split("\n");
        String digest = lines[3].split(" ")[0];
        assertEquals("5000001 " + digest + " data", lines[0], result.err());
        assertEquals("5000001 " + digest, lines[1]);
        assertEquals("5000001 " + digest, lines[2]);
    }

    @ParameterizedTest
    @CsvSource({
        "sha512-256, -sha512-256", "sha3-224, -sha3-224", "sha3-384, -sha3-384",
        "sha3-512, -sha3-512", "blake2s, -blake2s256",
    })
    @Needs("openssl")
    void opensslSaysTheSame(String algorithm, String option) {
        Result result = shell.run("""
                head -c 1000001 /dev/urandom >data
                count --digest %s data
                openssl dgst -r %s data
                """.formatted(algorithm, option));
        String[] lines = result.out().split("\n");
        assertEquals("1000001 " + lines[1].split(" ")[0] + " data", lines[0], result.err());
    }

    @Test
    void withoutALibrary() {
        Result result = shell.run("""
                export JAVA_TOOL_OPTIONS=-Dpenstock.openssl=/nowhere
                count --digest sha256 </dev/null; echo $?
                count --digest crc32 </dev/null; echo $?
                """);
        assertEquals("1\n0 00000000\n0\n", result.out());
        assertTrue(result.err().contains("count: --digest sha256: TLS_LIBRARY_MISSING: "),
                result.err());
        assertTrue(result.err().contains("/nowhere: cannot be loaded"),
                result.err());
    }

    @Test
    void aCrcThatGzipWrote() {
        Result result = shell.run("""
                head -c 3000000 /dev/urandom >data
                count --digest crc32 data
                gzip -1c data | tail -c 8 | head -c 4 | od -An -tx4 --endian=little
                """);
        String[] lines = result.out().split("\n");
        assertEquals("3000000 " + lines[1].strip() + " data", lines[0], result.err());
    }

    @Test
    void eachFileHasItsOwn() {
        Result result = shell.run("""
                printf 123456789 >a; printf '' >b
                count --digest crc32 a b a
                """);
        assertEquals("9 cbf43926 a\n0 00000000 b\n9 cbf43926 a\n18 total\n", result.out());
    }
}
