package io.penstock.core.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Posix;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.FaultyPosix;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class RegionTest {
    private static final long MIB = 1 << 20;

    @Test
    void largeRegionsAreMappedAndCostNothingUntouched() throws IOException {
        long before = status("VmRSS");
        MemorySegment region = Region.allocate(Posix.system(), 1 << 30);
        assertEquals(0, region.address() % 4096);
        assertEquals(0, region.get(ValueLayout.JAVA_LONG, (1 << 30) - 8));
        assertTrue(status("VmRSS") - before < 64 * MIB);
        Reference.reachabilityFence(region);
    }

    @Test
    void smallRegionsAreAlignedAndZeroed() {
        for (int bytes : new int[] {1, 100, Region.MAPPED_FROM_BYTES - 1}) {
            MemorySegment region = Region.allocate(Posix.system(), bytes);
            assertEquals(bytes, region.byteSize());
            assertEquals(0, region.address() % 64);
            assertEquals(-1, region.mismatch(MemorySegment.ofArray(new byte[bytes])));
        }
    }

    @Test
    void whereMappingIsRefusedTheJvmAllocates() {
        FaultyPosix posix = new FaultyPosix().failAlways(Syscall.MMAP, Errno.ENOMEM);
        MemorySegment region = Region.allocate(posix, MIB);
        assertEquals(1, posix.injected());
        assertEquals(0, region.address() % 64);
        region.set(ValueLayout.JAVA_LONG, MIB - 8, 1);
        assertEquals(1, region.get(ValueLayout.JAVA_LONG, MIB - 8));
    }

    @Test
    void memoryIsGivenBackOnceUnreachable() throws IOException, InterruptedException {
        long before = status("VmSize");
        for (int i = 0; i < 200; i++) {
            NativeBuffer buffer = NativeBuffer.allocate((int) (64 * MIB));
            buffer.putByte(i, (byte) 1);
            if (i % 10 == 9) {
                System.gc();
            }
        }
        long grown = Long.MAX_VALUE;
        for (int i = 0; i < 100 && grown > 20 * 64 * MIB; i++) {
            System.gc();
            Thread.sleep(20);
            grown = status("VmSize") - before;
        }
        assertTrue(grown <= 20 * 64 * MIB, grown + " bytes more than before");
    }

    @Test
    void memoryStaysWhileAnyBufferOverItIsReachable() throws InterruptedException {
        NativeBuffer window = new NativeBuffer();
        window.wrap(NativeBuffer.allocate((int) MIB), 4096, 8192);
        NativeBuffer second = new NativeBuffer();
        second.wrap(window, 4096, 4096);
        window.wrap(0, 0);
        second.putLong(0, 42);
        for (int i = 0; i < 5; i++) {
            System.gc();
            Thread.sleep(20);
        }
        assertEquals(42, second.getLong(0)); // if it were unmapped, the process would end
    }

    /** A line of {@code /proc/self/status}, in bytes. */
    private static long status(String name) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith(name + ":"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                .findFirst().orElseThrow();
    }
}
