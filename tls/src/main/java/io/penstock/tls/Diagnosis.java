package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.tls.openssl.Crypto;

/** What is wrong, in words, beside the code that says of which kind it is. */
final class Diagnosis {
    private String text = "";

    /** Empty if there is nothing to be said. */
    String text() {
        return text;
    }

    void clear() {
        text = "";
    }

    /** Notes what the code is about, and answers it. */
    int of(int code, String about) {
        text = about;
        return code;
    }

    /** The same, with what the kernel says. */
    int of(int code, String about, int cause) {
        return of(code, about + ": " + ReturnCode.describe(cause));
    }

    /** The same, with what the library says: its oldest error is the innermost. */
    int ofLibrary(int code, String about) {
        long error = Crypto.ERR_peek_error();
        Crypto.ERR_clear_error();
        return of(code, error == 0 ? about : about + ": " + Failure.text(error));
    }
}
