package store

import (
	"bytes"
	"compress/gzip"
	"database/sql/driver"
	"encoding/json"
	"io"
	"slices"
	"sync"

	"modernc.org/sqlite"

	"epochtime/harness/record"
)

// machinesOf is a function of SQL that returns the titles of the machines in a packed
// record as a list in JSON, empty where they cannot be read. The tables have no column of
// these names: a person may give a machine another one at any time.
const machinesOf = "epochtime_machines"

// register makes machinesOf known to SQLite.
var register = sync.OnceValue(func() error {
	return sqlite.RegisterDeterministicScalarFunction(machinesOf, 1, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
		text, _ := args[0].([]byte)
		titles, err := machineTitles(text)
		if err != nil {
			titles = []string{}
		}
		out, err := json.Marshal(titles)
		return string(out), err
	})
})

// machineTitles returns the titles of the machines of a packed record, each once. It reads
// no further than them, because the runs are long.
func machineTitles(text []byte) ([]string, error) {
	z, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	in := json.NewDecoder(z)
	if _, err := in.Token(); err != nil { // {
		return nil, err
	}
	for in.More() {
		key, err := in.Token()
		if err != nil {
			return nil, err
		}
		if key != "machines" {
			if err := in.Decode(new(json.RawMessage)); err != nil {
				return nil, err
			}
			continue
		}
		var machines []record.Machine
		if err := in.Decode(&machines); err != nil {
			return nil, err
		}
		out := []string{}
		for _, m := range machines {
			if title := m.Title(); title != "" && !slices.Contains(out, title) {
				out = append(out, title)
			}
		}
		return out, nil
	}
	return nil, io.ErrUnexpectedEOF
}
