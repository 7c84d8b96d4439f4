package io.penstock.dns.wire;

import io.penstock.core.buffer.AsciiText;

/** Numbers and times as text. The parsers read [from, to) of a text, and return -1 for an error. */
final class Numbers {
    private static final int SECONDS_A_DAY = 86_400;
    private static final long MAX_32_BITS = 0xffff_ffffL;
    private static final String UNITS = "smhdw";
    private static final int[] UNIT_SECONDS = {1, 60, 3_600, SECONDS_A_DAY, 7 * SECONDS_A_DAY};

    private Numbers() {
    }

    static long decimal(CharSequence text, int from, int to, long max) {
        return AsciiText.number(text, from, to, 10, max);
    }

    static long hexadecimal(CharSequence text, int from, int to) {
        return AsciiText.number(text, from, to, 16, MAX_32_BITS);
    }

    /** Seconds, or numbers with units as in {@code 1w2d3h4m5s}. */
    static long period(CharSequence text, int from, int to) {
        long total = 0;
        int at = from;
        while (at < to) {
            int end = at;
            while (end < to && AsciiText.digit(text.charAt(end), 10) >= 0) {
                end++;
            }
            long number = decimal(text, at, end, MAX_32_BITS);
            int unit = end == to ? 0 : UNITS.indexOf(text.charAt(end) | 0x20);
            // A number without a unit stands alone.
            if (number < 0 || unit < 0 || end == to && at > from) {
                return -1;
            }
            total += number * UNIT_SECONDS[unit];
            if (total > MAX_32_BITS) {
                return -1;
            }
            at = end + 1;
        }
        return from < to ? total : -1;
    }

    /** {@code YYYYMMDDHHmmSS}, or seconds since 1970. */
    static long time(CharSequence text, int from, int to) {
        if (to - from != 14) {
            return decimal(text, from, to, MAX_32_BITS);
        }
        long date = decimal(text, from, from + 8, 99_999_999);
        long clock = decimal(text, from + 8, to, 999_999);
        long day = date % 100;
        long month = date / 100 % 100;
        long year = date / 10_000;
        long hour = clock / 10_000;
        long minute = clock / 100 % 100;
        long second = clock % 100;
        if (date < 0 || clock < 0 || month < 1 || month > 12 || day < 1
                || day > daysIn(month, year) || hour > 23 || minute > 59 || second > 60) {
            return -1;
        }
        long seconds = daysTo(year, month, day) * SECONDS_A_DAY
                + hour * 3_600 + minute * 60 + second;
        return seconds < 0 || seconds > MAX_32_BITS ? -1 : seconds;
    }

    static void printTime(long seconds, TextWriter out) {
        // Count in years that begin in March, so that the leap day is the last.
        long days = seconds / SECONDS_A_DAY + 719_468;
        long era = days / 146_097;
        long dayOfEra = days % 146_097;
        long yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096)
                / 365;
        long dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        long marchMonth = (5 * dayOfYear + 2) / 153;
        long month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
        long clock = seconds % SECONDS_A_DAY;
        out.digits(yearOfEra + era * 400 + (month <= 2 ? 1 : 0), 4).digits(month, 2)
                .digits(dayOfYear - (153 * marchMonth + 2) / 5 + 1, 2)
                .digits(clock / 3_600, 2).digits(clock / 60 % 60, 2).digits(clock % 60, 2);
    }

    private static long daysIn(long month, long year) {
        if (month == 2) {
            return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
        }
        return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
    }

    private static long daysTo(long year, long month, long day) {
        long y = month <= 2 ? year - 1 : year;
        long marchMonth = month > 2 ? month - 3 : month + 9;
        long dayOfYear = (153 * marchMonth + 2) / 5 + day - 1;
        return y * 365 + y / 4 - y / 100 + y / 400 + dayOfYear - 719_468;
    }
}
