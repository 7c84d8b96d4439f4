package io.penstock.core.net;

import com.ibm.icu.text.IDNA;
import io.penstock.core.ReturnCode;

/**
 * Maps internationalised names by ICU4J, which a program that uses this class must have as a
 * dependency of its own. The mapping is the one of browsers, without the transition from the older
 * standard.
 *
 * <p><b>Threading</b>: one thread. <b>Allocation</b>: ICU allocates at each call. <b>See</b>: UTS
 * #46, RFC 5891.
 */
public final class IcuNames implements NameMapping {
    private final IDNA idna = IDNA.getUTS46Instance(IDNA.CHECK_BIDI | IDNA.CHECK_CONTEXTJ
            | IDNA.NONTRANSITIONAL_TO_ASCII);
    private final IDNA.Info info = new IDNA.Info();

    /** Loads ICU's tables. */
    public IcuNames() {
    }

    @Override
    public int toAscii(CharSequence name, StringBuilder out) {
        idna.nameToASCII(name, out, info);
        return info.hasErrors() ? ReturnCode.BAD_NAME : ReturnCode.OK;
    }
}
