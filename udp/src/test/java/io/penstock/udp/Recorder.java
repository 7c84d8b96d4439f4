package io.penstock.udp;

import io.penstock.core.net.Endpoint;
import java.util.ArrayList;
import java.util.List;

/** Records callbacks, and then runs the test's code. */
class Recorder implements DatagramHandler {
    final List<String> heard = new ArrayList<>();
    final List<Integer> lengths = new ArrayList<>();
    int datagrams;
    int writables;
    int errors;
    int closes;
    Runnable onDatagrams = () -> { };
    Runnable onWritable = () -> { };
    Runnable onError = () -> { };
    Runnable onClose = () -> { };

    @Override
    public void onDatagrams(UdpSocket socket, DatagramBatch batch, int count) {
        heard.add("datagrams " + count);
        for (int slot = 0; slot < count; slot++) {
            datagrams += batch.segments(slot);
            lengths.add(batch.length(slot));
        }
        onDatagrams.run();
    }

    @Override
    public void onWritable(UdpSocket socket) {
        heard.add("writable");
        writables++;
        onWritable.run();
    }

    @Override
    public void onError(UdpSocket socket, int code, Endpoint destination) {
        heard.add("error " + code + " " + destination);
        errors++;
        onError.run();
    }

    @Override
    public void onClose(UdpSocket socket, int result) {
        heard.add("close " + result);
        closes++;
        onClose.run();
    }
}
