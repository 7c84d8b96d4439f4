package io.penstock.tls;

import io.penstock.core.buffer.NativeBuffer;

/**
 * The blocks of a text of PEM, one after another. Text between blocks is skipped, unless it is the
 * begin line or the end line of a block whose other line is missing: then the text is damaged,
 * which is a fault here, while the library would take it for the end.
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
    private int lineEnd; // before the blanks and the newline that end it
    private int number;
    private int start;
    private String label;
    private String fault;

    PemBlocks(NativeBuffer text, int length) {
        this.text = text;
        this.length = length;
    }

    /** Goes to the next block: false at the end, or at a fault. */
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

    /** The fault, or null. It quotes nothing of the text, which may be of a key. */
    String fault() {
        return fault;
    }

    /** The number of the block, from 1. */
    int number() {
        return number;
    }

    /** The label of the block, such as CERTIFICATE. */
    String label() {
        return label;
    }

    /** Where the begin line of the block is. */
    int start() {
        return start;
    }

    /** The length of the block, with its begin line and end line. */
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

    /** Whether a line begins or ends a block, or is damaged and should; the last may be cut off. */
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
