/** Programs that run the library for long, and say whether anything grew or a law was broken. */
package io.penstock.proof;
