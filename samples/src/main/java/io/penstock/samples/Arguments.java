package io.penstock.samples;

import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.DefaultParser;
import org.apache.commons.cli.HelpFormatter;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.apache.commons.cli.ParseException;

/** A tool's command line: what all of them share, and how they say that it was wrong. */
final class Arguments {
    private final String tool;
    private final String usage;
    private final Options options = new Options();
    private CommandLine line;

    Arguments(String tool, String usage) {
        this.tool = tool;
        this.usage = usage;
        longFlag("help", "show this and exit");
        longFlag("version", "show the version and exit");
    }

    /** What a tool that copies tells of its metrics at its end. */
    Arguments reports() {
        return metrics()
                .longFlag("check",
                        "check the counters' invariants at the end; exit status 3 if one is broken")
                .longFlag("stats",
                        "print every handle's counters at the end, one line of JSON on stderr");
    }

    /** Where it shows them meanwhile. */
    Arguments metrics() {
        return longValue("metrics", "FILE",
                "keep the metrics in FILE, for stat and others to read");
    }

    Arguments flag(String name, String description) {
        options.addOption(name, false, description);
        return this;
    }

    Arguments value(String name, String argument, String description) {
        options.addOption(
                Option.builder(name).hasArg().argName(argument).desc(description).build());
        return this;
    }

    Arguments longFlag(String name, String description) {
        options.addOption(Option.builder().longOpt(name).desc(description).build());
        return this;
    }

    Arguments longValue(String name, String argument, String description) {
        options.addOption(Option.builder().longOpt(name).hasArg().argName(argument)
                .desc(description).build());
        return this;
    }

    /** Parses; help and version end the program here. */
    Arguments parse(String[] args) {
        try {
            line = new DefaultParser(false).parse(options, args);
        } catch (ParseException e) {
            throw new Exit(Exit.USAGE, tool + ": " + e.getMessage() + "\nTry '" + tool
                    + " --help'.");
        }
        if (has("help")) {
            HelpFormatter formatter = new HelpFormatter();
            formatter.setOptionComparator(null);
            formatter.printHelp(tool + " " + usage, options);
            throw new Exit(Exit.OK, null);
        }
        if (has("version")) {
            String version = Arguments.class.getPackage().getImplementationVersion();
            System.out.println(tool + " (penstock) " + (version == null ? "unknown" : version));
            throw new Exit(Exit.OK, null);
        }
        return this;
    }

    boolean has(String name) {
        return line.hasOption(name);
    }

    String value(String name, String otherwise) {
        return line.getOptionValue(name, otherwise);
    }

    /** What an option that may be given several times says; none if it was not given. */
    String[] values(String name) {
        String[] values = line.getOptionValues(name);
        return values == null ? new String[0] : values;
    }

    /** A number with one of k, M, G behind it, each 1,024 times the one before. */
    long size(String name, long otherwise) {
        String text = line.getOptionValue(name);
        if (text == null) {
            return otherwise;
        }
        int shift = switch (text.isEmpty() ? ' ' : text.charAt(text.length() - 1)) {
            case 'k', 'K' -> 10;
            case 'm', 'M' -> 20;
            case 'g', 'G' -> 30;
            case 't', 'T' -> 40;
            default -> 0;
        };
        String digits = shift == 0 ? text : text.substring(0, text.length() - 1);
        try {
            long n = Long.parseLong(digits);
            if (n >= 0 && n <= Long.MAX_VALUE >> shift) {
                return n << shift;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw usage("-" + name + ": not a size: " + text);
    }

    /** Seconds, with a fraction if need be, as nanoseconds. */
    long seconds(String name, long otherwise) {
        String text = line.getOptionValue(name);
        if (text == null) {
            return otherwise;
        }
        try {
            double seconds = Double.parseDouble(text);
            if (seconds >= 0 && seconds < 1e9) {
                return (long) (seconds * 1e9);
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw usage("-" + name + ": not a number of seconds: " + text);
    }

    String[] operands() {
        return line.getArgs();
    }

    Exit usage(String message) {
        return new Exit(Exit.USAGE, tool + ": " + message + "\nTry '" + tool + " --help'.");
    }
}
