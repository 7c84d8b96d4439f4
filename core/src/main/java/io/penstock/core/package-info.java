/** Result codes, which every other package answers with. */
package io.penstock.core;
