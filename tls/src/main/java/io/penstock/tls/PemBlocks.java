package io.penstock.tls;

import io.penstock.core.buffer.NativeBuffer;

/**
 * The blocks of a text of PEM, one after another. What stands between them is nobody's, unless it
 * begins or ends a block that is not there: then the text is damaged, and that is a fault, where
 * the library would take it for the end.
 *
 * <p><b>See</b>: RFC 7468.
 */
final class PemBlocks {
    private static final String DASHES = "-----";
    private static final String BEGIN = "-----BEGIN ";
    private static final String END = "-----END ";

    private final NativeBuffer text;
    private final int length;
    private int at;
    private int lineStart;
    private int lineEnd; // without its end, and blanks before that
    private int number;
    private int start;
    private String label;
    private String fault;

    PemBlocks(NativeBuffer text, int length) {
        this.text = text;
        this.length = length;
    }

    /** Goes to the next: false at the end, or at a fault. */
    boolean next() {
        while (nextLine()) {
            if (isOfBlock()) {
                String line = line();
                boolean begins = line.startsWith(BEGIN) && line.endsWith(DASHES)
                        && line.length() > BEGIN.length() + DASHES.length();
                return begins ? begin(line) : fault("after block " + number
                        + ": a line that begins or ends none");
            }
        }
        return false;
    }

    /** What is wrong, or null. Nothing of the text is in it, which may be a key's. */
    String fault() {
        return fault;
    }

    /** Which it is, from 1. */
    int number() {
        return number;
    }

    /** Such as CERTIFICATE. */
    String label() {
        return label;
    }

    /** Where it begins, with its first line. */
    int start() {
        return start;
    }

    /** How long it is, its last line included. */
    int lengthBytes() {
        return at - start;
    }

    private boolean begin(String line) {
        number++;
        start = lineStart;
        label = line.substring(BEGIN.length(), line.length() - DASHES.length());
        while (nextLine()) {
            if (find(DASHES) >= 0) {
                return line().equals(END + label + DASHES)
                        || fault("block " + number + " does not end as it began");
            }
        }
        return fault("block " + number + " does not end");
    }

    private boolean fault(String what) {
        fault = what;
        at = length;
        return false;
    }

    /** A line that begins or ends a block, or that should; the last one may have been cut. */
    private boolean isOfBlock() {
        return find(BEGIN.stripTrailing()) >= 0 || find(END.stripTrailing()) >= 0
                || lineEnd == length && lineEnd > lineStart && BEGIN.startsWith(line());
    }

    private boolean nextLine() {
        if (at >= length) {
            return false;
        }
        lineStart = at;
        while (at < length && text.getByte(at) != '\n') {
            at++;
        }
        lineEnd = at;
        at = Math.min(at + 1, length);
        while (lineEnd > lineStart && isBlank(text.getByte(lineEnd - 1))) {
            lineEnd--;
        }
        return true;
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t' || b == '\r';
    }

    private String line() {
        return text.getStringWithoutLengthAscii(lineStart, Math.min(lineEnd - lineStart, 100));
    }

    /** Where in the line a text begins, or -1. */
    private int find(String what) {
        for (int from = lineStart; from + what.length() <= lineEnd; from++) {
            int n = 0;
            while (n < what.length() && text.getByte(from + n) == what.charAt(n)) {
                n++;
            }
            if (n == what.length()) {
                return from;
            }
        }
        return -1;
    }
}
