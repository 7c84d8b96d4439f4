package io.penstock.samples;

import io.penstock.core.net.Endpoint;
import io.penstock.dns.iana.RecordType;
import io.penstock.dns.wire.Message;
import io.penstock.dns.wire.Name;
import io.penstock.dns.wire.NameText;
import io.penstock.dns.wire.Rdata;
import io.penstock.dns.wire.ResourceRecord;
import io.penstock.dns.wire.Section;
import io.penstock.samples.LookupQuery.Switch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code +trace}: from the root on, each server asked where the next ones are. {@code +nssearch}:
 * every server of a zone asked for its SOA.
 */
final class LookupTrace {
    private static final int MAX_STEPS = 30;

    private final Lookup lookup;
    private final LookupQuery query;
    private final int port;
    private String owner; // of the NS records that were found last

    LookupTrace(Lookup lookup, LookupQuery query) {
        this.lookup = lookup;
        this.query = query;
        port = query.port();
    }

    /** Goes from the root to who has the answer: the exit status. */
    int trace() {
        String name = query.name;
        LookupQuery step = new LookupQuery(query);
        step.type = RecordType.NS;
        int status = lookup.ask(step, ".", true);
        String zone = ".";
        for (int i = 0; i < MAX_STEPS && status == Exit.OK; i++) {
            Map<String, List<Endpoint>> servers = servers(i == 0 ? Section.ANSWER
                    : Section.AUTHORITY, zone, i == 0);
            if (servers.isEmpty()) {
                return status;
            }
            zone = owner;
            status = askOneOf(servers, name);
            if (lookup.received().count(Section.ANSWER) > 0) {
                return status;
            }
        }
        return status;
    }

    private int askOneOf(Map<String, List<Endpoint>> servers, String name) {
        for (Map.Entry<String, List<Endpoint>> server : servers.entrySet()) {
            LookupQuery step = new LookupQuery(query);
            step.set(Switch.RECURSE, false);
            step.server = server.getKey();
            step.addresses = server.getValue();
            if (lookup.ask(step, name, true) == Exit.OK) {
                return Exit.OK;
            }
        }
        return Lookup.NO_REPLY;
    }

    /** Asks every server of the zone that the name is in. */
    int searchServers() {
        for (String zone = query.name; !zone.isEmpty(); zone = parent(zone)) {
            LookupQuery step = new LookupQuery(query);
            step.type = RecordType.NS;
            step.isSilent = true;
            int status = lookup.ask(step, zone, true);
            if (status != Exit.OK) {
                return status;
            }
            Map<String, List<Endpoint>> servers = servers(Section.ANSWER, ".", true);
            if (!servers.isEmpty()) {
                servers.forEach((server, addresses) -> askForSoa(server, addresses));
                return Exit.OK;
            }
        }
        return Exit.OK;
    }

    private static String parent(String name) {
        int dot = name.indexOf('.');
        return dot < 0 ? "" : name.substring(dot + 1);
    }

    private void askForSoa(String server, List<Endpoint> addresses) {
        String zone = owner;
        for (Endpoint address : addresses) {
            LookupQuery step = new LookupQuery(query);
            step.type = RecordType.SOA;
            step.set(Switch.RECURSE, false);
            step.server = server;
            step.addresses = List.of(address);
            lookup.ask(step, zone, true);
        }
    }

    // Who is next

    /**
     * The servers that a section names, of a zone below the one given or that one itself, with
     * their addresses: of the additional section, or of whom the first question went to, or of
     * the system.
     */
    private Map<String, List<Endpoint>> servers(int section, String above, boolean mayBeSame) {
        Map<String, List<Endpoint>> found = new LinkedHashMap<>();
        Message message = lookup.received();
        message.seek(section);
        while (message.nextRecord() && message.section() == section) {
            ResourceRecord record = message.record();
            String name = text(record, record.owner());
            if (record.type() == RecordType.NS
                    && (mayBeSame || labels(name) > labels(above))) {
                owner = name;
                found.put(text(record, record.offset(Rdata.VALUE)), new ArrayList<>());
            }
        }
        message.seek(Section.ADDITIONAL);
        while (message.nextRecord()) {
            glue(found, message.record());
        }
        Map<String, List<Endpoint>> servers = new LinkedHashMap<>();
        found.forEach((name, addresses) -> {
            String plain = name.length() > 1 ? name.substring(0, name.length() - 1) : name;
            if (addresses.isEmpty()) {
                ask(addresses, name, RecordType.A);
                ask(addresses, name, RecordType.AAAA);
            }
            if (addresses.isEmpty()) {
                lookup.resolve(addresses, plain, port);
            }
            if (!addresses.isEmpty()) {
                servers.put(plain, addresses);
            }
        });
        return servers;
    }

    private void glue(Map<String, List<Endpoint>> found, ResourceRecord record) {
        List<Endpoint> addresses = record.type() == RecordType.OPT ? null
                : found.get(text(record, record.owner()));
        if (addresses != null) {
            add(addresses, record);
        }
    }

    private void add(List<Endpoint> addresses, ResourceRecord record) {
        Endpoint at = new Endpoint();
        if (record.type() == RecordType.AAAA) {
            at.ipv6(record.ipv6High(), record.ipv6Low(), port, 0);
            lookup.add(addresses, at, true);
        } else if (record.type() == RecordType.A) {
            at.ipv4(record.ipv4(), port);
            lookup.add(addresses, at, false);
        }
    }

    private void ask(List<Endpoint> addresses, String name, int type) {
        LookupQuery step = new LookupQuery(query);
        step.type = type;
        step.tries = 1;
        step.isSilent = true;
        Message message = lookup.received();
        if (lookup.ask(step, name, true) == Exit.OK) {
            message.seek(Section.ANSWER);
            while (message.nextRecord() && message.section() == Section.ANSWER) {
                add(addresses, message.record());
            }
        }
    }

    private static int labels(String name) {
        return name.equals(".") ? 0 : (int) name.chars().filter(c -> c == '.').count();
    }

    private static String text(ResourceRecord record, int offset) {
        return NameText.append(new StringBuilder(Name.MAX_BYTES), record.buffer(), offset)
                .toString();
    }
}
