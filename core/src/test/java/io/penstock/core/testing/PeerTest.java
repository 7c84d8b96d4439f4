package io.penstock.core.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PeerTest {
    private static final String ABSENT = "penstock-absent";

    @Test
    void aProgramThatIsNotOnTheListIsAMistake() {
        AssertionError e = assertThrows(AssertionError.class, () -> Peer.require(ABSENT));
        assertEquals(ABSENT + " has no line in proof/bin/peers", e.getMessage());
    }

    @Test
    void programsAreFoundOnThePathAndWhereDaemonsAre() {
        assertTrue(Peer.find("sh").isPresent());
        assertFalse(Peer.find(ABSENT).isPresent());
        assertTrue(Peer.path().endsWith(":/usr/sbin:/sbin"));
    }
}
