package io.penstock.proof.fuzz;

import io.penstock.dns.resolver.FilesTarget;
import io.penstock.dns.wire.WireTarget;
import io.penstock.tls.TlsTarget;
import java.util.Arrays;

/** All targets in one process, which is quicker to start: the first octet says whose turn it is. */
public final class AllTargets {
    /** Their names, and the folders of what is kept for them, in the order of that octet. */
    public static final String[] NAMES = {"WireTarget", "FilesTarget", "TlsTarget",
        "EndpointTarget", "FrameTarget", "RegionTarget", "ControlTarget"};

    private AllTargets() {
    }

    /**
     * Called by Jazzer.
     *
     * @param input of its choice
     */
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length > 0) {
            run((input[0] & 0xff) % NAMES.length, Arrays.copyOfRange(input, 1, input.length));
        }
    }

    /**
     * Runs one of them.
     *
     * @param target its number
     * @param input for it
     */
    public static void run(int target, byte[] input) {
        switch (target) {
            case 0 -> WireTarget.fuzzerTestOneInput(input);
            case 1 -> FilesTarget.fuzzerTestOneInput(input);
            case 2 -> TlsTarget.fuzzerTestOneInput(input);
            case 3 -> EndpointTarget.fuzzerTestOneInput(input);
            case 4 -> FrameTarget.fuzzerTestOneInput(input);
            case 5 -> RegionTarget.fuzzerTestOneInput(input);
            default -> ControlTarget.fuzzerTestOneInput(input);
        }
    }
}
