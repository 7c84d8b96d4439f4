package io.penstock.samples;

/** A rate on stderr: once a second while it goes on, and at the end. */
final class Meter {
    private static final long SECOND_NS = 1_000_000_000L;

    private final String tool;
    private final boolean isOn;
    private final long began = System.nanoTime();
    private long next = began + SECOND_NS;

    Meter(String tool, boolean isOn) {
        this.tool = tool;
        this.isOn = isOn;
    }

    void tick(long bytes) {
        if (isOn && System.nanoTime() - next >= 0) {
            next += SECOND_NS;
            print(bytes);
        }
    }

    void finish(long bytes) {
        if (isOn) {
            print(bytes);
        }
    }

    private void print(long bytes) {
        double seconds = (System.nanoTime() - began) / 1e9;
        System.err.println(tool + ": " + bytes + " bytes in " + decimal(seconds) + " s, "
                + decimal(bytes / seconds / 1e9) + " GB/s");
    }

    private static String decimal(double value) {
        return String.valueOf(Math.round(value * 100) / 100.0);
    }
}
