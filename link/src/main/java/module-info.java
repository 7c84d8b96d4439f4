/** Messages over any stream, in frames with checksums. */
module io.penstock.link {
    requires transitive io.penstock.core;

    exports io.penstock.link;
}
