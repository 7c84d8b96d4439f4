package io.penstock.dns.wire;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import org.agrona.DirectBuffer;

/**
 * Splits a zone file into words. As a {@link CharSequence} it is the last word, without its quotes
 * but with its escapes.
 */
final class TextReader implements CharSequence {
    /** The end of the text. */
    static final int END = 0;
    /** The end of a line, or of several lines in parentheses. */
    static final int LINE = 1;
    /** Blanks at the beginning of a line. */
    static final int BLANK = 2;
    /** A word. */
    static final int WORD = 3;
    /** A word in quotes. */
    static final int QUOTED = 4;

    private final Digits digits = new Digits();
    private DirectBuffer buffer;
    private CharSequence chars;
    private int offset;
    private int size;
    private int at;
    private int line;
    private int lineStart;
    private int depth;
    private boolean isPeeked;
    private int kind;
    private int start;
    private int end;
    private int wideStart;
    private int wideEnd;
    private int tokenLine;
    private int tokenColumn;

    void wrap(DirectBuffer buffer, int offset, int length) {
        buffer.boundsCheck(offset, length);
        this.buffer = buffer;
        this.offset = offset;
        chars = null;
        begin(length);
    }

    void wrap(CharSequence text) {
        chars = text;
        begin(text.length());
    }

    private void begin(int size) {
        this.size = size;
        at = 0;
        line = 1;
        lineStart = 0;
        depth = 0;
        isPeeked = false;
        kind = LINE;
        start = 0;
        end = 0;
        mark(0);
    }

    /** From 1 on. */
    int line() {
        return tokenLine;
    }

    /** From 1 on. */
    int column() {
        return tokenColumn;
    }

    @Override
    public int length() {
        return end - start;
    }

    @Override
    public char charAt(int index) {
        return at(start + index);
    }

    @Override
    public CharSequence subSequence(int from, int to) {
        return toString().substring(from, to);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length(); i++) {
            text.append(charAt(i));
        }
        return text.toString();
    }

    /** Narrows the sequence to a part of the word, until {@link #widen}. */
    void narrow(int from, int to) {
        wideStart = start;
        wideEnd = end;
        end = start + to;
        start += from;
    }

    void widen() {
        start = wideStart;
        end = wideEnd;
    }

    /** Reads the next token. Returns its kind, or a code. */
    int next() {
        if (isPeeked) {
            isPeeked = false;
        } else {
            kind = scan();
        }
        return kind;
    }

    /** The kind or code that {@link #next} will return. */
    int peek() {
        int next = next();
        isPeeked = true;
        return next;
    }

    /** Whether the record goes on, with a word or with an error. */
    boolean hasWord() {
        int next = peek();
        return next < 0 || next == WORD || next == QUOTED;
    }

    /** Reads a word that must be there: 0, or a code. */
    int word() {
        int next = next();
        return next < 0 ? next : next == WORD || next == QUOTED ? 0 : ReturnCode.DNS_TEXT_TRUNCATED;
    }

    boolean isQuoted() {
        return kind == QUOTED;
    }

    /** Skips the rest of a line after an error. */
    void skipLine() {
        isPeeked = false;
        while (kind != LINE && at < size && at(at) != '\n') {
            at++;
        }
        depth = 0;
    }

    // Octets as digits

    /** Parses words of digits up to the end of the record. Returns the end of the octets. */
    int octets(int bitsEach, NativeBuffer out, int from, int limit) {
        int to = from;
        digits.begin(bitsEach);
        while (hasWord()) {
            int rc = word();
            to = rc < 0 ? rc : digits.feed(this, 0, length(), out, to, limit);
            if (to < 0) {
                return to;
            }
        }
        return digits.isWhole() ? to : ReturnCode.DNS_SYNTAX;
    }

    /** Parses the digits of the current word. Returns the end of the octets. */
    int wordOctets(int bitsEach, int from, int to, NativeBuffer out, int outAt, int limit) {
        digits.begin(bitsEach);
        int outEnd = digits.feed(this, from, to, out, outAt, limit);
        return outEnd < 0 || digits.isWhole() ? outEnd : ReturnCode.DNS_SYNTAX;
    }

    int base64(int from, int to, NativeBuffer out, int outAt, int limit) {
        return wordOctets(6, from, to, out, outAt, limit);
    }

    // Scanning

    private int scan() {
        boolean isLineStart = at == lineStart && depth == 0;
        int blanks = at;
        while (at < size) {
            mark(at);
            char c = at(at);
            if (c == ' ' || c == '\t' || c == '\r') {
                at++;
            } else if (isLineStart && at > blanks && c != ';' && c != '\n') {
                return BLANK;
            } else if (c == ';') {
                skipComment();
            } else if (c == '\n') {
                newLine();
                if (depth == 0) {
                    return LINE;
                }
            } else if (c == '(' || c == ')') {
                at++;
                depth += c == '(' ? 1 : -1;
                if (depth < 0) {
                    return ReturnCode.DNS_PARENTHESES;
                }
            } else {
                return c == '"' ? quoted() : unquoted();
            }
            isLineStart &= c == ' ' || c == '\t' || c == '\r';
        }
        mark(at);
        return depth > 0 ? ReturnCode.DNS_PARENTHESES : END;
    }

    private void skipComment() {
        while (at < size && at(at) != '\n') {
            at++;
        }
    }

    private void newLine() {
        at++;
        line++;
        lineStart = at;
    }

    private void mark(int from) {
        tokenLine = line;
        tokenColumn = from - lineStart + 1;
    }

    private int quoted() {
        start = ++at;
        int rc = toQuote();
        end = at;
        at = rc < 0 ? at : at + 1;
        return rc < 0 ? rc : QUOTED;
    }

    /** Moves to the quote that ends a string. */
    private int toQuote() {
        while (at < size && at(at) != '"') {
            if (at(at) == '\n') {
                return ReturnCode.DNS_TEXT_TRUNCATED;
            }
            if (at(at) == 0) {
                return ReturnCode.DNS_CHARACTER;
            }
            at += at(at) == '\\' && at + 1 < size && at(at + 1) != '\n' ? 2 : 1;
        }
        return at < size ? 0 : ReturnCode.DNS_TEXT_TRUNCATED;
    }

    /** Moves to the end of a word. It may have quotes behind an equals sign: key="value". */
    private int unquoted() {
        start = at;
        while (at < size && !isDelimiter(at(at))) {
            char c = at(at);
            if (c < ' ') {
                return ReturnCode.DNS_CHARACTER;
            }
            boolean isEscape = c == '\\' && at + 1 < size && at(at + 1) >= ' ';
            at += isEscape ? 2 : 1;
            if (c == '=' && at < size && at(at) == '"') {
                at++;
                int rc = toQuote();
                at++;
                end = at;
                return rc < 0 ? rc : WORD;
            }
        }
        end = at;
        return WORD;
    }

    private static boolean isDelimiter(char c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ';' || c == '"'
                || c == '(' || c == ')';
    }

    private char at(int index) {
        return chars != null ? chars.charAt(index) : (char) (buffer.getByte(offset + index) & 0xff);
    }
}
