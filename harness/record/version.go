package record

// Program is the version of this epochtime, written into every record.
const Program = "0.1.0"
