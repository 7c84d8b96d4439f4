package io.penstock.dns.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Records of every type as text, fixed ones and random ones. */
final class Samples {
    /** Type and data, as the RFCs show them or nearly so. */
    static final List<String> RECORDS = List.of(
            "A 192.0.2.1",
            "AAAA 2001:db8:0:0:0:0:0:1",
            "NS ns1.example.com.",
            "CNAME www.example.com.",
            "DNAME other.example.",
            "MB mb.example.com.",
            "MG mg.example.com.",
            "MR mr.example.com.",
            "PTR host.example.com.",
            "SOA ns.example.com. root.example.com. 2024010101 7200 3600 1209600 300",
            "MX 10 mail.example.com.",
            "TXT \"hello world\" \"a\\\"b\\\\c\" \"\"",
            "SPF \"v=spf1 -all\"",
            "HINFO \"INTEL-386\" \"UNIX\"",
            "MINFO a.example.com. b.example.com.",
            "RP admin.example.com. txt.example.com.",
            "AFSDB 1 afs.example.com.",
            "X25 \"311061700956\"",
            "ISDN \"150862028003217\" \"004\"",
            "ISDN \"150862028003217\"",
            "RT 2 relay.example.com.",
            "PX 50 a.example.com. b.example.com.",
            "GPOS \"-32.6882\" \"116.8652\" \"10.0\"",
            "LOC 42 21 54.000 N 71 6 18.000 W -24.00m 30.00m 10000.00m 10.00m",
            "LOC 0 0 0.000 S 180 0 0.000 E 42849672.95m 90000000.00m 70000000.00m 0.00m",
            "SRV 0 5 5060 sip.example.com.",
            "NAPTR 100 10 \"u\" \"sip+E2U\" \"!^.*$!sip:info@example.com!i\" .",
            "KX 10 kx.example.com.",
            "CERT PKIX 12345 8 AQIDBAUGBwg=",
            "APL 1:192.168.32.0/21 !1:192.168.38.0/28 2:ff00:0:0:0:0:0:0:0/8 2:0:1::/32",
            "DS 60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118",
            "CDS 60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118",
            "DLV 60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118",
            "SSHFP 2 1 123456789ABCDEF67890123456789ABCDEF67890",
            "IPSECKEY 10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtu",
            "IPSECKEY 10 3 2 gw.example.com. AQNRU3mG7TVTO2BkR47usntb102uFJtu",
            "IPSECKEY 10 2 2 2001:db8:0:8002:0:0:2000:1 AQNRU3mG7TVTO2BkR47usntb102uFJtu",
            "IPSECKEY 10 0 2 . AQNRU3mG7TVTO2BkR47usntb102uFJtu",
            "RRSIG A 5 3 86400 20300322173103 20300220173103 2642 example.com. "
                    + "oJB1W6WNGv+ldvQ3WDG0",
            "NSEC host.example.com. A MX RRSIG NSEC TYPE1234",
            "DNSKEY 256 3 8 AQPSKmynfzW4kyBv015MUG2DeIQ3",
            "CDNSKEY 256 3 8 AQPSKmynfzW4kyBv015MUG2DeIQ3",
            "KEY 256 3 5 AQPSKmynfzW4kyBv015MUG2DeIQ3",
            "DHCID AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=",
            "NSEC3 1 1 12 AABBCCDD 2t7b4g4vsa5smi47k61mv5bv1a22bojr "
                    + "MX DNSKEY NS SOA NSEC3PARAM RRSIG",
            "NSEC3 1 1 12 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr",
            "NSEC3PARAM 1 0 12 AABBCCDD",
            "NSEC3PARAM 1 0 0 -",
            "TLSA 0 0 1 D2ABDE240D7CD3EE6B4B28C54DF034B97983A1D16E8A410E4561CB106618E971",
            "SMIMEA 0 0 1 D2ABDE240D7CD3EE6B4B28C54DF034B97983A1D16E8A410E4561CB106618E971",
            "HIP 2 200100107B1A74DF365639CC39F1D578 AwEAAbdxyhNuSutc5EMzxTs9LBPCIkOFH8cI "
                    + "r.example.com.",
            "OPENPGPKEY AQIDBAUGBwg=",
            "ZONEMD 2018031500 1 1 FEBE3D4CE2EC2FFA4BA99D46CD69D6D29711E55217057BEE"
                    + "7EB1A7B641A47BA7FED2DD5B97AE499FAFA4F22C6BD647DE",
            "SVCB 1 foo.example.com. port=53",
            "SVCB 0 foo.example.com.",
            "HTTPS 1 . mandatory=alpn,port alpn=h2,h3 no-default-alpn port=8443 "
                    + "ipv4hint=192.0.2.1,192.0.2.2 ech=AQIDBA== ipv6hint=2001:db8:0:0:0:0:0:1 "
                    + "key667=\"hello\"",
            "URI 10 1 \"ftp://ftp1.example.com/public\"",
            "CAA 0 issue \"ca.example.net\"",
            "NSAP 0x47000580005A0000000001E133FFFFFF00016100",
            "NSAP-PTR foo.example.com.");

    /** Those of types that the library tested against does not know. */
    static final List<String> OURS = List.of(
            "CSYNC 66 3 A NS AAAA",
            "TALINK a.example.com. b.example.com.",
            "EUI48 00-00-5e-00-53-2a",
            "EUI64 00-00-5e-ef-10-00-00-2a",
            "NID 10 0014:4fff:ff20:ee64",
            "L32 10 10.1.2.0",
            "L64 10 2001:db8:1140:1000",
            "LP 10 l64-subnet1.example.com.",
            "AMTRELAY 10 0 3 amtrelay.example.com.",
            "AMTRELAY 10 1 0 .",
            "TYPE65280 \\# 4 DEADBEEF",
            "NULL \\# 3 010203",
            "AVC \"app\"",
            "NINFO \"x\"",
            "RESINFO \"qnamemin\" \"exterr=15,16,17\"",
            "DSYNC CDS 1 5359 rr-endpoint.example.");

    private Samples() {
    }

    static List<String> all() {
        List<String> all = new ArrayList<>(RECORDS);
        all.addAll(OURS);
        return all;
    }

    static String name(Random random) {
        String[] hosts = {"www", "mail", "a", "x-1", "ftp", "deep.er.and.deep.er", "_sip._tcp"};
        String[] zones = {"example.com.", "example.net.", "sub.example.com.", "org."};
        return hosts[random.nextInt(hosts.length)] + "." + zones[random.nextInt(zones.length)];
    }
}
