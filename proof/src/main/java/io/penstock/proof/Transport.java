package io.penstock.proof;

/** What a crowd speaks. */
enum Transport {
    TCP, TLS, DTLS;

    boolean isDatagram() {
        return this == DTLS;
    }

    boolean isSecure() {
        return this != TCP;
    }
}
