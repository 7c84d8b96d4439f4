package io.penstock.dns.resolver;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.AsciiText;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.Endpoint;
import io.penstock.core.sys.Linux;
import io.penstock.dns.iana.RecordClass;
import io.penstock.dns.iana.RecordType;
import io.penstock.dns.wire.MessageWriter;
import io.penstock.dns.wire.Name;
import io.penstock.dns.wire.NameText;
import io.penstock.dns.wire.Section;
import java.util.concurrent.TimeUnit;

/**
 * Takes a lookup through its sources, in this order: the name is an address, the name has a fixed
 * meaning, the hosts file; then, for each name of the search list, the cache and the name servers.
 */
final class Search {
    private static final int A = 0;
    private static final int AAAA = 1;
    private static final int LOCAL_BYTES = 1024;
    private static final int LOCAL_MESSAGE_TTL = 0;
    private static final String HEX = "0123456789abcdef";
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

    private final Resolver resolver;
    private final ResolverConfig config;
    private final ResolvConf conf;
    private final Hosts hosts;
    private final SpecialNames special;
    private final Cache cache;
    private final Queries queries;
    private final AddressOrder order;
    private final MessageWriter writer = new MessageWriter();
    private final NativeBuffer local = NativeBuffer.allocate(LOCAL_BYTES);
    private final Endpoint endpoint = new Endpoint();
    private final StringBuilder scratch = new StringBuilder(128);
    private final StringBuilder mapped = new StringBuilder();

    Search(Resolver resolver, ResolverConfig config, ResolvConf conf, Hosts hosts,
            SpecialNames special, Cache cache, Queries queries) {
        this.resolver = resolver;
        this.config = config;
        this.conf = conf;
        this.hosts = hosts;
        this.special = special;
        this.cache = cache;
        this.queries = queries;
        order = new AddressOrder(resolver.posix());
    }

    void close() {
        order.close();
    }

    // Parsing the caller's name

    /** Parses the name into a request that is not begun yet: 0 or a code. */
    int parse(Request request, CharSequence name, int type) {
        request.literalFamily = 0;
        if (isAddressType(type) && mayBeAddress(name)
                && Text.address(name, 0, name.length(), 0, scratch, endpoint) == 0) {
            takeLiteral(request);
            return 0;
        }
        CharSequence ascii = isAscii(name) ? name : toAscii(name);
        if (ascii == null) {
            return ReturnCode.BAD_NAME;
        }
        int n = NameKeys.parse(ascii, request.memory, Request.NAME);
        if (n < 0) {
            return n;
        }
        request.nameLength = n;
        request.dots = Math.max(0, Name.labels(request.memory, Request.NAME) - 1);
        request.isAbsolute = n == 1 || NameText.isDotLast(ascii);
        return 0;
    }

    private static boolean isAscii(CharSequence name) {
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }

    private CharSequence toAscii(CharSequence name) {
        mapped.setLength(0);
        return config.names == null || config.names.toAscii(name, mapped) < 0 ? null : mapped;
    }

    private static boolean isAddressType(int type) {
        return type == Resolver.ADDRESSES || type == RecordType.A || type == RecordType.AAAA;
    }

    private static boolean mayBeAddress(CharSequence name) {
        int length = name.length();
        if (length == 0) {
            return false;
        }
        return AsciiText.digit(name.charAt(0), 10) >= 0
                && AsciiText.digit(name.charAt(length - 1), 10) >= 0
                || AsciiText.indexOf(name, ':', 0, length) < length;
    }

    private void takeLiteral(Request request) {
        request.literalFamily = endpoint.family();
        Answer.begin(request.memory, Request.FOUND, ReturnCode.OK);
        Answer.add(request.memory, Request.FOUND, endpoint.ipHigh(), endpoint.ipLow(),
                endpoint.family(), endpoint.scope());
    }

