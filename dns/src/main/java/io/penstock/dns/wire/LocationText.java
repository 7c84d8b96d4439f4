package io.penstock.dns.wire;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.AsciiText;
import io.penstock.core.buffer.NativeBuffer;

/**
 * Places on earth as text (RFC 1876).
 *
 * <pre>
 *   0  version   1  size   2  horizontal precision   3  vertical precision
 *   4  latitude  8  longitude   (1/1000 arc second above -2^31)   12  altitude (cm above -100 km)
 * </pre>
 */
final class LocationText {
    static final int BYTES = 16;
    private static final long EQUATOR = 1L << 31;
    private static final int DEGREE = 3_600_000;
    private static final int MAX_LATITUDE = 90;
    private static final int MAX_LONGITUDE = 180;
    private static final long ALTITUDE_BASE_CM = 10_000_000;
    private static final long MAX_SIZE_CM = 9_000_000_000L;
    private static final int[] DEFAULT_SIZES_CM = {100, 1_000_000, 1_000};

    private LocationText() {
    }

    /** Whether the text format can express it: version 0, and a place on the earth. */
    static boolean isPrintable(NativeBuffer b, int at) {
        boolean isGood = b.getByte(at) == 0;
        for (int i = 1; i <= 3; i++) {
            int size = b.getByte(at + i) & 0xff;
            isGood &= size >>> 4 <= 9 && (size & 0xf) <= 9 && (size >>> 4 != 0 || size == 0);
        }
        return isGood && isWithin(RecordText.u32(b, at + 4), MAX_LATITUDE)
                && isWithin(RecordText.u32(b, at + 8), MAX_LONGITUDE);
    }

    private static boolean isWithin(long angle, int degrees) {
        return Math.abs(angle - EQUATOR) <= degrees * (long) DEGREE;
    }

    static void print(NativeBuffer b, int at, TextWriter out) {
        printAngle(RecordText.u32(b, at + 4) - EQUATOR, 'N', 'S', out);
        printAngle(RecordText.u32(b, at + 8) - EQUATOR, 'E', 'W', out);
        printMetres(RecordText.u32(b, at + 12) - ALTITUDE_BASE_CM, out);
        for (int i = 1; i <= 3; i++) {
            int size = b.getByte(at + i) & 0xff;
            long cm = size >>> 4;
            for (int e = size & 0xf; e > 0; e--) {
                cm *= 10;
            }
            printMetres(cm, out.put(' '));
        }
    }

    private static void printAngle(long value, char positive, char negative, TextWriter out) {
        long angle = Math.abs(value);
        out.number(angle / DEGREE).put(' ').number(angle / 60_000 % 60).put(' ');
        out.number(angle / 1_000 % 60).put('.').digits(angle % 1_000, 3).put(' ');
        out.put(value < 0 ? negative : positive).put(' ');
    }

    private static void printMetres(long cm, TextWriter out) {
        long size = Math.abs(cm);
        (cm < 0 ? out.put('-') : out).number(size / 100).put('.').digits(size % 100, 2).put('m');
    }

    /** Parses the words up to the end of the record: 0, or a code. */
    static int parse(TextReader in, NativeBuffer out, int at) {
        out.putByte(at, (byte) 0);
        long latitude = parseAngle(in, MAX_LATITUDE, 'N', 'S');
        long longitude = latitude < 0 ? latitude : parseAngle(in, MAX_LONGITUDE, 'E', 'W');
        if (longitude < 0) {
            return (int) longitude;
        }
        out.putInt(at + 4, (int) latitude, BIG_ENDIAN);
        out.putInt(at + 8, (int) longitude, BIG_ENDIAN);
        int rc = in.word();
        long altitude = rc < 0 ? rc : parseMetres(in, -ALTITUDE_BASE_CM,
                0xffff_ffffL - ALTITUDE_BASE_CM);
        if (rc < 0 || altitude == Long.MIN_VALUE) {
            return rc < 0 ? rc : ReturnCode.DNS_NUMBER;
        }
        out.putInt(at + 12, (int) (altitude + ALTITUDE_BASE_CM), BIG_ENDIAN);
        return parseSizes(in, out, at);
    }

    private static int parseSizes(TextReader in, NativeBuffer out, int at) {
        for (int i = 0; i < DEFAULT_SIZES_CM.length; i++) {
            long cm = DEFAULT_SIZES_CM[i];
            if (in.hasWord()) {
                int rc = in.word();
                cm = rc < 0 ? rc : parseMetres(in, 0, MAX_SIZE_CM);
                if (cm < 0) {
                    return rc < 0 ? rc : ReturnCode.DNS_NUMBER;
                }
            }
            int exponent = 0;
            while (cm > 9) {
                cm /= 10;
                exponent++;
            }
            // Zero has no exponent.
            out.putByte(at + 1 + i, (byte) (cm << 4 | exponent));
        }
        return 0;
    }

    /** Parses degrees, optional minutes, optional seconds with a fraction, and the direction. */
    private static long parseAngle(TextReader in, int max, char positive, char negative) {
        long angle = 0;
        long unit = DEGREE;
        for (int i = 0; i <= 3; i++, unit /= 60) {
            int rc = in.word();
            if (rc < 0) {
                return rc;
            }
            char c = in.charAt(0);
            if (i > 0 && in.length() == 1 && ((c & ~0x20) == positive || (c & ~0x20) == negative)) {
                boolean isGood = angle <= max * (long) DEGREE;
                return !isGood ? ReturnCode.DNS_NUMBER
                        : (c & ~0x20) == positive ? EQUATOR + angle : EQUATOR - angle;
            }
            long number = i == 3 ? -1 : i == 2 ? fixed(in, 0, in.length(), 3, 59_999)
                    : Numbers.decimal(in, 0, in.length(), i == 0 ? max : 59);
            if (number < 0) {
                return ReturnCode.DNS_NUMBER;
            }
            angle += i == 2 ? number : number * unit;
        }
        return ReturnCode.DNS_NUMBER;
    }

    /** Parses a length in metres into centimetres; the least long after an error. */
    private static long parseMetres(TextReader in, long min, long max) {
        int end = in.length();
        end -= end > 0 && (in.charAt(end - 1) | 0x20) == 'm' ? 1 : 0;
        boolean isNegative = end > 0 && in.charAt(0) == '-';
        long cm = fixed(in, isNegative ? 1 : 0, end, 2, Math.max(-min, max));
        long value = isNegative ? -cm : cm;
        return cm < 0 || value < min || value > max ? Long.MIN_VALUE : value;
    }

    /** Parses a decimal fraction as a whole number of units of its last possible digit. */
    private static long fixed(CharSequence text, int from, int to, int digits, long max) {
        int point = AsciiText.indexOf(text, '.', from, to);
        long value = Numbers.decimal(text, from, point, max);
        if (value < 0 || to - point - 1 > digits) {
            return -1;
        }
        for (int i = 1; i <= digits; i++) {
            int digit = point + i < to ? AsciiText.digit(text.charAt(point + i), 10) : 0;
            value = digit < 0 ? -1 : value * 10 + digit;
            if (value < 0 || value > max) {
                return -1;
            }
        }
        return value;
    }
}
