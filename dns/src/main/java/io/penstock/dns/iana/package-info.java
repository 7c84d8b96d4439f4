/**
 * The numbers that IANA assigns for the DNS, their names, and what the record data of each type
 * is made of.
 */
package io.penstock.dns.iana;
