package io.penstock.proof;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * What this process holds at the moment.
 *
 * @param heapKib of the Java heap, after a collection
 * @param rssKib of physical memory, the heap's among it
 * @param descriptors that are open, less those of the library's handles, which come and go
 * @param threads of all kinds
 */
record Vitals(long heapKib, long rssKib, long descriptors, long threads) {
    private static final Path STATUS = Path.of("/proc/self/status");

    /** What is held now, while so many handles have a descriptor. */
    static Vitals now(long handles) {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        long heap = runtime.totalMemory() - runtime.freeMemory();
        return new Vitals(heap >> 10, status("VmRSS:"), openDescriptors() - handles,
                status("Threads:"));
    }

    private static long status(String key) {
        try {
            return Files.readAllLines(STATUS).stream().filter(line -> line.startsWith(key))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst().orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static long openDescriptors() {
        return new File("/proc/self/fd").list().length - 1; // less the one that looks
    }

    long[] values() {
        return new long[] {heapKib, rssKib, descriptors, threads};
    }

    /** As a line for another process. */
    String toLine() {
        return Arrays.stream(values()).mapToObj(Long::toString).collect(Collectors.joining(" "));
    }

    static Vitals ofLine(String line) {
        long[] v = Arrays.stream(line.strip().split(" ")).mapToLong(Long::parseLong).toArray();
        return new Vitals(v[0], v[1], v[2], v[3]);
    }
}
