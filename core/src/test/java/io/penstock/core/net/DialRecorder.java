package io.penstock.core.net;

import io.penstock.core.testing.Recorder;

/** Records the callbacks of a dialer. */
class DialRecorder extends Recorder implements DialHandler {
    /** The code passed to onFailed; 1 before. */
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
