package formats

import (
	"bytes"

	"epochtime/harness/compare"
	"epochtime/harness/record"
	"epochtime/harness/report"
)

// Text is what was shown when the record was measured, and after it what a
// comparison with another record says.
func Text(r *record.Record, o Options) []byte {
	var b bytes.Buffer
	report.Record(&b, r, report.Options{Width: o.Width, Threshold: o.Threshold})
	if c := o.Comparison; c != nil && !ownSides(r, c) {
		b.WriteString("\n")
		report.Comparison(&b, c, compare.Options{Threshold: report.Threshold(o.Threshold, r)}, o.Width)
	}
	return b.Bytes()
}

// ownSides reports whether a comparison is that of the record's own two sides.
func ownSides(r *record.Record, c *compare.Comparison) bool {
	if r.Plan.Kind == record.KindExplain {
		return true // of two builds: the record of a bill is compared with no other
	}
	for i := range r.Runs {
		if r.Runs[i].Side == "A" && len(c.Pairs) == 1 && c.Pairs[0].Base == &r.Runs[i] {
			return true
		}
	}
	return false
}
