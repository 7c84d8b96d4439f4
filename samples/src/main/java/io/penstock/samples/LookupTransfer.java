package io.penstock.samples;

import io.penstock.dns.iana.RecordType;
import io.penstock.dns.wire.Message;
import io.penstock.dns.wire.Rdata;
import io.penstock.dns.wire.Section;

/** What a zone transfer has brought so far: RFC 5936, RFC 1995. */
final class LookupTransfer {
    final LookupQuery query;
    int messages;
    int records;
    int soas; // of the newest serial number
    long newest;
    boolean isIncremental;
    boolean isDone;
    long bytes;

    LookupTransfer(LookupQuery query) {
        this.query = query;
    }

    /**
     * A whole zone is between two records of one number. Differences begin with the newest one,
     * go to an older one at once, come to the newest with what is new, and end with it.
     */
    void take(Message message, int length) {
        messages++;
        bytes += length;
        message.seek(Section.ANSWER);
        while (message.nextRecord() && message.section() == Section.ANSWER) {
            records++;
            if (message.record().type() == RecordType.SOA) {
                long serial = message.record().number(Rdata.SOA_SERIAL);
                newest = records == 1 ? serial : newest;
                isIncremental |= records == 2 && serial != newest;
                soas += serial == newest ? 1 : 0;
            }
        }
        boolean isUpToDate = query.type == RecordType.IXFR
                && (int) (newest - query.ixfrSerial) <= 0;
        isDone = soas >= (isIncremental ? 3 : 2) || soas > 0 && isUpToDate;
    }
}
