package io.penstock.dns.iana;

import java.util.Arrays;

/** Numbers and their names, found either way without allocating. */
final class Registry {
    private final String[] names;
    private final int[] codes;
    private final int[] byCode;
    private final int[] byName;
    private final int mask;
    private int count;

    Registry(int capacity) {
        names = new String[capacity];
        codes = new int[capacity];
        int slots = Integer.highestOneBit(capacity) * 4;
        mask = slots - 1;
        byCode = new int[slots];
        byName = new int[slots];
        Arrays.fill(byCode, -1);
        Arrays.fill(byName, -1);
    }

    Registry add(int code, String name) {
        names[count] = name;
        codes[count] = code;
        int slot = code & mask;
        while (byCode[slot] >= 0) {
            slot = slot + 1 & mask;
        }
        byCode[slot] = count;
        slot = hash(name) & mask;
        while (byName[slot] >= 0) {
            slot = slot + 1 & mask;
        }
        byName[slot] = count++;
        return this;
    }

    /** The name of a number, or null. */
    String name(int code) {
        for (int slot = code & mask; byCode[slot] >= 0; slot = slot + 1 & mask) {
            if (codes[byCode[slot]] == code) {
                return names[byCode[slot]];
            }
        }
        return null;
    }

    /** The number of a name in any case, or -1. */
    int code(CharSequence name) {
        for (int slot = hash(name) & mask; byName[slot] >= 0; slot = slot + 1 & mask) {
            if (matches(names[byName[slot]], name)) {
                return codes[byName[slot]];
            }
        }
        return -1;
    }

    /** The number of a name, or of the prefix and digits, or of digits where there is no prefix. */
    int code(CharSequence name, String prefix, int max) {
        int code = code(name);
        return code >= 0 ? code : numbered(name, prefix, max);
    }

    private static int numbered(CharSequence text, String prefix, int max) {
        int at = prefix.length();
        if (text.length() <= at || !startsWith(text, prefix)) {
            return -1;
        }
        int value = 0;
        for (; at < text.length(); at++) {
            int digit = text.charAt(at) - '0';
            value = value * 10 + digit;
            if (digit < 0 || digit > 9 || value > max) {
                return -1;
            }
        }
        return value;
    }

    private static int hash(CharSequence text) {
        int hash = 0;
        for (int i = 0; i < text.length(); i++) {
            hash = 31 * hash + upper(text.charAt(i));
        }
        return hash ^ hash >>> 7;
    }

    private static boolean matches(String name, CharSequence text) {
        return name.length() == text.length() && startsWith(text, name);
    }

    private static boolean startsWith(CharSequence text, String prefix) {
        for (int i = 0; i < prefix.length(); i++) {
            if (upper(text.charAt(i)) != upper(prefix.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static int upper(char c) {
        return c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c;
    }
}
