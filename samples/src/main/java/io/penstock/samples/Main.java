package io.penstock.samples;

import java.util.Arrays;

/**
 * The jar's door: the first argument names the tool. One main class, because native access is given
 * by the manifest of a jar that is started as such.
 */
public final class Main {
    private Main() {
    }

    /**
     * Starts a tool.
     *
     * @param args its name, then its own arguments
     */
    public static void main(String[] args) {
        String tool = args.length == 0 ? "" : args[0];
        String[] rest = args.length == 0 ? args : Arrays.copyOfRange(args, 1, args.length);
        switch (tool) {
            case "netcat" -> Netcat.main(rest);
            case "pipecat" -> Pipecat.main(rest);
            case "count" -> Count.main(rest);
            case "echo" -> Echo.main(rest);
            default -> {
                System.err.println("tools: netcat, pipecat, count, echo");
                System.exit(Exit.USAGE);
            }
        }
    }
}
