package tfrecord

// Masked is the checksum of records.
var Masked = masked
