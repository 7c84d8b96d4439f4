package io.penstock.tls;

/** A handler of TLS streams that writes down what it is told. */
class Recorder extends io.penstock.core.testing.Recorder {
    TlsStream tls() {
        return (TlsStream) stream;
    }
}
