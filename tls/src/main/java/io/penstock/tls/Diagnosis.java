package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.tls.openssl.Crypto;

/** The reason of a failure as a text, beside the code that says its kind. */
final class Diagnosis {
    private String text = "";

    /** The text; empty if the code says everything. */
    String text() {
        return text;
    }

    void clear() {
        text = "";
    }

    /** Notes the subject of a code, such as a file; returns the code. */
    int of(int code, String about) {
        text = about;
        return code;
    }

    /** As {@link #of(int, String)}, with the kernel's code. */
    int of(int code, String about, int cause) {
        return of(code, about + ": " + ReturnCode.describe(cause));
    }

    /** As {@link #of(int, String)}, with the library's oldest error, which is the innermost. */
    int ofLibrary(int code, String about) {
        long error = Crypto.ERR_peek_error();
        Crypto.ERR_clear_error();
        return of(code, error == 0 ? about : about + ": " + Failure.text(error));
    }
}