    /** Puts the name of an address's PTR records into a request: 0 or a code. */
    int reverse(Request request, Endpoint address) {
        scratch.setLength(0);
        if (address.isIpv4() || address.isIpv4Mapped()) {
            int bits = address.ipv4();
            for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
                scratch.append(bits >>> shift & 0xff).append('.');
            }
            scratch.append("in-addr.arpa.");
        } else if (address.isIpv6()) {
            appendNibbles(address.ipLow());
            appendNibbles(address.ipHigh());
            scratch.append("ip6.arpa.");
        } else {
            return ReturnCode.BAD_ADDRESS;
        }
        return parse(request, scratch, RecordType.PTR);
    }

    private void appendNibbles(long bits) {
        for (int shift = 0; shift < Long.SIZE; shift += 4) {
            scratch.append(HEX.charAt((int) (bits >>> shift) & 0xf)).append('.');
        }
    }

    // Local sources

    void begin(Request request) {
        if (request.literalFamily != 0) {
            boolean isWanted = request.type == Resolver.ADDRESSES
                    || wantsFamily(request.type, request.literalFamily);
            finishLocal(request, request.memory, Request.FOUND,
                    isWanted ? ReturnCode.OK : ReturnCode.DNS_NODATA);
        } else if (!answerSpecial(request) && !answerFromHosts(request)) {
            nextName(request);
        }
    }

    private static boolean wantsFamily(int type, int family) {
        return type == (family == Linux.AF_INET ? RecordType.A : RecordType.AAAA);
    }

    private static boolean wantsIpv4(Request request) {
        return request.type == Resolver.ADDRESSES || request.type == RecordType.A;
    }

    private static boolean wantsIpv6(Request request) {
        return request.type == Resolver.ADDRESSES || request.type == RecordType.AAAA;
    }

    /** Answers for a name with a fixed meaning. The hosts file may define those that are absent. */
    private boolean answerSpecial(Request request) {
        int kind = special.kindOf(request.memory, Request.NAME);
        if (kind == SpecialNames.ORDINARY) {
            return false;
        }
        if (kind == SpecialNames.ABSENT && answerFromHosts(request)) {
            return true;
        }
        Answer.begin(local, 0, kind == SpecialNames.LOOPBACK ? ReturnCode.OK : kind);
        if (kind == SpecialNames.LOOPBACK) {
            SpecialNames.addLoopback(local, 0, wantsIpv4(request), wantsIpv6(request));
            order.sort(local, 0);
        }
        boolean isEmpty = kind == SpecialNames.LOOPBACK && local.getInt(Answer.COUNT) == 0;
        finishLocal(request, local, 0, isEmpty ? ReturnCode.DNS_NODATA
                : local.getInt(Answer.RESULT));
        return true;
    }

    private boolean answerFromHosts(Request request) {
        if (request.type == RecordType.PTR) {
            return answerPointer(request);
        }
        if (!isAddressType(request.type)) {
            return false;
        }
        NativeBuffer memory = request.memory;
        Answer.begin(memory, Request.FOUND, ReturnCode.OK);
        int found = hosts.addresses(memory, Request.NAME, request.nameLength,
                wantsIpv4(request), wantsIpv6(request), memory, Request.FOUND);
        if (found > 0) {
            order.sort(memory, Request.FOUND);
            boolean isEmpty = memory.getInt(Request.FOUND + Answer.COUNT) == 0;
            finishLocal(request, memory, Request.FOUND,
                    isEmpty ? ReturnCode.DNS_NODATA : ReturnCode.OK);
        }
        return found > 0;
    }

    private boolean answerPointer(Request request) {
        int name = ReverseName.read(request.memory, Request.NAME, endpoint) < 0 ? -1
                : hosts.nameOf(endpoint.ipHigh(), endpoint.ipLow(), endpoint.family());
        if (name < 0) {
            return false;
        }
        Answer.begin(local, 0, ReturnCode.OK);
        writer.wrap(local, Answer.HEADER_BYTES, LOCAL_BYTES - Answer.HEADER_BYTES);
        writer.question(request.memory, Request.NAME, RecordType.PTR, RecordClass.IN);
        writer.section(Section.ANSWER);
        writer.begin(request.memory, Request.NAME, RecordType.PTR, RecordClass.IN,
                LOCAL_MESSAGE_TTL).name(hosts.names(), name).end();
        local.putInt(Answer.COUNT, 1);
        local.putInt(Answer.MESSAGE_LENGTH, writer.finish());
        finishLocal(request, local, 0, ReturnCode.OK);
        return true;
    }

    private void finishLocal(Request request, NativeBuffer memory, int at, int result) {
        resolver.tally(ResolverMetrics.LOCAL_OFFSET, 1);
        memory.putInt(at + Answer.RESULT, result);
        resolver.finish(request, memory, at, Answer.LOCAL, 0);
    }

    // The search list

    /** Tries the next name of the search list. After the last name the lookup ends. */
    private void nextName(Request request) {
        boolean isFirstAsIs = request.isAbsolute || request.dots >= conf.ndots();
        int names = request.isAbsolute ? 1 : conf.searches() + 1;
        while (request.candidate < names) {
            int i = request.candidate++;
            int searched = isFirstAsIs ? i - 1 : i < names - 1 ? i : -1;
            if (build(request, searched)) {
                ask(request);
                return;
            }
        }
        resolver.finish(request,
                request.sawNoData ? ReturnCode.DNS_NODATA : ReturnCode.DNS_NXDOMAIN);
    }

    /** Appends a domain of the search list to the name: false if the result is too long. */
    private boolean build(Request request, int searched) {
        NativeBuffer memory = request.memory;
        int length = request.nameLength;
        memory.putBytes(Request.TRIED, memory, Request.NAME, length);
        if (searched >= 0) {
            NativeBuffer domains = conf.searchNames();
            int from = searched * NameKeys.ROOM;
            int more = Name.length(domains, from);
            if (length - 1 + more > Name.MAX_BYTES) {
                return false;
            }
            memory.putBytes(Request.TRIED + length - 1, domains, from, more);
            length += more - 1;
        }
        request.triedLength = length;
        return true;
    }

    private void ask(Request request) {
        request.ttl = Long.MAX_VALUE;
        request.flags = Answer.AUTHENTIC;
        int entry = find(request, request.type);
        if (entry >= 0) {
            take(request, entry);
        } else if (request.type == Resolver.ADDRESSES) {
            Answer.begin(request.memory, Request.FOUND, ReturnCode.OK);
            request.pending = Request.PARTS;
            askPart(request, A, RecordType.A);
            if (request.pending > 0) {
                askPart(request, AAAA, RecordType.AAAA);
            }
        } else {
            resolver.tally(ResolverMetrics.CACHE_MISSES_OFFSET, 1);
            request.pending = 1;
            request(request, A, request.type);
        }
    }

    private void askPart(Request request, int part, int type) {
        int entry = find(request, type);
        if (entry >= 0) {
            resolver.tally(ResolverMetrics.CACHE_HITS_OFFSET, 1);
            familyDone(request, part, cache.memory(), cache.answer(entry), leftSeconds(entry));
        } else {
            resolver.tally(ResolverMetrics.CACHE_MISSES_OFFSET, 1);
            request(request, part, type);
        }
    }

    private void request(Request request, int part, int type) {
        if (request.queriesSent >= config.queries) {
            request.pending = 0;
            resolver.finish(request, ReturnCode.DNS_QUOTA);
        } else {
            queries.ask(request, part, request.memory, Request.TRIED, request.triedLength, type);
        }
    }

    /** A fresh entry, which may be a negative answer or a failure. */
    private int find(Request request, int type) {
        int entry = fresh(request, type);
        if (entry < 0) {
            entry = fresh(request, Cache.ANY_TYPE);
        }
        return entry < 0 ? fresh(request, type | Cache.FAILURE) : entry;
    }

    private int fresh(Request request, int type) {
        int entry = cache.find(request.memory, Request.TRIED, request.triedLength, type);
        return entry >= 0 && cache.expiresNs(entry) - resolver.loop().nowNs() > 0 ? entry
                : Cache.NONE;
    }

    private long leftSeconds(int entry) {
        return Math.max(0, cache.expiresNs(entry) - resolver.loop().nowNs()) / SECOND_NS;
    }

    private void take(Request request, int entry) {
        resolver.tally(ResolverMetrics.CACHE_HITS_OFFSET, 1);
        end(request, cache.memory(), cache.answer(entry), 0, leftSeconds(entry));
    }

    // Answers

    /** A query of the request has ended. */
    void answered(Request request, int part, NativeBuffer memory, int at, int flags, long ttl) {
        if (request.type == Resolver.ADDRESSES) {
            familyDone(request, part, memory, at, ttl);
        } else {
            request.pending = 0;
            end(request, memory, at, flags, ttl);
        }
    }

    /** The answer for one of the two families is known. */
    private void familyDone(Request request, int part, NativeBuffer memory, int at, long ttl) {
        request.results[part] = memory.getInt(at + Answer.RESULT);
        if (request.results[part] == ReturnCode.OK) {
            Answer.addAll(request.memory, Request.FOUND, memory, at);
            request.flags &= memory.getInt(at + Answer.FLAGS);
        }
        request.ttl = Math.min(request.ttl, ttl);
        if (--request.pending == 0) {
            join(request);
        }
    }

    /** Both A and AAAA are done. Any address is success; otherwise a failure outranks no data. */
    private void join(Request request) {
        NativeBuffer memory = request.memory;
        int one = request.results[A];
        int other = request.results[AAAA];
        boolean isFound = memory.getInt(Request.FOUND + Answer.COUNT) > 0;
        int failure = Answer.isFailure(one) ? one : Answer.isFailure(other) ? other : 0;
        int result = isFound ? ReturnCode.OK : failure != 0 ? failure
                : one == ReturnCode.DNS_NODATA || other == ReturnCode.DNS_NODATA
                ? ReturnCode.DNS_NODATA : ReturnCode.DNS_NXDOMAIN;
        memory.putInt(Request.FOUND + Answer.RESULT, result);
        memory.putInt(Request.FOUND + Answer.FLAGS, request.flags);
        memory.putLong(Request.FOUND + Answer.TTL, request.ttl);
        if (isFound) {
            if (one == ReturnCode.DNS_NXDOMAIN || other == ReturnCode.DNS_NXDOMAIN) {
                // The name exists, so this NXDOMAIN held for its family alone (RFC 4074 4.2).
                cache.remove(memory, Request.TRIED, request.triedLength, Cache.ANY_TYPE);
            }
            order.sort(memory, Request.FOUND);
            if (failure == 0 && request.ttl > 0) {
                cache.put(memory, Request.TRIED, request.triedLength, Resolver.ADDRESSES,
                        resolver.loop().nowNs() + request.ttl * SECOND_NS, memory, Request.FOUND);
                resolver.tally(ResolverMetrics.EVICTED_OFFSET, cache.takeEvicted());
            }
        }
        end(request, memory, Request.FOUND, 0, request.ttl);
    }

    private void end(Request request, NativeBuffer memory, int at, int flags, long ttl) {
        int result = memory.getInt(at + Answer.RESULT);
        if (result == ReturnCode.DNS_NXDOMAIN || result == ReturnCode.DNS_NODATA) {
            request.sawNoData |= result == ReturnCode.DNS_NODATA;
            nextName(request);
        } else if (!Answer.isFailure(result) || !answerStale(request)) {
            resolver.finish(request, memory, at, flags, ttl);
        }
    }

    /** The deadline of the request has passed. */
    void expired(Request request) {
        if (!answerStale(request)) {
            resolver.finish(request, ReturnCode.TIMED_OUT);
        }
    }

    private boolean answerStale(Request request) {
        if (config.staleSeconds == 0) {
            return false;
        }
        int entry = cache.find(request.memory, Request.TRIED, request.triedLength, request.type);
        if (entry < 0 || cache.memory().getInt(cache.answer(entry)) < 0
                || resolver.loop().nowNs() - cache.expiresNs(entry)
                > config.staleSeconds * SECOND_NS) {
            return false;
        }
        resolver.tally(ResolverMetrics.STALE_OFFSET, 1);
        resolver.finish(request, cache.memory(), cache.answer(entry), Answer.STALE, 0);
        return true;
    }
}
