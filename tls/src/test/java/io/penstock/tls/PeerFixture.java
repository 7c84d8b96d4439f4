package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** A peer that is a process: what it says is in a log, and it hears what is said to it. */
abstract class PeerFixture extends TlsFixture {
    @TempDir
    Path folder;

    int port() {
        return at.port();
    }

    Process start(String... command) {
        return Processes.start(folder, folder.resolve("log"), List.of(command));
    }

    String log() {
        try {
            Path log = folder.resolve("log");
            return Files.exists(log) ? Files.readString(log, StandardCharsets.ISO_8859_1) : "";
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static void say(Process process, String text) throws IOException {
        OutputStream out = process.getOutputStream();
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    void endOf(Process process) {
        turnUntil(() -> !process.isAlive());
        stop(process);
    }

    static void stop(Process process) {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            process.destroyForcibly(); // it does not read any more, and is to end anyway
        }
        process.destroy();
        Processes.await(process);
    }

    /** A server process, listening when it says so. */
    Process serve(String said, String... command) {
        Process process = start(command);
        turnUntil(() -> {
            assertTrue(process.isAlive(), this::log);
            return log().contains(said);
        });
        return process;
    }

    static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
