package io.penstock.core.net;

import io.penstock.core.testing.Recorder;

/** Writes down what a dialer's handler is told. */
class DialRecorder extends Recorder implements DialHandler {
    /** What onFailed was told; 1 before. */
    int code = 1;

    @Override
    public void onOpen(Stream stream) {
        calls.add("open");
        this.stream = stream;
    }

    @Override
    public void onFailed(Dialer dialer, int code) {
        calls.add("failed");
        this.code = code;
    }
}
