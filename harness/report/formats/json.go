package formats

import (
	"bytes"

	"epochtime/harness/record"
)

// JSON is the record itself, as run --json writes it.
func JSON(r *record.Record) ([]byte, error) {
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
