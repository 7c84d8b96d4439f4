package io.penstock.samples;

/** Asks. */
public final class Lookup {
    private Lookup() {
    }

    /**
     * The program.
     *
     * @param args see help
     */
    public static void main(String[] args) {
    }
}
