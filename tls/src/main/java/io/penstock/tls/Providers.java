package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.tls.openssl.Crypto;
import java.lang.ref.Reference;
import java.util.HashMap;
import java.util.Map;

/**
 * The library's contexts of providers, one for each set of names. They are never freed: connections
 * use one also after the TLS context that named it has closed.
 */
final class Providers {
    private static final Map<String, Long> LOADED = new HashMap<>();

    private Providers() {
    }

    /** The library's context of these providers: 0 for the default one; or a code. */
    static synchronized long library(String[] names, Diagnosis diagnosis) {
        if (names.length == 0) {
            return 0;
        }
        String key = String.join(" ", names);
        Long known = LOADED.get(key);
        if (known != null) {
            return known;
        }
        long library = Crypto.OSSL_LIB_CTX_new();
        for (String name : names) {
            NativeBuffer text = NativeBuffer.cString(name);
            long provider = Crypto.OSSL_PROVIDER_load(library, text.addressOffset());
            Reference.reachabilityFence(text);
            if (provider == 0) {
                Crypto.OSSL_LIB_CTX_free(library);
                return diagnosis.ofLibrary(
                        ReturnCode.TLS_PROVIDER_MISSING, "provider " + name);
            }
        }
        LOADED.put(key, library);
        return library;
    }
}
