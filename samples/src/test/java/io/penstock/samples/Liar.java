package io.penstock.samples;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * A server that answers as a script says, by the first label of the name that it is asked for. A
 * line of the script has the label, {@code udp} or {@code tcp} (without a line for TCP, what is
 * said over UDP), and messages in hex with {@code |} between them, blanks as one likes. In them
 * {@code I} is the question's number, {@code Q} its question, {@code A} an address record of the
 * name, and {@code C} the client's cookie; {@code S} is silence, and
 * {@code E} closes the connection. What is not in the script is not answered.
 */
final class Liar implements AutoCloseable {
    private static final String ADDRESS = "c00c 0001 0001 0000003c 0004 01020304";

    private final Map<String, String[]> script = new HashMap<>();
    private final DatagramSocket udp;
    private final ServerSocket tcp;

    Liar(String text) throws IOException {
        for (String line : text.lines().filter(l -> !l.isBlank() && l.charAt(0) != '#').toList()) {
            String[] words = line.split("\\s+", 3);
            script.put(words[0] + "/" + words[1], words[2].split("\\|"));
        }
        tcp = new ServerSocket(Shell.freePort(), 50, InetAddress.getLoopbackAddress());
        udp = new DatagramSocket(tcp.getLocalPort(), InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::answerDatagrams);
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return tcp.getLocalPort();
    }

    private List<byte[]> answers(byte[] question, String transport) {
        String label = new String(question, 13, question[12]);
        String[] messages = script.getOrDefault(label + "/" + transport,
                script.getOrDefault(label + "/udp", new String[0]));
        int end = 12;
        while (question[end] > 0) {
            end += question[end] + 1;
        }
        String hex = HexFormat.of().formatHex(question);
        String id = hex.substring(0, 4);
        String asked = hex.substring(24, 2 * (end + 5));
        int cookie = hex.indexOf("000a00", 2 * end) + 8;
        String client = hex.substring(cookie, Math.min(hex.length(), cookie + 16));
        return Arrays.stream(messages).filter(m -> !m.equals("S"))
                .map(m -> m.replace("A", ADDRESS).replace("I", id).replace("Q", asked)
                        .replace("C", client).replace("E", "").replaceAll("\\s", ""))
                .map(HexFormat.of()::parseHex).toList();
    }

    private void answerDatagrams() {
        DatagramPacket packet = new DatagramPacket(new byte[4096], 4096);
        try {
            while (true) {
                packet.setLength(4096);
                udp.receive(packet);
                byte[] question = Arrays.copyOf(packet.getData(), packet.getLength());
                for (byte[] answer : answers(question, "udp")) {
                    udp.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                }
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = tcp.accept();
                Thread.ofVirtual().start(() -> answerStream(socket));
            }
        } catch (IOException e) {
            // closed
        }
    }

    /** An answer that is empty closes the connection. */
    private void answerStream(Socket socket) {
        try (socket) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            while (true) {
                byte[] question = new byte[in.readUnsignedShort()];
                in.readFully(question);
                for (byte[] answer : answers(question, "tcp")) {
                    if (answer.length == 0) {
                        return;
                    }
                    out.writeShort(answer.length);
                    out.write(answer);
                }
            }
        } catch (IOException e) {
            // who asked has what it wanted
        }
    }

    @Override
    public void close() throws IOException {
        udp.close();
        tcp.close();
    }
}
