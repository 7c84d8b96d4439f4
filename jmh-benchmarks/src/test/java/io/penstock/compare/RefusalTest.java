package io.penstock.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who does other work than a row of TLS says is refused, by JMH's classes and by compare/run. */
class RefusalTest {
    /** What compare/run makes of one who prints such lines for a workload. */
    private static String judged(String workload, String printed) throws IOException {
        return bash("""
                . compare/common.sh
                . compare/tls.sh
                group=tls row=row garbage=heap LIMIT_S=1 wanted=$(tls_wanted "$1")
                client() {
                  printf '%b' "$printed" >"$work/answer"
                  answer=$(tail -n 1 "$work/answer")
                }
                no_peers
                peer peer bash command
                printed=$2
                interleave tls_once 2
                report row
                cut -f 1,3- "$work/results"
                """, workload, printed);
    }

    private static String bash(String script, String... arguments) throws IOException {
        String[] command = new String[arguments.length + 4];
        command[0] = "bash";
        command[1] = "-c";
        command[2] = script;
        command[3] = "bash";
        System.arraycopy(arguments, 0, command, 4, arguments.length);
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void whoDidWhatTheRowSaysIsMeasured() throws IOException {
        assertEquals("""
                sample\tpeer\t17
                sample\tpeer\t0.5
                sample\tpeer\t17
                sample\tpeer\t0.5
                peer\tpeer\tcommand
                did\tpeer\tTLSv1.3 TLS_CHACHA20_POLY1305_SHA256 x25519 full; in 2 records
                """, judged("chacha",
                "did TLSv1.3 TLS_CHACHA20_POLY1305_SHA256 x25519 full; in 2 records\\n17 0.5\\n"));
        assertEquals("sample\tpeer\t17\nsample\tpeer\t17\npeer\tpeer\tcommand\n",
                judged("sha64", "17\\n"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "chacha  | did TLSv1.3 TLS_AES_128_GCM_SHA256 x25519 full"
                + " | TLS_AES_128_GCM_SHA256, not TLS_CHACHA20_POLY1305_SHA256",
        "full    | did TLSv1.3 TLS_AES_128_GCM_SHA256 X25519MLKEM768 full"
                + " | X25519MLKEM768, not x25519",
        "full    | did TLSv1.3 TLS_AES_128_GCM_SHA256 x25519 resumed | resumed, not full",
        "resumed | did TLSv1.3 TLS_AES_128_GCM_SHA256 x25519 full | full, not resumed",
        "aes     | did TLSv1.2 TLS_AES_128_GCM_SHA256 x25519 full | TLSv1.2, not TLSv1.3",
        "aes     | tells nothing | nothing nothing nothing nothing, not TLSv1.3 "
                + "TLS_AES_128_GCM_SHA256 x25519 full",
    })
    void whoDidSomethingElseIsRefused(String workload, String told, String why)
            throws IOException {
        assertEquals("peer\tpeer\tcommand\nlost\tpeer\trefused: it was " + why + "\n",
                judged(workload, told + "\\n17 0.5\\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"aes", "chacha", "ping", "full", "resumed", "memory"})
    void theRunnerWantsWhatJmhWants(String workload) throws IOException {
        assertEquals(TlsWork.wanted(workload),
                bash(". compare/tls.sh; tls_wanted \"$1\"", workload).strip());
    }

    @ParameterizedTest
    @ValueSource(strings = {"aes", "chacha", "ping", "full", "resumed"})
    void penstockAndTheJdkDoWhatTheyAreAsked(String workload) throws Exception {
        assertNotNull(PenstockTls.work(workload));
        assertNotNull(EngineTls.work("jdk", workload));
    }

    @ParameterizedTest
    @ValueSource(strings = {"aes", "ping", "full"})
    void andTcnativeDoesSome(String workload) throws Exception {
        assertNotNull(EngineTls.work("tcnative", workload));
    }

    @Test
    void butHasNoChaCha20() {
        String message = assertThrows(IllegalStateException.class,
                () -> EngineTls.work("tcnative", "chacha")).getMessage();
        assertTrue(message.startsWith("did TLSv1.3 TLS_AES_128_GCM_SHA256"), message);
    }
}
