package io.penstock.compare.page;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One work that all peers did: a figure each, or a curve of them. */
final class Row {
    static final String OWN = "Penstock";

    final String title;
    private final Map<String, Peer> peers = new LinkedHashMap<>();

    Row(String title) {
        this.title = title;
    }

    Peer peer(String name) {
        return peers.computeIfAbsent(name, Peer::new);
    }

    /** Who is told of: not one of whom nothing was expected, such as the Java heap of C. */
    List<Peer> peers() {
        List<Peer> told = new ArrayList<>(peers.values());
        told.removeIf(peer -> !peer.isMeasured() && peer.target == null && peer.lost.isEmpty());
        return told;
    }

    /** The places of a curve in their order; a single one without a name is no curve. */
    List<String> places() {
        Set<String> all = new LinkedHashSet<>();
        for (Peer peer : peers.values()) {
            peer.places().forEach(all::add);
        }
        return List.copyOf(all);
    }

    boolean isCurve() {
        return !places().isEmpty() && !places().equals(List.of(""));
    }

    /** Penstock's median to that of another; NaN where there is none, or that one is 0. */
    double ratio(Peer peer, String place) {
        Peer own = peers.get(OWN);
        if (own == null || own == peer || !own.isMeasured(place) || !peer.isMeasured(place)) {
            return Double.NaN;
        }
        double other = peer.median(place);
        return other == 0 ? Double.NaN : own.median(place) / other;
    }

    /** What is said of a peer in the last column. */
    String note(Peer peer) {
        String verdict = verdict(peer);
        return peer.did.isEmpty() ? verdict
                : verdict + (verdict.isEmpty() ? "" : "  ") + "(" + peer.did + ")";
    }

    private String verdict(Peer peer) {
        String wanted = peer.target == null ? "" : peer.target.toString();
        if (!peer.lost.isEmpty()) {
            return peer.lost + (wanted.isEmpty() ? "" : " (" + wanted + ")");
        }
        if (peer.target == null) {
            return "";
        }
        if (!isJudged(peer)) {
            return wanted + "  not measured";
        }
        return wanted + (isMissed(peer) ? "  MISSED" : "  ok");
    }

    boolean isMissed(Peer peer) {
        return peer.target != null && isJudged(peer) && peer.lost.isEmpty()
                && !places().stream().allMatch(place -> isMet(peer, place));
    }

    private boolean isJudged(Peer peer) {
        return peer.isMeasured() && (!isRatio(peer) || peers.get(OWN).isMeasured());
    }

    /** A target of another's is one of the ratio to it; Penstock's own is one of its value. */
    private boolean isRatio(Peer peer) {
        return peers.containsKey(OWN) && !peer.name.equals(OWN);
    }

    private boolean isMet(Peer peer, String place) {
        if (!peer.isMeasured(place)) {
            return false;
        }
        double value = isRatio(peer) ? ratio(peer, place) : peer.median(place);
        return peer.target.isMet(value);
    }
}
