// Package formats writes a record in the forms that other programs read. Each format
// is a pure function from a record to bytes. What a record lacks, such as a summary
// or a finite number, is left out.
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
	Epochs     bool                // CSV has a row for each epoch, not each launch
	Comparison *compare.Comparison // with a base, or of the record's own two sides; nil for none
	Threshold  float64             // the change that matters, as a share; 0 means the record's own
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

// Names returns the names of the formats.
func Names() []string {
	var out []string
	for _, f := range formats {
		out = append(out, f.name)
	}
	return out
}

// Known reports whether there is a format of that name.
func Known(name string) bool { return slices.Contains(Names(), name) }

// Write returns the record in the format of that name. The error names what of the
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
