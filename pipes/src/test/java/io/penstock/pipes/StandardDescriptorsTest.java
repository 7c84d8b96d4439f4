package io.penstock.pipes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Close;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Descriptors 0 and 1 themselves, in a process of their own. */
class StandardDescriptorsTest {
    private static final String JAVA = Path.of(System.getProperty("java.home"), "bin/java")
            .toString();

    @Test
    @Timeout(60)
    void aFilterLeavesNullWhereItsInputAndOutputWere() throws Exception {
        Process filter = new ProcessBuilder(JAVA, "--enable-native-access=ALL-UNNAMED", "-ea",
                "-cp", System.getProperty("java.class.path"), Filter.class.getName()).start();
        byte[] bytes = new byte[500_000];
        new Random(1).nextBytes(bytes);
        CompletableFuture<Void> feeding = CompletableFuture.runAsync(() -> {
            try (OutputStream in = filter.getOutputStream()) {
                in.write(bytes);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        assertArrayEquals(bytes, filter.getInputStream().readAllBytes());
        feeding.join();
        assertEquals("OK /dev/null /dev/null", new String(
                filter.getErrorStream().readAllBytes(), StandardCharsets.US_ASCII));
        assertEquals(0, filter.waitFor());
    }

    /** Copies its input to its output, and prints what the descriptors are afterwards. */
    static final class Filter implements StreamHandler {
        private final EventLoop loop = new EventLoop(new LoopConfig().handles(2));
        private final StandardStream in = new StandardStream(loop, this, 0);
        private final StandardStream out = new StandardStream(loop, this, 1);

        public static void main(String[] args) throws IOException {
            int rc = new Filter().run();
            System.err.print(ReturnCode.describe(rc) + " "
                    + Files.readSymbolicLink(Path.of("/proc/self/fd/0")) + " "
                    + Files.readSymbolicLink(Path.of("/proc/self/fd/1")));
        }

        private int run() {
            int rc = loop.open();
            out.queue(new BufferPool(4, 64 << 10));
            rc = rc < 0 ? rc : in.open();
            rc = rc < 0 ? rc : out.open();
            rc = rc < 0 ? rc : loop.run();
            loop.close();
            return rc;
        }

        @Override
        public void onOpen(Stream stream) {
            in.resume();
        }

        @Override
        public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
            if (out.write(buffer, offset, length) < 0) {
                loop.stop();
            } else if (out.queuedBytes() > 0) {
                in.pause();
            }
        }

        @Override
        public void onWritable(Stream stream) {
            in.resume();
        }

        @Override
        public void onEnd(Stream stream) {
            in.close();
            out.close(Close.WHEN_DRAINED);
        }

        @Override
        public void onClose(Stream stream, int result) {
            assert result == 0;
        }
    }
}
