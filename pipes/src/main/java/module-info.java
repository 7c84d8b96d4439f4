/** Standard input and output, pipes and FIFOs as streams, and frames over any stream. */
module io.penstock.pipes {
    requires transitive io.penstock.core;

    exports io.penstock.pipes;
}
