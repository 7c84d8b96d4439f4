package io.penstock.proof.fuzz;

/** A target with a hole that only one who looks at coverage finds in a few seconds. */
public final class BrokenTarget {
    private BrokenTarget() {
    }

    /**
     * Called by Jazzer.
     *
     * @param input of its choice
     */
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length > 2 && input[0] == 'p' && input[1] == 'e' && input[2] == 'n') {
            throw new IllegalStateException("found it");
        }
    }
}
