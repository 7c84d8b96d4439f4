/** Standard input and output, pipes and FIFOs as streams. */
module io.penstock.pipes {
    requires transitive io.penstock.core;

    exports io.penstock.pipes;
}
