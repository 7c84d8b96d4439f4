package io.penstock.core.net;

import com.ibm.icu.text.IDNA;
import io.penstock.core.ReturnCode;

/**
 * Internationalised names by ICU4J, which whoever uses this class must have beside Penstock: as
 * browsers have them, without the transition from the older standard.
 *
 * <p><b>Threading</b>: one thread. <b>Allocation</b>: as ICU likes. <b>See</b>: UTS #46, RFC 5891.
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
