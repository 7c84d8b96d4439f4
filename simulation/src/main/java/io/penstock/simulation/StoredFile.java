package io.penstock.simulation;

import java.util.Arrays;

/** A file on disk: what is in it, and by which number and time it is told from others. */
final class StoredFile {
    final long number;
    byte[] bytes;
    long timeNs;

    StoredFile(long number, byte[] bytes, long timeNs) {
        this.number = number;
        this.bytes = bytes;
        this.timeNs = timeNs;
    }

    /** A description of it. */
    static final class Opened extends SimulatedFile {
        private final StoredFile file;
        private int position;

        Opened(StoredFile file) {
            this.file = file;
        }

        int read(Memory memory, long address, int most) {
            int n = Math.max(0, Math.min(most, file.bytes.length - position));
            memory.put(address, Arrays.copyOfRange(file.bytes, position, position + n), n);
            position += n;
            return n;
        }

        @Override
        int readiness() {
            return 0;
        }

        @Override
        void closed() {
        }
    }
}
