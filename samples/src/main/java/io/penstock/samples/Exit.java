package io.penstock.samples;

/** The end of a program: an exit status, and perhaps a line on stderr. */
final class Exit extends RuntimeException {
    static final int OK = 0;
    static final int FAILURE = 1;
    static final int USAGE = 2;
    static final int BROKEN_INVARIANT = 3;
    static final int SIGPIPE = 141;

    private static final long serialVersionUID = 1;

    final int status;

    Exit(int status, String message) {
        super(message, null, false, false);
        this.status = status;
    }

    /** Runs a tool's program, and makes its end the process's. */
    static void with(Program program) {
        int status;
        try {
            status = program.run();
        } catch (Exit exit) {
            if (exit.getMessage() != null) {
                System.err.println(exit.getMessage());
            }
            status = exit.status;
        }
        System.out.flush();
        // Not exit(): nothing is left to do, and what shutdown hooks remove is removed by now.
        if (status != OK) {
            System.exit(status);
        }
    }

    /** What {@code main} does. */
    interface Program {
        int run();
    }
}
