package io.penstock.samples;

import com.ibm.icu.text.IDNA;
import io.penstock.core.ReturnCode;
import io.penstock.core.net.IcuNames;
import java.util.EnumSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names that are not ASCII, by ICU: loaded when there is one. */
final class LookupNames {
    private static final Pattern ENCODED = Pattern.compile(
            "(?i)(?<![^\\s\"'(;])[^\\s\"'();]*xn--[^\\s\"'();]*");

    private static LookupNames one;

    private final IcuNames toAscii = new IcuNames();
    private final IDNA toUnicode = IDNA.getUTS46Instance(IDNA.NONTRANSITIONAL_TO_UNICODE);

    private LookupNames() {
    }

    private static LookupNames load() {
        one = one == null ? new LookupNames() : one;
        return one;
    }

    /** What is asked for; what is no name at all is told as dig does. */
    static String toAscii(String name) {
        if (name.chars().allMatch(c -> c < 0x80)) {
            return name;
        }
        StringBuilder out = new StringBuilder();
        if (load().toAscii.toAscii(name, out) < 0) {
            throw new Exit(Exit.FAILURE, "lookup: '" + name + "' is not a legal IDNA2008 name ("
                    + ReturnCode.describe(ReturnCode.BAD_NAME) + "), use +noidnin");
        }
        return out.toString();
    }

    /** Every name of a text that is encoded and means something. */
    static String toUnicode(String text) {
        return ENCODED.matcher(text).replaceAll(LookupNames::decode);
    }

    private static String decode(MatchResult name) {
        IDNA.Info info = new IDNA.Info();
        StringBuilder out = load().toUnicode.nameToUnicode(
                name.group(), new StringBuilder(), info);
        boolean isWhole = !info.hasErrors() || info.getErrors().equals(EnumSet.of(
                IDNA.Error.EMPTY_LABEL)); // the last dot
        return Matcher.quoteReplacement(
                isWhole ? out.toString() : name.group());
    }
}
