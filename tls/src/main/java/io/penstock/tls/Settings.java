package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;

/**
 * Checks the texts of a configuration before the library reads them. In the library's lists a colon
 * would make two names of one, a sign in front of a name would remove that name, and a NUL would
 * cut it short. So a text is refused by every version of the library alike.
 */
final class Settings {
    private static final String SUITE = "[A-Za-z0-9_-]+";
    private static final String GROUP = "(?!(?i)default$)[A-Za-z0-9][A-Za-z0-9_-]*";
    private static final String SIGNATURE = "[A-Za-z0-9][A-Za-z0-9_+-]*";
    private static final String PROVIDER = "[A-Za-z0-9][A-Za-z0-9._-]*";

    private final Diagnosis diagnosis;

    private Settings(Diagnosis diagnosis) {
        this.diagnosis = diagnosis;
    }

    /** 0, or a code, and the diagnosis says which setting. */
    static int check(TlsConfig config, Diagnosis diagnosis) {
        Settings settings = new Settings(diagnosis);
        int rc = settings.names("suite", config.suites, SUITE);
        rc = rc < 0 ? rc : settings.names("group", config.groups, GROUP);
        rc = rc < 0 ? rc : settings.names("signature algorithm", config.signatures, SIGNATURE);
        rc = rc < 0 || config.providers.length == 0 ? rc
                : settings.names("provider", config.providers, PROVIDER);
        rc = rc < 0 ? rc : settings.text("properties", config.properties);
        rc = rc < 0 ? rc : settings.text("key log", config.keyLog);
        rc = rc < 0 || config.alpn.length == 0 || Alpn.encode(config.alpn) != null ? rc
                : diagnosis.of(ReturnCode.TLS_BAD_SETTING, "ALPN: a name that is empty, too long,"
                + " or not ASCII");
        rc = rc < 0 ? rc : settings.passphrase(config);
        for (TlsConfig.Host host : config.hosts) {
            rc = rc < 0 ? rc : settings.host(host, config);
        }
        return rc;
    }

    private int host(TlsConfig.Host host, TlsConfig config) {
        int rc = HostName.pattern(host.name(), config.names).code;
        return rc < 0 ? diagnosis.of(rc, "host " + quoted(host.name()))
                : passphrase(host.identity());
    }

    private int names(String what, String[] names, String pattern) {
        if (names == null) {
            return 0;
        }
        for (String name : names) {
            if (!name.matches(pattern)) {
                return bad(what + " " + quoted(name));
            }
        }
        return names.length == 0 ? bad("no " + what) : 0;
    }

    private int text(String what, String text) {
        return text == null || !text.isBlank() && NativeBuffer.isCString(text) ? 0
                : bad(what + " " + quoted(text));
    }

    /** Checks a passphrase, which the diagnosis does not quote. */
    private int passphrase(TlsConfig identity) {
        return NativeBuffer.isCString(identity.passphrase) ? 0
                : bad("a passphrase that the library would cut short");
    }

    private int bad(String about) {
        return diagnosis.of(ReturnCode.TLS_BAD_SETTING, about);
    }

    /** A text in quotes, with escapes for characters that a terminal would not show. */
    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        text.chars().forEach(c -> {
            if (c < ' ' || c >= 0x7f) {
                out.append(String.format("\\u%04x", c));
            } else {
                out.append((char) c);
            }
        });
        return out.append('"').toString();
    }
}
