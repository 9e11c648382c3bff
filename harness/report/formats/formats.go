// Package formats writes a record in the forms that other programs read. Each
// format is a pure function from a record to bytes; what a record lacks (a
// summary, a finite number) is left out, never invented.
package formats

import (
	"fmt"
	"slices"
	"strings"

	"epochtime/harness/compare"
	"epochtime/harness/record"
)

// Options of a report.
type Options struct {
	Width      int                 // of the terminal, for Text; 0 is unlimited
	Epochs     bool                // CSV has a row an epoch, not a launch
	Comparison *compare.Comparison // with a base, or of an ab's two sides; nil: none
	Threshold  float64             // the change that matters in it, as a share
}

// formats in the order in which help lists them.
var formats = []struct {
	name  string
	write func(*record.Record, Options) ([]byte, error)
}{
	{"text", func(r *record.Record, o Options) ([]byte, error) { return Text(r, o), nil }},
	{"markdown", func(r *record.Record, o Options) ([]byte, error) { return Markdown(r, o.Comparison), nil }},
	{"csv", func(r *record.Record, o Options) ([]byte, error) { return CSV(r, o.Epochs) }},
	{"json", func(r *record.Record, _ Options) ([]byte, error) { return JSON(r) }},
	{"benchfmt", func(r *record.Record, _ Options) ([]byte, error) { return Benchfmt(r) }},
	{"openmetrics", func(r *record.Record, o Options) ([]byte, error) { return OpenMetrics(r, o.Comparison), nil }},
	{"junit", func(r *record.Record, o Options) ([]byte, error) { return JUnit(r, o.Comparison) }},
	{"mllog", func(r *record.Record, _ Options) ([]byte, error) { return MLLog(r) }},
}

// Names are the formats there are.
func Names() []string {
	var out []string
	for _, f := range formats {
		out = append(out, f.name)
	}
	return out
}

// Known tells whether there is a format of that name.
func Known(name string) bool { return slices.Contains(Names(), name) }

// Write is the record in the format of that name. The error says what of the
// record the format cannot hold.
func Write(name string, r *record.Record, o Options) ([]byte, error) {
	for _, f := range formats {
		if f.name == name {
			out, err := f.write(r, o)
			if err != nil {
				return nil, fmt.Errorf("writing the record as %s: %w", name, err)
			}
			return out, nil
		}
	}
	return nil, fmt.Errorf("no format %q: there are %s", name, strings.Join(Names(), ", "))
}
