package io.penstock.tls;

/** The same with TLS 1.2. */
class Robustness12Test extends RobustnessTest {
    @Override
    int protocol() {
        return TlsConfig.TLS_1_2;
    }
}
