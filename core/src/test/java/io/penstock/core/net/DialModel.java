package io.penstock.core.net;

import io.penstock.core.ReturnCode;
import io.penstock.core.net.ScriptedNetwork.Begun;
import io.penstock.core.net.ScriptedNetwork.Outcome;
import io.penstock.core.sys.Errno;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** A model of RFC 8305: a dial whose attempts have known outcomes. */
final class DialModel {
    private static final long FIRST_DELAY_NS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long DELAY_NS = TimeUnit.MILLISECONDS.toNanos(2_000);

    /** The attempts, and when each begins. */
    final List<Begun> begun = new ArrayList<>();
    /** The port that connected, or -1. */
    int winner = -1;
    /** The code passed to onFailed; 0 if it is not called. */
    int code;

    private final TreeMap<Long, Endpoint> ends = new TreeMap<>();
    private final Map<Integer, Outcome> outcomes;
    private int firstCode;

    /** Dials a list in the model's order, until a deadline or a cancel if one comes first. */
    DialModel(List<Endpoint> list, Map<Integer, Outcome> outcomes, long startNs, long deadlineNs,
            long cancelNs) {
        this.outcomes = outcomes;
        Queue<Endpoint> left = new ArrayDeque<>(order(list));
        long limitNs = Math.min(deadlineNs, cancelNs);
        long dueNs = startNs;
        while (winner < 0 && code == 0) {
            long endNs = ends.isEmpty() ? ScriptedNetwork.NEVER : ends.firstKey();
            long nextNs = left.isEmpty() ? ScriptedNetwork.NEVER : dueNs;
            if (left.isEmpty() && ends.isEmpty()) {
                code = firstCode;
            } else if (limitNs <= Math.min(endNs, nextNs)) {
                code = limitNs == cancelNs ? -Errno.ECANCELED : ReturnCode.TIMED_OUT;
            } else if (nextNs <= endNs) {
                dueNs = nextNs + begin(left.remove(), nextNs);
            } else if (end(ends.remove(endNs))) {
                dueNs = Math.min(dueNs, endNs);
            }
        }
    }

    static List<Endpoint> order(List<Endpoint> list) {
        List<Queue<Endpoint>> families = List.of(new ArrayDeque<>(), new ArrayDeque<>());
        for (Endpoint address : new LinkedHashSet<>(list)) {
            families.get(address.isIpv4() == list.getFirst().isIpv4() ? 0 : 1).add(address);
        }
        List<Endpoint> order = new ArrayList<>();
        for (int i = 0; !families.get(0).isEmpty() || !families.get(1).isEmpty(); i++) {
            Endpoint next = families.get(i % 2).poll();
            if (next != null) {
                order.add(next);
            }
        }
        return order;
    }

    /** How long the next attempt waits. */
    private long begin(Endpoint address, long atNs) {
        begun.add(new Begun(address.port(), atNs));
        Outcome outcome = outcomes.get(address.port());
        if (outcome.afterNs() == 0 && outcome.errno() != 0) {
            failed(address, outcome.errno());
            return 0;
        }
        if (outcome.afterNs() != ScriptedNetwork.NEVER) {
            ends.put(atNs + outcome.afterNs(), address);
        } else {
            ends.put(ScriptedNetwork.NEVER - begun.size(), address); // after all that end
        }
        return begun.size() == 1 ? FIRST_DELAY_NS : DELAY_NS;
    }

    /** Whether the attempt failed. */
    private boolean end(Endpoint address) {
        int errno = outcomes.get(address.port()).errno();
        if (errno == 0) {
            winner = address.port();
        } else {
            failed(address, errno);
        }
        return errno != 0;
    }

    private void failed(Endpoint address, int errno) {
        if (address.port() == begun.getFirst().port()) {
            firstCode = -errno;
        }
    }
}
