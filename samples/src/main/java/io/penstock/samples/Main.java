package io.penstock.samples;

import io.penstock.core.sys.Posix;
import java.util.Arrays;

/** The jar's door: the first argument names the tool. One jar, so that it is found fast. */
public final class Main {
    private Main() {
    }

    /**
     * Starts a tool.
     *
     * @param args its name, then its own arguments
     */
    public static void main(String[] args) {
        linkAhead();
        String tool = args.length == 0 ? "" : args[0];
        String[] rest = args.length == 0 ? args : Arrays.copyOfRange(args, 1, args.length);
        switch (tool) {
            case "netcat" -> Netcat.main(rest);
            case "pipecat" -> Pipecat.main(rest);
            case "count" -> Count.main(rest);
            case "echo" -> Echo.main(rest);
            case "stat" -> Stat.main(rest);
            default -> {
                System.err.println("tools: netcat, pipecat, count, echo, stat");
                System.exit(Exit.USAGE);
            }
        }
    }

    /**
     * Most of the start-up is the JDK linking its way into the kernel. A second processor does that
     * while the first one reads the command line and sets up memory; the thread ends at once.
     */
    private static void linkAhead() {
        Thread.ofPlatform().daemon().start(() -> Posix.system().getpid());
    }
}
