/** Programs that run the library for hours, and report growth and broken invariants. */
package io.penstock.proof;
