// Package limits ends a program at its start, with an error, where the limits of the
// system are so low that Go's runtime would end it with a dump of its state. It is
// imported for that alone. What is initialized before it does not open files.
//
// Limits under which Go's runtime does not even start, such as 600 MiB of address
// space, are beyond its reach.
package limits
